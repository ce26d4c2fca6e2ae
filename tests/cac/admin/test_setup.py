"""Salas, services, ventanillas, cabins and the TUPA, set up by forms alone."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from cac.desk.demo import seed
from cac.desk.models import Sala, Service, Ventanilla, VentanillaService
from cac.desk.queries import services_of
from core.clock import now_utc

TUPA = Path("data/tupa.json").read_bytes()


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def admin(person, store):
    store.write(seed, now_utc())
    return person("admin")


def ids(store, model) -> list[int]:
    with store.read() as session:
        return list(session.scalars(select(model.id).order_by(model.id)))


def test_a_service_is_renamed_closed_and_its_letter_stays(admin, store):
    sala, service = ids(store, Sala)[0], ids(store, Service)[3]
    form = {"name": "Transporte", "example": "Mototaxi, brevete", "icon": "motorbike"}
    assert "Servicio guardado" in text_of(
        admin.post(f"/admin/salas/{sala}/servicios/{service}", form, follow_redirects=True)
    )
    with store.read() as session:
        shown = {row["code"]: row for row in services_of(session, "principal", now=now_utc())}
        stored = session.get_one(Service, service)
    assert (stored.code, stored.name, stored.active) == ("D", "Transporte", False)
    assert "D" not in shown or not shown["D"]["open"]


def test_a_new_service_is_attended_by_every_ventanilla(admin, store):
    sala = ids(store, Sala)[0]
    form = {"code": "g", "name": "Programas sociales", "example": "Vaso de leche", "icon": "users"}
    admin.post(f"/admin/salas/{sala}/servicios", form)
    with store.read() as session:
        service = session.scalars(select(Service).where(Service.code == "G")).one()
        attended = session.scalars(select(VentanillaService).where(VentanillaService.service_id == service.id)).all()
    assert len(attended) == 4
    again = admin.post(f"/admin/salas/{sala}/servicios", form)
    assert again.status_code == 409 and "Esa letra ya es de otro servicio" in text_of(again)


def test_a_ventanilla_is_added_and_told_what_it_attends(admin, store):
    admin.post(f"/admin/salas/{ids(store, Sala)[0]}/ventanillas")
    new = ids(store, Ventanilla)[-1]
    admin.post(f"/admin/ventanillas/{new}/servicios", {"service": ["A", "C"]})
    with store.read() as session:
        rows = session.scalars(select(VentanillaService).where(VentanillaService.ventanilla_id == new)).all()
    assert len(rows) == 2
    assert admin.post(f"/admin/ventanillas/{new}/servicios", {}).status_code == 422


def test_a_sala_gets_hours_and_wrong_ones_are_refused(admin, store):
    sala = ids(store, Sala)[0]
    form = {"name": "Sala norte", "alert_minutes": "45", "recalls": "3", "from": "07:30", "until": "15:30"}
    assert admin.post(f"/admin/salas/{sala}", form).status_code == 302
    with store.read() as session:
        assert session.get_one(Sala, sala).timetable["week"][0] == [["07:30", "15:30"]]
    refused = admin.post(f"/admin/salas/{sala}", form | {"until": "tarde"})
    assert refused.status_code == 422 and "07:30 y 15:30" in text_of(refused)


def test_the_head_of_the_papers_is_changed(admin):
    page = text_of(admin.get("/admin/salas"))
    site = re.search(r'action="/admin/sedes/(\d+)"', page)[1]
    changed = admin.post(
        f"/admin/sedes/{site}", {"name": "Municipalidad de Celendín", "office": "CAC"}, follow_redirects=True
    )
    assert "Municipalidad de Celendín" in text_of(changed)


def test_a_cabin_is_added_and_gets_a_pairing_code_shown_once(admin):
    form = {"code": "C02", "name": "Cabina Sol", "partner": "Sol E.I.R.L.", "ruc": "20512333797", "service": "4.00"}
    assert admin.post("/admin/cabinas", form | {"guarantee": "300.00"}).status_code == 302
    shown = text_of(admin.post("/admin/cabinas/C02/codigos"))
    code = re.search(r'class="clave">([^<]+)<', shown)[1]
    assert code not in text_of(admin.get("/admin/cabinas"))
    wrong = admin.post("/admin/cabinas", form | {"code": "C03", "ruc": "20512333798", "guarantee": "300.00"})
    assert wrong.status_code == 422 and 'id="ruc-error"' in text_of(wrong) and "Cabina Sol" in text_of(wrong)


def test_a_tupa_is_published_once_from_its_file(admin):
    sent = {"file": (io.BytesIO(TUPA), "tupa.json")}
    first = admin.post("/admin/tupa", sent, content_type="multipart/form-data", follow_redirects=True)
    assert "73 trámites" in text_of(first) and "Vigente" in text_of(first)
    sent = {"file": (io.BytesIO(TUPA), "tupa.json")}
    again = admin.post("/admin/tupa", sent, content_type="multipart/form-data", follow_redirects=True)
    assert "ya estaba publicada" in text_of(again)
    broken = {"file": (io.BytesIO(b"{"), "tupa.json")}
    refused = admin.post("/admin/tupa", broken, content_type="multipart/form-data")
    assert refused.status_code == 422 and "no es un TUPA" in text_of(refused)
