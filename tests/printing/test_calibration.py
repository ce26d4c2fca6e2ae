"""What a person answers of the calibration page becomes the printer's profile, and its URL says it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing import Profile, build
from printing.calibration import ACCENTS, NO_ACCENTS, WIDTHS, Answers, BadAnswers
from printing.decoder import decode
from printing.elements import Cut, QrSymbol, Raster
from printing.profile import CODEPAGE_NUMBERS

GOOD = Answers(48, "A", "propio", cut=True, answers=True)


def test_a_printer_that_does_everything_is_the_ordinary_one():
    assert GOOD.profile(Profile(columns=32, draws_qr=False)) == Profile()
    assert GOOD.words() == "48 columnas, CP850, QR propio, corta, confirma"


def test_each_answer_changes_its_own_trait():
    assert replace(GOOD, columns=32).profile(Profile()) == Profile(columns=32)
    assert replace(GOOD, accents="C").profile(Profile()) == Profile(codepage="cp1252")
    assert replace(GOOD, accents=NO_ACCENTS).profile(Profile()) == Profile(codepage="ascii")
    assert replace(GOOD, qr="dibujado").profile(Profile()) == Profile(draws_qr=False)
    assert replace(GOOD, cut=False).profile(Profile()) == Profile(cuts=False)
    assert replace(GOOD, answers=False).profile(Profile()) == Profile(answers=False)


@pytest.mark.parametrize("wrong", [{"columns": 40}, {"accents": "Z"}, {"qr": ""}])
def test_an_answer_that_the_page_does_not_offer_is_refused(wrong):
    with pytest.raises(BadAnswers):
        replace(GOOD, **wrong)


@given(
    st.builds(
        Profile,
        columns=st.sampled_from(WIDTHS),
        codepage=st.sampled_from(sorted(CODEPAGE_NUMBERS)),
        codepage_number=st.none() | st.integers(0, 255),
        answers=st.booleans(),
        draws_qr=st.booleans(),
        cuts=st.booleans(),
    ),
    st.sampled_from(
        ["tcp://10.0.0.9:9100", "serial:///dev/ttyUSB0?baud=9600", "folder:///papel?png=yes&width=32&qr=image"]
    ),
)
def test_a_url_takes_any_profile_and_keeps_the_rest_of_itself(profile, url):
    told = profile.onto(url)
    assert Profile.from_url(told) == profile
    assert ("baud=9600" in told, "png=yes" in told) == ("baud=9600" in url, "png=yes" in url)
    assert profile.onto(told) == told and told.startswith(url.partition("?")[0])


def test_the_page_shows_what_it_asks(paper_of_calibration):
    for profile in (Profile(), Profile(draws_qr=False), Profile(columns=32)):
        decoded = decode(build(paper_of_calibration, profile), columns=64)
        widths = [len(row.text) for row in decoded.rows if row.text.endswith("-|")]
        assert widths == list(WIDTHS)
        accents = [row.text for row in decoded.rows if row.text[:3] in [f"{letter}  " for letter in ACCENTS]]
        assert len(accents) == len(ACCENTS) and len({text[3:] for text in accents}) == 2  # 437 alone lacks capitals
        assert [type(one) for one in decoded.elements if isinstance(one, QrSymbol | Raster)][:2] == [QrSymbol, Raster]
        assert list(decoded.codepages)[1::2] == list(ACCENTS.values())


def test_a_printer_without_a_knife_gets_no_cut_and_paper_to_tear(paper_of_calibration):
    decoded = decode(build(paper_of_calibration, Profile(cuts=False)))
    assert decoded.cuts == 0 and not isinstance(decoded.elements[-1], Cut)
    assert decoded.elements[-1].dots > decode(build(paper_of_calibration, Profile())).elements[-2].dots
