"""The centre tells a cabin's receipt before it has heard of it, and tells every cabin by what."""

from __future__ import annotations

from datetime import timedelta

from cac.access.actions import SYSTEM
from cac.sync.actions import revoke
from core import wire
from core.clock import now_utc
from core.receipt import Receipt, code_of


def receipt_of(till, fact) -> str:
    return code_of(till.key, Receipt(fact.number, fact.at, fact.tramite, fact.total_centimos))


def test_a_receipt_is_authentic_before_its_event_and_false_when_changed(till):
    fact = till.file()
    code = receipt_of(till, fact)
    page = till.client.get("/verificar", query_string={"c": code}).text
    assert "AUTÉNTICO" in page and "aún no envía" in page and fact.applicant.name not in page
    till.sync()
    assert "aún no envía" not in till.client.get("/verificar", query_string={"c": code}).text
    cheaper = code.replace(".1500.", ".1100.")
    assert "FALSO" in till.client.get("/verificar", query_string={"c": cheaper}).text
    assert "no es el código" in till.client.get("/verificar?c=hola").text
    assert till.client.get("/verificar").status_code == 200


def test_a_cabin_pulls_the_list_once_a_version(till):
    first = till.sync([]).verification
    known = wire.open_sealed(till.centre, first, wire.Verification)
    assert [(key.cabina, key.series, key.key) for key in known.keys] == [("C01", "A", wire.public_text(till.key))]
    assert till.sync([], verification_version=known.version).verification is None


def test_what_a_pc_signs_after_it_was_revoked_is_false(till, store):
    before = till.file()
    after = till.file(at=now_utc() + timedelta(hours=1))
    store.write(revoke, "C01", reason="robada", principal=SYSTEM, now=now_utc())
    assert "AUTÉNTICO" in till.client.get("/verificar", query_string={"c": receipt_of(till, before)}).text
    assert "FALSO" in till.client.get("/verificar", query_string={"c": receipt_of(till, after)}).text
