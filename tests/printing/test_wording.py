"""A municipality's own words: limits, places, languages; no text of anybody's breaks a paper."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from printing import Profile, build
from printing.decoder import decode
from printing.samples import SAMPLES
from printing.wording import LANGUAGES, SENTENCES, TextWrong, checked, languages_of

THERMAL = SENTENCES.keys() & SAMPLES.keys()
EVERY = [(kind, language, name) for kind in SENTENCES for language in languages_of(kind) for name in SENTENCES[kind]]


def lines(paper, columns=48):
    return decode(build(paper, Profile(columns)), columns=columns).lines


@pytest.mark.parametrize("kind, language, name", EVERY)
def test_the_programs_own_words_keep_the_limits_they_set(kind, language, name):
    words = SENTENCES[kind][name].default(language)
    assert checked(kind, name, words) == words


def test_a_ticket_speaks_three_languages_and_any_other_paper_spanish():
    assert {kind: languages_of(kind) for kind in SENTENCES} == {
        kind: tuple(LANGUAGES) if kind == "ticket" else ("es",) for kind in SENTENCES
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket_of_one_language_says_nothing_in_another(ticket, language):
    others = [other for other in LANGUAGES if other != language]
    printed = " ".join(" ".join(lines(replace(ticket, language=language, preferente=True))).split())
    for name, sentence in SENTENCES["ticket"].items():
        if sentence.default(language):
            start = sentence.default(language).split("{")[0].strip()
            assert start in printed, name
            assert not [other for other in others if sentence.default(other) in printed], name


def test_a_sentence_of_the_municipality_takes_the_place_of_ours_and_an_empty_one_no_line(ticket):
    own = replace(
        ticket, texts={"calls": "Llamamos {llamadas} y pasamos al siguiente.", "today": "", "head": "RUC 20143623042"}
    )
    printed = lines(own)
    assert any("Llamamos 3 veces y pasamos al siguiente." in line for line in printed)
    assert not any("vale solo hoy" in line for line in printed)
    assert len(printed) == len(lines(ticket))  # one line more under the office, one less at the end
    assert printed[2].strip() == "RUC 20143623042"


@pytest.mark.parametrize(
    "name, typed, why",
    [
        ("title", "x" * 25, "Hasta 24 letras"),
        ("calls", "Le llamaremos {veces}.", "solo puede ir {llamadas}"),
        ("calls", "Le llamaremos {llamadas.__class__}.", "solo puede ir"),
        ("calls", "Le llamaremos {llamadas.", "solo puede ir"),
        ("seat", "Siéntese {aquí}", "no van llaves"),
        ("seat", "Siéntese }", "no van llaves"),
    ],
)
def test_what_a_paper_could_not_say_is_refused_in_words(name, typed, why):
    with pytest.raises(TextWrong, match=why) as refusal:
        checked("ticket", name, typed)
    assert refusal.value.extra == {"field": name}


def test_a_text_is_kept_clean():
    assert checked("ticket", "seat", "  Tome \n asiento\x1b@\x00\u200b.  ") == "Tome asiento@."
    assert checked("ticket", "seat", "Recepcio\u0301n") == "Recepción"


@settings(max_examples=200, deadline=None)
@given(
    which=st.sampled_from([one for one in EVERY if one[0] in THERMAL]),
    typed=st.text(max_size=160),
    columns=st.sampled_from([24, 32, 42, 48, 64]),
)
def test_no_words_of_a_municipality_can_break_a_paper(which, typed, columns):
    """Fuzzed as typed, past the check or refused by it; and as stored by anybody, past no check at all."""
    kind, language, name = which
    texts = [typed]
    with suppress(TextWrong):
        texts.append(checked(kind, name, typed))
    for text in texts:
        paper = replace(SAMPLES[kind], texts={name: text})
        paper = replace(paper, language=language) if kind == "ticket" else paper
        decoded = decode(build(paper, Profile(columns)), columns=columns)
        assert (decoded.cuts, decoded.unknown, decoded.truncated) == (1, (), False)
        assert not [row for row in decoded.rows if row.wrapped]
        assert decoded.qrs == decode(build(SAMPLES[kind], Profile(columns)), columns=columns).qrs
        assert paper.kind == kind


@example(typed="e\u200d\u0301")
@given(typed=st.text(st.one_of(st.characters(), st.sampled_from("e\u0301\u200d \x1b")), max_size=40))
def test_a_sentence_as_it_is_kept_is_kept_as_it_is(typed):
    """A cabin checks again what the centre checked."""
    with suppress(TextWrong):
        kept = checked("cargo", "foot", typed)
        assert checked("cargo", "foot", kept) == kept
