"""The room's screen: paired, numbers only, the same board by poll."""

import pytest

from cac.access.actions import SYSTEM
from cac.desk import actions as desk
from core.clock import now_utc

pytestmark = pytest.mark.usefixtures("sala")


@pytest.fixture
def screen(client, pair):
    pair(client, "pantalla")
    return client


@pytest.fixture
def call(store):
    def call(ventanilla=3):
        given = {"principal": SYSTEM, "public_url": "http://cac.example", "now": now_utc()}
        store.write(desk.issue, "A", preferente=False, channel="web", **given)
        return store.write(desk.call_next, desk.Press(SYSTEM, now_utc(), number=ventanilla))

    return call


def test_an_unpaired_screen_says_how_to_pair(client):
    assert "device pair --kind pantalla" in client.get("/pantalla/principal").text
    assert client.get("/pantalla/principal/tablero").status_code in (302, 401)


def test_a_screen_shows_only_its_own_sala(screen):
    assert "Pase ahora" in screen.get("/pantalla/principal").text
    assert "aún no está emparejado" in screen.get("/pantalla/otra").text
    assert screen.get("/pantalla/otra/tablero").status_code == 403


def test_each_visit_starts_the_cookies_life_anew(screen):
    assert "equipo_pantalla=" in screen.get("/pantalla/principal").headers["Set-Cookie"]


def test_the_poll_gives_the_whole_board_and_no_person(screen, call):
    call()
    board = screen.get("/pantalla/principal/tablero").get_json()
    assert [(one["code"], one["ventanilla"]) for one in board["calls"]] == [("A-001", 3)]
    assert set(board) == {"seq", "now", "calls", "waiting"}
    assert set(board["calls"][0]) == {"seq", "code", "ventanilla", "called_at"}


def test_a_call_can_be_heard_in_spanish_and_one_more_language(screen):
    for language in ("es", "qu"):
        sound = screen.get(f"/pantalla/principal/voz/A-047/3.wav?idioma={language}")
        assert sound.mimetype == "audio/wav" and sound.data[:4] == b"RIFF"
    assert screen.get("/pantalla/principal/timbre.wav").data[:4] == b"RIFF"


@pytest.mark.parametrize("code", ["hola", "A-1", "A-047'; drop", "ABCDE-001"])
def test_only_ticket_codes_are_spoken(screen, code):
    assert screen.get(f"/pantalla/principal/voz/{code}/3.wav").status_code == 404
