"""The municipality's own words and logo on every A4 document of the centre and of a till."""

from __future__ import annotations

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cabinas.operators.actions import add_operator, hash_pin
from cac.desk import demo
from cac.expedientes.models import Expediente
from core.clock import lima_day, now_utc
from tests.both_ends import Town
from tests.cabinas.conftest import Cabin, signed_in
from tests.cac.both_ends.test_stationery import drawing, put_logo, say

FOOT = "Línea gratuita de quejas 0800 12345"


@pytest.fixture
def number(town: Town, cabin: Cabin) -> str:
    """A case of the till that the centre has."""
    town.store.write(demo.seed, now=now_utc())
    filed: str = cabin.file().json["number"]
    cabin.talk()
    return filed


@pytest.fixture
def cabin(town: Town) -> Cabin:
    cabin = town.pair("C01")
    cabin.store.write(add_operator, login="cabina1", name="Elva R.", pin_hash=hash_pin("demo-cabina"), now=now_utc())
    return cabin


def words(http: FlaskClient, address: str) -> tuple[str, int]:
    """What a document says, and how many pictures are on its first page."""
    answer = http.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), address
    with pypdfium2.PdfDocument(answer.data) as document:
        text = " ".join(page.get_textpage().get_text_bounded() for page in document)
        return text, len(list(document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])))


def test_they_are_on_every_document_of_the_centre(town: Town, number: str, person):
    tracked = f"/api/v1/seguimiento/{number}/cargo.pdf?key={key_of(town, number)}"
    documents = {
        "cargo": [("ventanilla", f"/expedientes/{number}/cargo.pdf"), ("ventanilla", tracked)],
        "caratula": [("ventanilla", f"/expedientes/{number}/caratula.pdf")],
        "liquidacion": [("tesoreria", "/tesoreria/cabinas/C01/liquidacion/pdf")],
        "reporte": [("supervisor", "/reportes/cifras.pdf")],
        "tupa": [("ventanilla", "/tramites.pdf")],
        "cartel": [("admin", "/admin/salas/principal/cartel.pdf")],
    }
    people = {role: person(role) for role in ("ventanilla", "tesoreria", "supervisor", "admin")}
    for kind, addresses in documents.items():
        for role, address in addresses:
            text, pictures = words(people[role], address)
            assert FOOT not in text and pictures == 0, kind
        say(town, kind, foot=FOOT, head=f"RUC 20143623042, {kind}")
    put_logo(town, drawing())
    for kind, addresses in documents.items():
        for role, address in addresses:
            text, pictures = words(people[role], address)
            assert FOOT in text and f"RUC 20143623042, {kind}" in text and pictures == 1, address


def test_a_fee_left_for_the_bank_is_told_alike_by_both_ends(town: Town, cabin: Cabin, person):
    town.store.write(demo.seed, now=now_utc())
    filed: str = cabin.file(payment={"method": "banco"}).json["number"]
    cabin.talk()
    documents = [
        words(signed_in(cabin), f"/registrado/{filed}/cargo.pdf")[0],
        words(person("ventanilla"), f"/expedientes/{filed}/cargo.pdf")[0],
    ]
    for text in documents:
        said = " ".join(text.split())
        assert "Pago pendiente" in said and "Pagado en efectivo -4.00 Por pagar S/ 11.00" in said


def test_a_till_has_them_once_it_has_talked_and_a_cargo_keeps_those_it_was_made_with(
    town: Town, cabin: Cabin, number: str
):
    for kind in ("cargo", "liquidacion"):
        say(town, kind, foot=FOOT)
    put_logo(town, drawing())
    operator = signed_in(cabin)
    today = lima_day(now_utc())
    settlement = f"/liquidacion/pdf?desde={today}&hasta={today}"
    assert FOOT not in words(operator, settlement)[0], "it has not talked yet"
    cabin.talk()
    text, pictures = words(operator, settlement)
    assert FOOT in text and pictures == 1
    later = cabin.file().json["number"]
    text, pictures = words(operator, f"/registrado/{later}/cargo.pdf")
    assert FOOT in text and pictures == 1
    text, pictures = words(operator, f"/registrado/{number}/cargo.pdf")
    assert FOOT not in text and pictures == 0, "as on the paper that the citizen has"


def key_of(town: Town, number: str) -> str:
    with town.store.read() as session:
        return session.scalars(select(Expediente.track_key).where(Expediente.number == number)).one()
