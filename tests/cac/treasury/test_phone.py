"""C13 at the centre: treasury reads a code aloud, and its signed word follows when the cabin has a link again."""

from __future__ import annotations

import re

import pytest

from core import ledger, phone, wire
from core.clock import now_utc


@pytest.fixture
def hashes(till) -> wire.PhoneCodes:
    """What the till was given while it had a link."""
    reply = till.sync([], codes_epoch=1, codes_first=1)
    return wire.open_sealed(till.centre, reply.codes, wire.PhoneCodes)


def remit(till, centimos: int, slot: int) -> wire.RemittanceDeclared:
    return till.remit(centimos, slot=slot)


def take(till, declared: wire.RemittanceDeclared, code: str) -> None:
    entry = ledger.confirm_by_code(declared.ledger.entry())
    till.append(
        wire.RemittanceByCode(
            at=now_utc(),
            operator="Elva R.",
            id=declared.id,
            slot=declared.slot,
            code=code,
            centimos=declared.centimos,
            ledger=wire.LedgerEntry.of(entry),
        )
    )


def read_code(desk, codigo: str = "A-1", importe: str = "11.00") -> str:
    form = {"codigo": codigo, "importe": importe, "referencia": "BN 001", "de": "cabina"}
    return desk.post("/tesoreria/cabinas/C01/codigos", form, follow_redirects=True).text


def account(caller) -> dict:
    return caller("auditor").get("/cabinas/C01").json


def test_c13_the_code_read_aloud_is_the_one_the_cabin_can_verify_with_no_link(till, hashes, person, caller):
    till.file()
    assert len(hashes.hashes) == phone.SLOTS_GIVEN and hashes.epoch == till.lease.epoch
    page = read_code(person("tesoreria"))
    code = re.search(r"el código ([0-9A-Z]{4}-[0-9A-Z]{4}) para la remesa A-1", page)[1]
    assert phone.is_right(code, hashes.hashes[0], cabina="C01", epoch=1, slot=1, centimos=1_100)
    assert code in read_code(person("tesoreria")), "asked again, the same"
    assert account(caller)["balance_centimos"] == 0, "nothing had come from the cabin yet"
    declared = remit(till, 1_100, 1)
    take(till, declared, code)
    till.held_centimos = 0
    reply = till.sync()
    (word,) = (wire.open_sealed(till.centre, sealed, wire.Confirmation) for sealed in reply.confirmations)
    assert (word.kind, word.subject, word.centimos) == ("remesa_confirmada", declared.id, 1_100)
    assert account(caller)["balance_centimos"] == 0
    assert "cabina.codigo_distinto" not in [alarm["code"] for alarm in account(caller)["alarms"]]


def test_a_cabin_that_used_the_code_for_more_is_told_of_and_still_owes_it_all(till, hashes, person, caller):
    for _ in range(3):
        till.file()
    read_code(person("tesoreria"))
    declared = remit(till, 3_300, 1)
    take(till, declared, "AAAA-AAAA")
    assert till.sync().confirmations == ()
    seen = account(caller)
    assert seen["balance_centimos"] == 3_300
    assert "cabina.codigo_distinto" in [alarm["code"] for alarm in seen["alarms"]]
    path = f"/cabinas/C01/remesas/{declared.id}/confirmaciones"
    assert caller("tesoreria").post(path, {"centimos": 1_100}).status_code == 201
    seen = account(caller)
    assert seen["balance_centimos"] == 2_200
    assert "cabina.codigo_distinto" not in [alarm["code"] for alarm in seen["alarms"]]


def test_a_code_is_not_read_for_another_amount(till, hashes, person):
    till.file()
    desk = person("tesoreria")
    read_code(desk)
    assert "Ese código ya se dio por otro importe" in read_code(desk, importe="12.00")
    assert "Escriba el número de código" in read_code(desk, codigo="tres")
    assert "Escriba el número de código" in read_code(desk, codigo="Z-3")
    assert "Escriba lo recibido en soles" in read_code(desk, importe="mucho")


def test_what_the_cabin_already_declared_is_what_the_code_is_for(till, hashes, person):
    till.file()
    remit(till, 1_000, 1)
    till.sync()
    desk = person("tesoreria")
    assert "La cabina declaró S/ 10.00" in read_code(desk)
    assert "el código" in read_code(desk, importe="10.00")
    till.sync([])
    assert "ya se pronunció" in read_code(desk, importe="10.00")


def test_an_auditor_reads_no_code_to_anybody(till, hashes, person):
    assert person("auditor").post("/tesoreria/cabinas/C01/codigos", {"codigo": "A-1"}).status_code == 403
