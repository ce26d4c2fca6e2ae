"""The orientador's tablet: a ticket given by hand, on paper or for the phone."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cac.access.actions import add_staff
from cac.desk.models import Ticket
from cac.paper.models import PrintJob
from core.clock import now_utc

pytestmark = pytest.mark.usefixtures("sala")


@pytest.fixture
def tablet(client, store):
    """Signed in as an orientador."""
    account = {"username": "ori", "name": "Ori", "role": "orientador", "password": "una clave larga"}
    store.write(add_staff, now=now_utc(), **account)
    page = client.post("/entrar", data={"username": "ori", "password": "una clave larga"})
    assert page.location == "/orientador", "it lands on its page"
    return client


def give(tablet, key=None, **fields):
    return tablet.post("/orientador/tickets", data={"_key": key or uuid4().hex, "service": "A", **fields})


def count(store, model):
    with store.read() as session:
        return session.query(model).count()


def test_each_service_is_one_touch_and_says_how_many_wait(tablet):
    page = tablet.get("/orientador").text
    assert page.count('name="service"') == 6 and "Atención preferente" in page and "En su celular" in page


def test_a_ticket_on_paper_says_how_its_paper_stands_and_shows_its_code_and_qr(tablet, store):
    page = tablet.get(give(tablet, preferente="1").location).text
    assert 'aria-label="P-001"' in page and "Imprimiendo" in page and "/orientador/qr/" in page
    assert count(store, PrintJob) == 1


def test_a_ticket_for_the_phone_uses_no_paper_and_its_qr_opens_its_page(tablet, store):
    where = give(tablet, entrega="celular").location
    assert "Sin papel" in tablet.get(where).text and count(store, PrintJob) == 0
    token = where.rsplit("/", 1)[1]
    assert tablet.get(f"/orientador/qr/{token}.svg").mimetype == "image/svg+xml"
    assert tablet.get(f"/t/{token}").status_code == 200


def test_the_same_touch_twice_is_one_ticket(tablet, store):
    assert give(tablet, key="touch").location == give(tablet, key="touch").location
    assert count(store, Ticket) == 1


def test_looking_gives_nothing(tablet, store):
    where = give(tablet).location
    for path in ("/orientador", where, where + "/papel"):
        assert tablet.get(path).status_code == 200
    assert tablet.get("/orientador/tickets").status_code == 405 and count(store, Ticket) == 1


def test_an_unknown_service_is_refused_on_the_page(tablet):
    answer = give(tablet, service="Z")
    assert answer.status_code == 404 and "No existe ese servicio" in answer.text


def test_a_device_of_the_hall_may_not(client, pair):
    pair(client, "kiosko")
    assert client.get("/orientador").status_code in (302, 401, 403)
