"""The pages of turns by phone and of appointments: the citizen's, the staff's, the administrator's."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from cac.access.actions import SYSTEM
from cac.citas import demo as citas_demo
from cac.citas.models import Agenda, Cita, PhoneTurn
from cac.citas.routes import citizen
from cac.desk import actions as desk
from cac.desk import demo
from cac.desk.models import Ticket
from core.clock import LIMA, lima_day, now_utc

PHONE = "987 654 321"


@pytest.fixture(autouse=True)
def sala(store):
    store.write(demo.seed, now=now_utc())
    store.write(citas_demo.seed)


@pytest.fixture
def citizen_at(client):
    """A phone: `send(path, **fields)` posts a form of a page it opened."""

    class Phone:
        def get(self, path):
            return client.get(path)

        def send(self, path, key=None, **fields):
            csrf = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/entrar").text)[1]
            return client.post(path, data={"csrf_token": csrf, "_key": key or uuid4().hex, **fields})

        def book(self, **fields):
            day = re.findall(r"dia=([-\d]+)", self.get("/cita?sala=principal&servicio=A").text)[3]
            page = self.get(f"/cita?sala=principal&servicio=A&dia={day}").text
            hour = re.findall(r'name="hora" value="([^"]+)" required>', page)[-1]
            given = {"sala": "principal", "servicio": "A", "hora": hour, "celular": PHONE}
            return self.send("/cita", **given | fields)

    return Phone()


def rows(store, model):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(model))


def cita_of(store):
    with store.read() as session:
        cita = session.scalars(select(Cita).order_by(Cita.id.desc())).first()
        session.expunge_all()
    return cita


def test_the_portal_leads_to_both(citizen_at):
    page = citizen_at.get("/").text
    assert 'href="/turno"' in page and 'href="/cita"' in page


def test_a_turn_from_a_phone_opens_its_own_page_and_says_what_happens_if_absent(citizen_at, store):
    page = citizen_at.get("/turno").text
    assert "ausente" in page and "3 veces" in page
    answer = citizen_at.send("/turno", sala="principal", servicio="A", celular=PHONE)
    assert answer.status_code == 303 and re.fullmatch(r"/t/\w{12}", answer.location)
    with store.read() as session:
        assert session.scalar(select(Ticket.channel)) == "web"


def test_the_same_press_twice_is_one_turn_and_one_cita(citizen_at, store):
    places = {
        citizen_at.send("/turno", key="once", sala="principal", servicio="A", celular=PHONE).location for _ in range(2)
    }
    assert len(places) == 1 and rows(store, Ticket) == 1 and rows(store, PhoneTurn) == 1
    page = citizen_at.get("/cita?sala=principal&servicio=A").text
    hour = re.findall(r'name="hora" value="([^"]+)" required>', page)[-1]
    given = {"sala": "principal", "servicio": "A", "hora": hour, "celular": PHONE}
    assert len({citizen_at.send("/cita", key="cita", **given).location for _ in range(2)}) == 1
    assert rows(store, Cita) == 1


def test_looking_takes_nothing(citizen_at, store):
    for path in ("/turno", "/cita", "/cita?sala=principal&servicio=A"):
        assert citizen_at.get(path).status_code == 200
    assert rows(store, Ticket) == rows(store, Cita) == 0


def test_a_wrong_phone_is_told_beside_its_field_and_what_was_chosen_stays(citizen_at):
    answer = citizen_at.send("/turno", sala="principal", servicio="C", celular="123")
    assert answer.status_code == 422 and 'id="celular-error"' in answer.text
    assert re.search(r'value="C" required checked', answer.text)


def test_phone_and_connection_are_limited_in_the_same_words(citizen_at, store, app):
    for _ in range(3):
        citizen_at.send("/turno", sala="principal", servicio="A", celular=PHONE)
    of_phone = citizen_at.send("/turno", sala="principal", servicio="A", celular=PHONE)
    tries = app.extensions["citas_tries"]
    for _ in range(citizen.PER_ADDRESS):
        tries.note("127.0.0.1", now=now_utc())
    of_address = citizen_at.send("/turno", sala="principal", servicio="A", celular="911111111")
    assert of_phone.status_code == of_address.status_code == 429
    assert all("Por ahora no podemos dar más por este medio" in page.text for page in (of_phone, of_address))
    assert rows(store, Ticket) == 3


def test_the_number_of_a_phone_is_kept_nowhere_as_it_is(citizen_at, store, database_url):
    citizen_at.send("/turno", sala="principal", servicio="A", celular=PHONE)
    citizen_at.book()
    with store.read() as session:
        marks = [*session.scalars(select(PhoneTurn.phone_mark)), *session.scalars(select(Cita.phone_mark))]
    assert len(marks) == 2 and not any("987654321" in mark for mark in marks)


def test_a_cita_is_booked_shown_with_code_and_qr_moved_and_cancelled(citizen_at, store):
    booked = citizen_at.book(recordar="1")
    assert booked.status_code == 303
    page = citizen_at.get(booked.location).text
    cita = cita_of(store)
    assert f"{cita.code[:4]} {cita.code[4:]}" in page and "Las citas entran a su hora" in page
    assert "en cola" in page and "enviado" not in page
    assert citizen_at.get(f"/cita/{cita.token}/qr.svg").mimetype == "image/svg+xml"
    other = re.findall(r'name="hora" value="([^"]+)" required>', citizen_at.get(f"/cita/{cita.token}/cambiar").text)[0]
    assert citizen_at.send(f"/cita/{cita.token}/cambios", codigo=cita.code, hora=other).status_code == 303
    assert cita_of(store).slot_at.isoformat() != cita.slot_at.isoformat()
    assert "¿Anular su cita?" in citizen_at.get(f"/cita/{cita.token}/anular").text
    wrong = citizen_at.send(f"/cita/{cita.token}/anulaciones", codigo="00000000")
    assert wrong.status_code == 404
    citizen_at.send(f"/cita/{cita.token}/anulaciones", codigo=cita.code)
    assert cita_of(store).state == "anulada" and "Cita anulada" in citizen_at.get(booked.location).text


def test_no_token_no_page(citizen_at):
    for path in ("/cita/NADA", "/cita/NADA/qr.svg", "/cita/NADA/anular", "/cita/NADA/cambiar"):
        assert citizen_at.get(path).status_code == 404


def test_an_hour_filled_meanwhile_is_told_and_the_rest_is_offered(citizen_at, store):
    first = citizen_at.book(celular="911111111")
    assert first.status_code == 303
    hour = cita_of(store).slot_at.isoformat()
    citizen_at.book(celular="922222222", hora=hour)
    answer = citizen_at.book(celular="933333333", hora=hour)
    assert answer.status_code == 409 and "se acaba de llenar" in answer.text and 'name="hora"' in answer.text


def test_staff_book_for_somebody_check_them_in_and_see_the_day(person, store):
    clerk = person("ventanilla", sala="principal")
    page = clerk.get("/citas/nueva?servicio=A").text
    hour = re.findall(r'name="hora" value="([^"]+)" required>', page)[0]
    opened = clerk.post("/citas/nueva", {"servicio": "A", "hora": hour, "canal": "telefono"})
    assert opened.status_code == 303
    cita = cita_of(store)
    assert cita.channel == "telefono" and cita.phone_mark is None
    day = clerk.get(f"/citas?dia={cita.slot_at.astimezone(LIMA).date()}").text
    assert "Por llegar" in day
    now = now_utc()
    if cita.slot_at - now < timedelta(minutes=60) and lima_day(cita.slot_at) == lima_day(now):
        assert clerk.post("/citas/llegadas", {"codigo": cita.code}).status_code == 303
        assert cita_of(store).state == "presentada"
    wrong = clerk.post("/citas/llegadas", {"codigo": "1"})
    assert wrong.status_code == 404 and "ocho números" in wrong.text


def test_staff_cancel_for_who_asks(person, store):
    greeter = person("orientador")
    page = greeter.get("/citas/nueva?servicio=A").text
    hour = re.findall(r'name="hora" value="([^"]+)" required>', page)[0]
    greeter.post("/citas/nueva", {"servicio": "A", "hora": hour})
    greeter.post("/citas/anulaciones", {"cita": cita_of(store).id})
    assert cita_of(store).state == "anulada"


def test_the_administrator_sets_the_agenda_and_a_different_day(person, store):
    admin = person("admin")
    path = "/admin/salas/principal/citas"
    assert "Agenda de citas" in admin.get(path).text
    fields = {
        "slot_minutes": "15",
        "from_hour": "08:00",
        "until_hour": "12:00",
        "days_ahead": "7",
        "early_minutes": "30",
    }
    fields |= {"citas_per_phone": "1", "capacity-A": "3", "capacity-B": "0"}
    assert admin.post(path, fields).status_code == 303
    with store.read() as session:
        assert session.scalar(select(Agenda.slot_minutes)) == 15
    wrong = admin.post(path, fields | {"slot_minutes": "2"})
    assert wrong.status_code == 422 and 'id="slot_minutes-error"' in wrong.text
    backwards = admin.post(path, fields | {"until_hour": "07:00"})
    assert backwards.status_code == 422 and 'id="until_hour-error"' in backwards.text
    tomorrow = (now_utc() + timedelta(days=2)).date().isoformat()
    day = {"day": tomorrow, "capacity": "0", "reason": "Aniversario de la ciudad"}
    assert admin.post(path + "/excepciones", day).status_code == 303
    page = admin.get(path).text
    assert "Aniversario de la ciudad" in page
    drop = re.search(r'action="(/admin/salas/principal/citas/excepciones/\d+/bajas)"', page)[1]
    admin.post(drop)
    assert "Aniversario de la ciudad" not in admin.get(path).text


def test_a_sala_without_agenda_gives_nothing_from_a_distance(citizen_at, store):
    store.write(lambda session: [session.delete(one) for one in session.scalars(select(Agenda))] and None)
    assert "kiosco" in citizen_at.get("/turno").text
    assert "no damos citas" in citizen_at.get("/cita").text
    page = citizen_at.get("/").text
    assert 'href="/turno"' not in page and 'href="/cita"' not in page


def test_the_clerk_sees_the_hour_of_the_cita(person, store, citizen_at):
    clerk = person("ventanilla", sala="principal")
    now = now_utc()
    given = {"preferente": False, "channel": "cita", "principal": SYSTEM, "public_url": "http://x", "now": now}
    store.write(desk.issue, "A", slot_at=now, **given)
    clerk.post("/ventanilla/puestos", {"number": "1"})
    hour = now.astimezone(LIMA).strftime("%H:%M")
    assert f"cita {hour}" in clerk.get("/ventanilla").text
    clerk.post("/ventanilla/llamados")
    assert f"cita {hour}" in clerk.get("/ventanilla").text
