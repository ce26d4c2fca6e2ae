"""The room's screen: paired, numbers only, the same board by poll."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.access.models import Device
from cac.desk import actions as desk
from cac.screens.actions import add_media, remove_media, save_screen
from cac.screens.files import keep
from cac.screens.rules import Screen
from core import clock
from core.clock import machine_utc, now_utc
from kiosks.voice.chime import wav

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


def record_voice(root, *, letters):
    """A complete recorded Quechua voice; its clips are a tenth of a second of nothing."""
    folder = root / "qu"
    folder.mkdir(parents=True)
    keys = ["turno", "ventanilla", *letters, *"0123456789"]
    for key in keys:
        (folder / f"{key}.wav").write_bytes(wav(b"\0\0" * 800, rate=8000))
    order = ["turno", "{letra}", "{numero}", "ventanilla", "{ventanilla}"]
    manifest = {"idioma": "qu", "nombre": "Quechua", "orden": order, "clips": {key: f"{key}.wav" for key in keys}}
    (folder / "manifest.json").write_text(json.dumps(manifest))


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
    for language in ("es", "en"):
        sound = screen.get(f"/pantalla/principal/voz/A-047/3.wav?idioma={language}")
        assert sound.mimetype == "audio/wav" and sound.data[:4] == b"RIFF"
    assert screen.get("/pantalla/principal/timbre.wav").data[:4] == b"RIFF"


@pytest.mark.parametrize("code", ["hola", "A-1", "A-047'; drop", "ABCDE-001"])
def test_only_ticket_codes_are_spoken(screen, code):
    assert screen.get(f"/pantalla/principal/voz/{code}/3.wav").status_code == 404


def test_quechua_is_said_only_from_clips_that_a_person_recorded(screen, settings):
    assert screen.get("/pantalla/principal/voz/A-047/3.wav?idioma=qu").status_code == 503
    record_voice(settings.clips_dir, letters="ABCDEFP")
    sound = screen.get("/pantalla/principal/voz/A-047/3.wav?idioma=qu")
    assert sound.status_code == 200 and sound.data[:4] == b"RIFF"
    assert screen.get("/pantalla/principal/voz/A-047/3.wav?idioma=../qu").status_code == 503


def test_the_screen_hears_its_settings_and_a_change_of_them(screen, store):
    before = screen.get("/pantalla/principal/ajustes")
    body = before.get_json()
    assert body["voices"] == ["es", "es"] and body["volumes"] == [100] * 24 and body["media"] == []
    assert [one["number"] for one in body["ventanillas"]] == [1, 2, 3, 4]
    etag = {"If-None-Match": before.headers["ETag"]}
    assert screen.get("/pantalla/principal/ajustes", headers=etag).status_code == 304
    changed = Screen(("en",), (0,) * 24, "Hoy cerramos a las 3", 10)
    store.write(save_screen, "principal", changed, principal=SYSTEM, now=now_utc())
    after = screen.get("/pantalla/principal/ajustes", headers=etag)
    assert after.status_code == 200 and after.get_json()["voices"] == ["es", "es", "en"]
    assert "Hoy cerramos a las 3" in screen.get("/pantalla/principal").text


def test_a_video_of_the_playlist_is_sent_in_parts_and_only_while_it_is_in_it(screen, store, settings):
    kept = keep(settings.media_dir, io.BytesIO(b"\x00\x00\x00\x18ftypmp42" + bytes(range(200))))
    address = f"/pantalla/principal/medios/{kept.sha256}"
    assert screen.get(address).status_code == 404
    given = {"principal": SYSTEM, "now": now_utc()}
    made = store.write(add_media, "principal", kept, name="Sismo", **given)
    part = screen.get(address, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.data, part.mimetype) == (206, b"ftyp", "video/mp4")
    assert screen.get("/pantalla/principal/ajustes").get_json()["media"][0] == {
        "src": address,
        "image": False,
        "name": "Sismo",
    }
    store.write(remove_media, "principal", made["id"], **given)
    assert screen.get(address).status_code == 404


def test_settings_and_playlist_are_for_the_screen_of_that_sala(client, pair):
    for path in ("ajustes", f"medios/{'0' * 64}"):
        assert client.get(f"/pantalla/principal/{path}").status_code in (302, 401)
    pair(client, "pantalla")
    for path in ("ajustes", f"medios/{'0' * 64}"):
        assert client.get(f"/pantalla/otra/{path}").status_code == 403


def test_a_screen_tells_that_it_is_on_and_the_hour_of_its_clock_whatever_link_it_has(screen, store):
    hour = machine_utc().timestamp() * 1000 + 600_000
    assert screen.post("/pantalla/principal/senales", data={"hora": f"{hour:.0f}"}).json == {"ok": True}
    with store.read() as session:
        device = session.scalar(select(Device))
    assert now_utc() - device.seen_at < timedelta(seconds=30) and abs(device.clock_offset_s - 600) <= 5
    assert screen.post("/pantalla/otra/senales").status_code == 403


def test_q15_a_screen_off_for_days_is_live_at_boot_with_no_keyboard_and_no_expired_token(screen, call):
    screen.get("/pantalla/principal")
    try:
        clock.set_start(datetime.now(UTC) + timedelta(days=20))
        call()
        assert "Pase ahora" in screen.get("/pantalla/principal").text
        board = screen.get("/pantalla/principal/tablero")
        assert board.status_code == 200 and [one["code"] for one in board.get_json()["calls"]] == ["A-001"]
    finally:
        clock.set_start(datetime.now(UTC))
