import pytest

from core.identity import Document, check_document, clean_lines, fold, normalize_name


def test_a_dni_is_accepted_without_its_check_digit():
    checked = check_document("DNI", "10117410")
    assert checked.document == Document("DNI", "10117410")
    assert checked.error is None
    assert checked.warning is None


def test_a_right_check_digit_is_read_and_left_out_of_the_number():
    for typed in ("10117410-2", "101174102", "10117410-g"):
        checked = check_document("DNI", typed)
        assert (checked.document.number, checked.error, checked.warning) == ("10117410", None, None)


def test_a_wrong_check_digit_of_a_dni_only_warns():
    checked = check_document("DNI", "10117410-3")
    assert checked.document.number == "10117410"
    assert checked.error is None
    assert "verificador" in checked.warning


@pytest.mark.parametrize("typed", ["1011741", "", None, "ABCDEFGH", "1011741022", "１０１１７４１０"])
def test_what_is_no_dni_is_refused(typed):
    assert "8 dígitos" in check_document("DNI", typed).error


def test_a_ruc_stands_or_falls_with_its_check_digit():
    for good in ("20512333797", "10456789124", "20131312343"):
        assert check_document("RUC", good).error is None
    assert "RUC" in check_document("RUC", "20512333798").error
    assert "RUC" in check_document("RUC", "2051233379").error


@pytest.mark.parametrize("number", ["001234567", "0012345678", "00123456789", "001234567890", "N12345678"])
def test_a_ce_of_nine_to_twelve_is_accepted(number):
    assert check_document("CE", number).error is None


def test_other_documents():
    assert check_document("CE", "12345678").error
    assert check_document("PAS", "ab 123456").document.number == "AB123456"
    assert check_document("PTP", "001234567").error is None
    assert check_document("SIN", "cualquiera").document == Document("SIN", "")
    assert check_document("XYZ", "1").error


def test_a_paper_shows_only_the_last_four_digits():
    assert Document("DNI", "10117410").masked == "DNI ****7410"
    assert Document("SIN", "").masked == "Sin documento"


def test_a_name_keeps_its_letters_and_loses_control_bytes():
    assert normalize_name("  José\u0301 Ñáñez   Q’ero\x1dV\x00 ") == "José\u0301 Ñáñez Q’eroV"
    assert normalize_name("Jose\u0301") == "José"
    assert normalize_name("A\u200bB\u202eC") == "ABC"
    assert len(normalize_name("x" * 500)) == 160
    assert clean_lines("\n uno \x07\r\n\r\ndos\t tres\n") == "uno\n\ndos tres"


def test_searching_forgets_accents_case_and_punctuation():
    assert fold("Ñáñez Q’ero, JOSÉ") == "nanez qero jose"
    assert fold("2026-MPA-000001-Z") == "2026 mpa 000001 z"
