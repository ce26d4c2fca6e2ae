"""A receipt's code: small enough for its symbol, true only as it was signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from core import wire
from core.ids import ExpedienteNumber
from core.receipt import PATH, QR_BYTES_MAX, NotAReceipt, Receipt, code_of, judge, qr_of, read

KEY, OTHER = wire.new_key(), wire.new_key()
AT = datetime(2026, 11, 20, 15, 42, 7, tzinfo=UTC)
URL = "https://cac.municajamarca.gob.pe"


def receipt(sequence: int = 124, centimos: int = 1_500) -> Receipt:
    return Receipt(str(ExpedienteNumber(2026, "C03", "A", sequence)), AT, "RC-01", centimos)


def known(key: Ed25519PrivateKey = KEY, until: datetime | None = None) -> list[wire.SeriesKey]:
    return [wire.SeriesKey(cabina="C03", series="A", key=wire.public_text(key), until=until)]


def test_the_code_fits_its_symbol_with_the_address_and_without_one_that_is_too_long():
    code = code_of(KEY, receipt())
    assert qr_of(code, URL) == f"{URL}{PATH}{code}"
    assert len(qr_of(code, URL).encode()) <= QR_BYTES_MAX
    assert qr_of(code, "https://" + "x" * 80) == code
    longest = Receipt(str(ExpedienteNumber(2026, "C030", "AB", 999_999)), AT, "X" * 20, 99_999_999)
    assert len(code_of(KEY, longest).encode()) <= QR_BYTES_MAX


def test_what_was_signed_is_authentic_by_any_reading_of_it():
    code = code_of(KEY, receipt())
    for text in (code, f" {code}\n", qr_of(code, URL)):
        assert read(text).receipt == receipt()
        assert judge(read(text), known(), ()) == "autentico"


def test_a_void_number_is_told_void_only_when_it_is_authentic():
    code = code_of(KEY, receipt())
    assert judge(read(code), known(), {receipt().number}) == "anulado"
    assert judge(read(code_of(OTHER, receipt())), known(), {receipt().number}) == "falso"


def test_another_key_another_series_or_a_pc_no_longer_trusted_is_false():
    assert judge(read(code_of(OTHER, receipt())), known(), ()) == "falso"
    assert judge(read(code_of(KEY, receipt())), [], ()) == "falso"
    assert judge(read(code_of(KEY, receipt())), known(until=AT - timedelta(seconds=1)), ()) == "falso"
    assert judge(read(code_of(KEY, receipt())), known(until=AT), ()) == "autentico"


@given(st.sampled_from([0, 1, 2, 3]), st.integers(1, 9_000))
def test_a_changed_part_is_false(part: int, other: int):
    parts = code_of(KEY, receipt()).split(".")
    changed = receipt(sequence=other).number if part == 0 else str(other)
    if parts[part] != changed:
        parts[part] = changed
        assert judge(read(".".join(parts)), known(), ()) == "falso"


@pytest.mark.parametrize(
    "text",
    ["", "hola", "a.b.c.d.e", "2026-C03A-000124-0.1.RC.1.x", "2026-C03A-000124-1.zzzzzzzzzzzz.RC-01.1.x", "ñ" * 400],
)
def test_what_is_no_receipt_is_said_to_be_none(text: str):
    with pytest.raises(NotAReceipt):
        read(text)
