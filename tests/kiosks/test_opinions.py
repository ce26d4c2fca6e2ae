"""An opinion from the tablet, the phone and the kiosk; each works as forms alone."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from cac.access.actions import SYSTEM, TabletNowhere, create_device
from cac.desk import actions as desk
from cac.opinions.models import Opinion
from core.clock import now_utc

pytestmark = pytest.mark.usefixtures("sala")


def given():
    return {"principal": SYSTEM, "public_url": "http://cac.example", "now": now_utc()}


@pytest.fixture
def attend(store):
    """`attend(ventanilla=2)`: (id, code, token) of a turn finished there."""

    def attend(service="A", *, ventanilla=1):
        ticket = store.write(desk.issue, service, preferente=False, channel="web", **given())
        for verb in (desk.call_chosen, desk.start, desk.finish):
            store.write(verb, desk.Press(SYSTEM, now_utc(), ticket["id"], number=ventanilla))
        return ticket["id"], ticket["code"], ticket["follow_url"].rsplit("/", 1)[1]

    return attend


@pytest.fixture
def opinions(store):
    def kept():
        with store.read() as session:
            return [
                tuple(row)
                for row in session.execute(select(Opinion.ticket_id, Opinion.face, Opinion.place, Opinion.comment))
            ]

    return kept


@pytest.fixture
def tablet(app, store):
    """The browser of ventanilla 1's tablet, paired."""
    device = {"kind": "tableta", "name": "Tableta 1", "sala": "principal", "ventanilla": 1}
    client = app.test_client()
    client.post(f"/emparejar/{store.write(create_device, **device, now=now_utc())}")
    return client


@pytest.fixture
def kiosk(client, pair):
    pair(client, "kiosko")
    return client


