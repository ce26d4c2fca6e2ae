"""The convenio at the centre: its terms changed and heard of by the cabin, its papers, the public list."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from cac.audit.models import AuditEntry
from core import wire
from tests.cac.cabinas import centre_public, convenio, till, tupa

__all__ = ["centre_public", "convenio", "till", "tupa"]

FORM = {
    "name": "Internet Los Sauces",
    "partner": "Los Sauces S.A.C.",
    "ruc": "20512333797",
    "contact": "Elva Rojas, 976 123 456",
    "place": "Jr. Amazonas 512",
    "hours": "lunes a viernes de 8:00 a 18:00",
    "service": "4.50",
    "bearer": "municipality",
    "guarantee": "250.00",
    "warn_percent": "70",
    "tramites": "rc-01, SG-03",
}
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def admin(person):
    return person("admin")


def test_changed_terms_are_logged_and_travel_to_the_cabin(till, admin, store):
    answer = admin.post("/admin/cabinas/C01", FORM, follow_redirects=True)
    assert answer.status_code == 200 and "Convenio de C01 guardado" in answer.text
    told = wire.open_sealed(till.centre, till.sync([]).catalogue, wire.Catalogue).convenio
    assert (told.service_centimos, told.service_bearer, told.guarantee_centimos) == (450, "municipality", 25_000)
    assert (told.warn_percent, told.tramites) == (70, ("RC-01", "SG-03"))
    with store.read() as session:
        logged = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "cabina.convenio")).one()
    assert "service_centimos: 400 → 450" in logged and "tramites: todos → " in logged
    shown = admin.get("/admin/cabinas/C01").text
    assert 'value="4.50"' in shown and "RC-01 SG-03" in shown


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("ruc", "20512333798", "RUC"),
        ("service", "cuatro", "Escriba un importe en soles"),
        ("service", "101.00", "El servicio va de"),
        ("tramites", "RC-01 ZZ-99", "no están en el TUPA vigente: ZZ-99"),
        ("warn_percent", "0", "entre 1 y 100"),
        ("name", " ", "Escriba el nombre"),
        ("bearer", "nadie", "Elija quién"),
    ],
)
def test_what_cannot_be_agreed_is_told_beside_its_field(till, admin, field: str, typed: str, said: str):
    answer = admin.post("/admin/cabinas/C01", FORM | {field: typed})
    assert answer.status_code == 422 and said in answer.text
    assert till.sync([]).catalogue is None, "nothing changed"


def test_the_signed_convenio_is_kept_with_it(till, admin, person):
    form = {"document": "Convenio firmado", "file": (io.BytesIO(PDF), "convenio.pdf")}
    made = admin.post("/admin/cabinas/C01/documentos", form, follow_redirects=True)
    assert "«Convenio firmado» quedó en el convenio" in made.text
    assert admin.get("/admin/cabinas/C01/documentos/1").data == PDF
    assert admin.get("/admin/cabinas/C01/documentos/2").status_code == 404
    empty = admin.post("/admin/cabinas/C01/documentos", {"document": "x"})
    assert empty.status_code == 422 and "Elija el archivo" in empty.text
    other = {"document": "x", "file": (io.BytesIO(b"MZ"), "virus.exe")}
    assert "Adjunte un PDF" in admin.post("/admin/cabinas/C01/documentos", other).text
    assert person("tesoreria").get("/admin/cabinas/C01").status_code == 403


def test_the_public_list_shows_the_cabins_that_attend_and_nothing_of_their_partners(till, convenio, client, caller):
    convenio("C02", name="Cabina sin computadora")
    page = client.get("/cabinas").text
    assert "Internet Los Sauces" in page and "S/ 4.00" in page
    assert "Cabina sin computadora" not in page and "S.A.C." not in page
    caller("tesoreria").post("/cabinas/C01/suspensiones", {"motivo": "no remite"})
    assert "ninguna cabina atiende" in client.get("/cabinas").text
    assert 'href="/cabinas"' in client.get("/").text
