"""The turn on a phone: its own number and place, nothing of anybody else."""

import pytest

from cac.access.actions import SYSTEM
from cac.desk import actions as desk
from core.clock import now_utc
from kiosks.follow.words import spoken_turn

pytestmark = pytest.mark.usefixtures("sala")


def given():
    return {"principal": SYSTEM, "public_url": "http://cac.example", "now": now_utc()}


def same(text, **values):
    return text % values if values else text


@pytest.fixture
def issue(store):
    def issue(service="A", **more):
        ticket = store.write(desk.issue, service, preferente=False, channel="web", **given(), **more)
        return ticket["id"], ticket["follow_url"].rsplit("/", 1)[1]

    return issue


def test_a_waiting_turn_says_how_many_go_before(client, issue):
    issue()
    _, token = issue()
    page = client.get(f"/t/{token}").text
    assert "A<i>-</i>002" in page and "persona antes que usted" in page and "A-001" not in page


def test_the_next_one_is_told_to_stay_near(client, issue):
    assert "Usted sigue" in client.get(f"/t/{issue()[1]}").text


def test_a_called_turn_says_where_to_go(client, store, issue):
    _, token = issue()
    store.write(desk.call_next, desk.Press(SYSTEM, now_utc(), number=3))
    part = client.get(f"/t/{token}/estado").text
    assert "Es su turno" in part and 'Ventanilla <b class="num">3</b>' in part


@pytest.mark.parametrize("verb", ["start", "absent"])
def test_later_states_say_what_to_do(client, store, issue, verb):
    ticket, token = issue()
    store.write(desk.call_next, desk.Press(SYSTEM, now_utc(), number=3))
    store.write(getattr(desk, verb), desk.Press(SYSTEM, now_utc(), ticket, 3))
    page = client.get(f"/t/{token}").text
    assert ("Le están atendiendo" in page) or ("no le encontramos" in page)
    assert client.get(f"/t/{token}/anular").text.count("ya no se puede dejar") == 1


def test_giving_up_asks_once_and_frees_the_place(client, issue):
    _, token = issue()
    _, after = issue()
    assert "¿Dejar su turno" in client.get(f"/t/{token}/anular").text
    assert client.post(f"/t/{token}/anulaciones", data={"_key": "k"}).status_code == 302
    assert "fue anulado" in client.get(f"/t/{token}").text
    assert "Usted sigue" in client.get(f"/t/{after}").text


def test_looking_at_the_question_gives_nothing_up(client, issue):
    _, token = issue()
    client.get(f"/t/{token}/anular")
    assert "Usted sigue" in client.get(f"/t/{token}").text


def test_the_code_opens_nothing(client, issue):
    issue()
    assert client.get("/t/A-001").status_code == 404
    assert client.post("/t/A-001/anulaciones", data={"_key": "k"}).status_code == 404


def test_a_turn_can_be_heard(client, issue):
    assert client.get(f"/t/{issue()[1]}/voz.wav").data[:4] == b"RIFF"


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ({"state": "en_espera", "ahead": 0, "wait": None}, "siguiente persona"),
        ({"state": "en_espera", "ahead": 1, "wait": None}, "Hay una persona antes"),
        ({"state": "en_espera", "ahead": 4, "wait": {"low_minutes": 10, "high_minutes": 15}}, "10 a 15 minutos"),
        ({"state": "llamado", "ventanilla": 3}, "Pase a la ventanilla 3"),
        ({"state": "atendido"}, "Su turno es A 47."),
    ],
)
def test_the_words_of_a_turn(turn, said):
    assert said in spoken_turn({"code": "A-047", **turn}, same)


def test_the_page_speaks_the_language_chosen_at_the_kiosk(client, store, issue):
    issue()
    _, token = issue(language="en")
    page = client.get(f"/t/{token}").text
    assert '<html lang="en"' in page and "person before you" in page and "antes que usted" not in page
    assert "Give up your ticket?" in client.get(f"/t/{token}/anular").text
    for _ in range(2):  # the first, then this one
        called = store.write(desk.call_next, desk.Press(SYSTEM, now_utc(), number=3))
        store.write(desk.start, desk.Press(SYSTEM, now_utc(), called["ticket"]["id"], 3))
        store.write(desk.finish, desk.Press(SYSTEM, now_utc(), called["ticket"]["id"], 3))
    assert "How did we" in client.get(f"/t/{token}/estado").text


def test_another_language_chosen_on_the_phone_stays_through_its_steps(client, issue):
    issue()
    _, token = issue(language="en")
    page = client.get(f"/t/{token}?idioma=qu").text
    assert '<html lang="qu"' in page and f'href="/t/{token}/anular?idioma=qu"' in page
    answer = client.post(f"/t/{token}/anulaciones?idioma=qu", data={"_key": "k"})
    assert answer.location == f"/t/{token}?idioma=qu"
    assert '<html lang="en"' in client.get(f"/t/{token}?idioma=klingon").text


def test_a_turn_in_quechua_is_heard_in_spanish_and_the_button_says_so(client, issue):
    _, token = issue(language="qu")
    assert "Castellanopi uyariy" in client.get(f"/t/{token}").text
    assert client.get(f"/t/{token}/voz.wav").data == client.get(f"/t/{token}/voz.wav?idioma=es").data
    assert client.get(f"/t/{token}/voz.wav?idioma=en").data[:4] == b"RIFF"