def form_of(page: str) -> dict[str, str]:
    """Its hidden fields, as a browser would send them."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


# --- the tablet


def test_a_tablet_is_of_one_ventanilla(store):
    with pytest.raises(TabletNowhere):
        store.write(create_device, kind="tableta", name="T", sala="principal", now=now_utc())


def test_an_unpaired_tablet_asks_nothing(client):
    assert "aún no está emparejado" in client.get("/tableta").text
    for path in ("/tableta/estado", "/tableta/opiniones", "/tableta/senales"):
        assert client.open(path, method="GET" if "estado" in path else "POST").status_code in (302, 401, 403)


def test_pairing_leads_to_the_tablets_page(app, store):
    device = {"kind": "tableta", "name": "T", "sala": "principal", "ventanilla": 2}
    secret = store.write(create_device, **device, now=now_utc())
    client = app.test_client()
    assert "tableta de opinión, sala principal, ventanilla 2" in client.get(f"/emparejar/{secret}").text
    assert client.post(f"/emparejar/{secret}").location == "/tableta"


def test_the_tablet_asks_when_its_ventanilla_finishes_and_goes_back_once_told(tablet, attend, opinions):
    assert "Ventanilla <b" in tablet.get("/tableta/estado").text
    ticket, code, _ = attend(ventanilla=1)
    page = tablet.get("/tableta/estado").text
    assert "¿Cómo le atendimos?" in page and page.count('name="face"') == 5 and "Muy bien" in page
    answer = tablet.post("/tableta/opiniones", data={**form_of(page), "face": "4", "comment": "Bien"})
    assert "Gracias por su opinión" in answer.text
    assert opinions() == [(ticket, 4, "tableta", "Bien")]
    assert "¿Cómo le atendimos?" not in tablet.get("/tableta/estado").text


def test_the_tablet_of_another_ventanilla_neither_asks_nor_rates(tablet, attend, opinions):
    ticket, _, _ = attend(ventanilla=2)
    assert "¿Cómo le atendimos?" not in tablet.get("/tableta/estado").text
    assert tablet.post("/tableta/opiniones", data={"_key": "k", "ticket": ticket, "face": "1"}).status_code == 404
    assert opinions() == []


def test_the_same_touch_sent_twice_is_one_opinion(tablet, attend, opinions):
    attend()
    data = {**form_of(tablet.get("/tableta/estado").text), "face": "5"}
    assert [tablet.post("/tableta/opiniones", data=data).status_code for _ in range(2)] == [200, 200]
    assert len(opinions()) == 1


def test_the_tablet_speaks_three_languages(tablet, attend):
    attend()
    assert "How did we serve you?" in tablet.get("/tableta/estado?idioma=en").text
    assert "¿Imaynatam yanaparqayku?" in tablet.get("/tableta/estado?idioma=qu").text


# --- the phone


def test_the_phone_asks_after_the_attention_and_thanks_with_the_face_given(client, attend, opinions):
    ticket, _, token = attend()
    page = client.get(f"/t/{token}").text
    assert "¿Cómo le atendimos?" in page
    data = {**form_of(page), "face": "2", "comment": "Esperé mucho"}
    assert client.post(f"/t/{token}/opiniones", data=data).status_code == 303
    page = client.get(f"/t/{token}").text
    assert "Recibimos su opinión: <b>Mal</b>" in page and "¿Cómo le atendimos?" not in page
    assert opinions() == [(ticket, 2, "celular", "Esperé mucho")]


def test_the_phone_says_beside_the_question_what_was_missing(client, attend):
    _, _, token = attend()
    answer = client.post(f"/t/{token}/opiniones", data={"_key": "k"})
    assert answer.status_code == 422 and "Elija una de las cinco caras" in answer.text


def test_a_turn_that_waits_is_not_asked(client, store):
    ticket = store.write(desk.issue, "A", preferente=False, channel="web", **given())
    token = ticket["follow_url"].rsplit("/", 1)[1]
    assert "¿Cómo le atendimos?" not in client.get(f"/t/{token}").text
    assert client.post(f"/t/{token}/opiniones", data={"_key": "k", "face": "5"}).status_code == 409


def test_a_second_opinion_is_told_kindly(client, attend):
    _, _, token = attend()
    for key, status in (("one", 303), ("two", 409)):
        answer = client.post(f"/t/{token}/opiniones", data={"_key": key, "face": "5"})
        assert answer.status_code == status
    assert "Recibimos su opinión" in answer.text


def test_the_chime_is_the_same_for_every_turn(client, attend):
    assert client.get(f"/t/{attend()[2]}/timbre.wav").data[:4] == b"RIFF"


# --- the kiosk


def test_the_kiosk_asks_which_turn_by_number_or_qr_then_how_it_was(kiosk, attend, opinions):
    ticket, code, token = attend()
    assert "/kiosko/opiniones" in kiosk.get("/kiosko").text
    assert 'data-type="A"' in kiosk.get("/kiosko/opiniones").text
    for typed in (code.replace("-", " "), f"http://cac.example/t/{token}"):
        page = kiosk.get("/kiosko/opiniones", query_string={"turno": typed}).text
        assert page.count('name="face"') == 5
    done = kiosk.post("/kiosko/opiniones", data={**form_of(page), "face": "3"})
    assert "gracias=1" in done.location and "Gracias por su opinión" in kiosk.get(done.location).text
    assert opinions() == [(ticket, 3, "kiosko", None)]


def test_the_kiosk_says_what_is_wrong_with_a_number(kiosk, attend, store):
    waiting = store.write(desk.issue, "A", preferente=False, channel="web", **given())
    for typed, said in (("Z-999", "No encontramos ese turno"), (waiting["code"], "cuando termine su atención")):
        answer = kiosk.get("/kiosko/opiniones", query_string={"turno": typed})
        assert said in answer.text and answer.status_code in (404, 409)


def test_without_a_paired_kiosk_nobody_types_numbers(client, attend):
    _, code, _ = attend()
    assert client.get("/kiosko/opiniones", query_string={"turno": code}).status_code in (302, 401)
