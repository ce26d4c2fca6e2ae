"""A receipt told true, void or false at the till, with no link and without having heard of it."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from cabinas.paper.models import PrintJob
from core import wire
from core.ids import ExpedienteNumber
from core.receipt import QR_BYTES_MAX, Receipt, code_of, read
from printing.decoder import decode
from printing.elements import QrSymbol
from tests.cabinas.conftest import NOW, Cabin
from tests.cabinas.stand_in import StandIn

NUMBER = str(ExpedienteNumber(2026, "C02", "B", 7))
ELSEWHERE = wire.new_key()


def told(centre: StandIn, *voided: str) -> None:
    """Another cabin's key, and numbers that are void."""
    keys = (wire.SeriesKey(cabina="C02", series="B", key=wire.public_text(ELSEWHERE)),)
    centre.verification = wire.Verification(version=str(len(voided)), keys=keys, voided=voided)


def of_elsewhere(key: Ed25519PrivateKey = ELSEWHERE) -> str:
    return code_of(key, Receipt(NUMBER, NOW, "RC-01", 1_500))


def page(operator: FlaskClient, code: str) -> str:
    return operator.get("/verificar", query_string={"c": code}).text


def test_another_cabins_receipt_is_told_without_a_link(cabin: Cabin, operator: FlaskClient, centre: StandIn):
    assert "todavía no recibió" in page(operator, of_elsewhere())
    told(centre)
    cabin.talk()
    centre.stop()
    seen = page(operator, of_elsewhere())
    assert "AUTÉNTICO" in seen and NUMBER in seen and "15.00" in seen
    assert "20/11/2026 10:42" in seen  # of the list
    assert "FALSO" in page(operator, of_elsewhere(wire.new_key()))
    assert "no es el código" in page(operator, "hola")


def test_a_void_is_known_from_the_pulled_list_and_not_before(cabin: Cabin, operator: FlaskClient, centre: StandIn):
    told(centre)
    cabin.talk()
    told(centre, NUMBER)
    assert "AUTÉNTICO" in page(operator, of_elsewhere())
    cabin.talk()
    assert "ANULADO" in page(operator, of_elsewhere())


def test_the_cargo_carries_its_own_proof(cabin: Cabin):
    filed = cabin.file().json
    with cabin.store.read() as session:
        paper = decode(session.get_one(PrintJob, filed["print_job"]).data)
    codes = [element.payload for element in paper.elements if isinstance(element, QrSymbol)]
    assert len(codes) == 2 and len(codes[1].encode()) <= QR_BYTES_MAX
    signed = read(codes[1])
    assert (signed.receipt.number, signed.receipt.total_centimos) == (filed["number"], 1_500)
    assert signed.holds(cabin.device.public_key)
