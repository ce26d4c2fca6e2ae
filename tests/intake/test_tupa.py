import json
from pathlib import Path

import pytest

from intake.tramite import entry_from_json, entry_to_json
from intake.tupa import TupaInvalid, parse_tupa

TEXT = Path("data/tupa.json").read_text(encoding="utf-8")
TUPA = parse_tupa(TEXT, uit_centimos=550_000)
BY_CODE = {entry.tramite.code: entry for entry in TUPA.entries}


def test_the_whole_file_is_read():
    assert len(TUPA.entries) == 73
    birth = BY_CODE["RC-01"].tramite
    assert (birth.fee_centimos, birth.term_business_days, birth.area_code) == (1100, 1, "RC")
    assert [requisito.code for requisito in birth.requisitos] == ["1", "2", "3"]
    assert [(v.code, v.centimos) for v in BY_CODE["LF-11"].tramite.fee_variants] == [
        ("1", 19328),
        ("2", 15661),
        ("3", 10286),
    ]


def test_what_editors_wrote_for_themselves_is_not_kept():
    kept = json.dumps([entry_to_json(entry) for entry in TUPA.entries], ensure_ascii=False)
    for procedure in json.loads(TEXT)["procedures"]:
        for name in ("notes", "source", "term_note"):
            assert not procedure[name] or procedure[name] not in kept
    for name in ("notes", "source", "source_kind", "verified_fields", "term_note"):
        assert f'"{name}"' not in kept


def test_mere_reception_is_no_approval():
    for code in ("SG-08", "SG-10"):
        entry = BY_CODE[code]
        assert entry.tramite.reception_only
        assert entry.tramite.qualification == "no_aplica"
        assert entry.sheet.qualification_label == "Recepción (no es una aprobación)"
    assert BY_CODE["LF-08"].tramite.qualification == "automatico"


def test_a_remedy_joins_the_case_it_speaks_of():
    assert {code for code, entry in BY_CODE.items() if entry.tramite.joins} == {"SG-04", "SG-05", "SG-06", "SG-10"}


def test_what_is_free_by_law_puts_no_cabin_fee_on_the_citizen():
    assert BY_CODE["SG-08"].tramite.cabin_fee_bearer == "municipality"
    assert BY_CODE["RC-01"].tramite.cabin_fee_bearer == "citizen"


def test_two_files_never_share_a_version():
    other = TEXT.replace('"fee_soles": "11.00"', '"fee_soles": "12.00"')
    assert parse_tupa(other).version != TUPA.version
    assert TUPA.version.startswith("2026-11-20.")
    assert {entry.tramite.version for entry in TUPA.entries} == {TUPA.version}


def test_an_entry_survives_the_wire():
    for entry in TUPA.entries:
        assert entry_from_json(json.loads(json.dumps(entry_to_json(entry)))) == entry


def changed(**fields):
    file = json.loads(TEXT)
    file["procedures"][0].update(fields)
    return json.dumps(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no es un TUPA"),
        ("[]", "no es un TUPA"),
        ('{"procedures": []}', "no tiene procedimientos"),
        (changed(fee_soles="11,00"), "importe en soles"),
        (changed(term_business_days="1"), "RC-01 (n.º 1): revise term_business_days"),
        (changed(code="RC-02"), "RC-02 está repetido"),
        (changed(term_business_days=31), "necesita una ley"),
        (changed(fee_soles="5500.01"), "1 UIT (S/ 5500.00)"),
    ],
)
def test_a_wrong_file_says_what_to_mend(text, said):
    with pytest.raises(TupaInvalid) as refused:
        parse_tupa(text, uit_centimos=550_000)
    assert said in refused.value.detail
