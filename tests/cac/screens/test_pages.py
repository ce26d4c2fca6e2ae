"""The administrator's page of a sala's screens: playlist, voices, volume, the line at the foot."""

from __future__ import annotations

import html
import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from cac.audit.models import AuditEntry
from cac.desk.demo import seed
from cac.screens import actions
from cac.screens.models import ScreenMedia
from cac.screens.queries import screen_of
from core.clock import now_utc

BASE = "/admin/salas/principal/pantallas"


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True))


def picture(colour: str = "navy") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 36), colour).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def admin(person, store):
    store.write(seed, now_utc())
    return person("admin")


@pytest.fixture
def media_dir(app) -> Path:
    return app.extensions["settings"].media_dir


def form(**changed):
    volumes = {f"volume-{hour}": "0" if hour < 7 else "80" for hour in range(24)}
    return {"notice": "Hoy atendemos hasta las 4 p. m.", "image_seconds": "15"} | volumes | changed


def add(admin, data: bytes, name="Campaña de vacunación"):
    sent = {"file": (io.BytesIO(data), "cartel.png"), "name": name}
    return admin.post(f"{BASE}/medios", sent, follow_redirects=True)


def shown(store) -> list[str]:
    with store.read() as session:
        rows = select(ScreenMedia).where(ScreenMedia.removed_at.is_(None)).order_by(ScreenMedia.position)
        return [row.name for row in session.scalars(rows)]


def test_volume_by_the_hour_voices_and_foot_are_saved_and_logged(admin, store):
    answer = admin.post(BASE, form(languages="en"), follow_redirects=True)
    assert "Pantallas guardadas" in text_of(answer)
    with store.read() as session:
        screen = screen_of(session, 1)
        logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "pantalla.ajuste")).all()
    assert screen.voices == ("es", "es", "en") and screen.volumes[6:8] == (0, 80)
    assert screen.notice == "Hoy atendemos hasta las 4 p. m." and screen.image_seconds == 15
    assert len(logged) == 1 and "7 h en silencio" in logged[0].detail


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"notice": ""}, "Escriba la línea del pie"),
        ({"notice": "x" * 101}, "de hasta 100 letras"),
        ({"image_seconds": "900"}, "entre 5 y 60 segundos"),
        ({"image_seconds": "diez"}, "entre 5 y 60 segundos"),
        ({"volume-3": "35"}, "volumen de cada una de las 24 horas"),
        ({"languages": "qu"}, "No hay una voz completa para «qu»"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(admin, changed, said):
    answer = admin.post(BASE, form(**changed))
    assert answer.status_code == 422 and said in text_of(answer)
    if "notice" not in changed:
        assert "Hoy atendemos hasta las 4 p. m." in text_of(answer)


def test_a_picture_joins_the_playlist_is_moved_and_leaves(admin, store):
    assert "está en la cartelera" in text_of(add(admin, picture()))
    add(admin, picture("red"), "Pague su predio")
    assert shown(store) == ["Campaña de vacunación", "Pague su predio"]
    assert admin.get(f"{BASE}/medios/2").data == picture("red")
    admin.post(f"{BASE}/medios/2/subidas", {})
    assert shown(store) == ["Pague su predio", "Campaña de vacunación"]
    admin.post(f"{BASE}/medios/2/bajas", {})
    assert shown(store) == ["Campaña de vacunación"]
    assert admin.post(f"{BASE}/medios/2/bajas", {}).status_code == 404


@pytest.mark.parametrize(("data", "name"), [(b"%PDF-1.7 not a picture", "Afiche"), (b"", "Nada"), (picture(), "")])
def test_only_pictures_and_videos_with_a_name_are_taken(admin, store, data, name):
    assert add(admin, data, name).status_code == 422
    assert shown(store) == []


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(admin, store, start, kind):
    add(admin, start + b"\x00" * 40)
    with store.read() as session:
        assert session.scalars(select(ScreenMedia.media_type)).all() == [kind]


def test_a_large_video_left_in_the_folder_is_added_by_its_name(admin, store, media_dir):
    (media_dir / "entrada").mkdir(parents=True)
    (media_dir / "entrada" / "sismo.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 100)
    assert "sismo.mp4" in text_of(admin.get(BASE))
    admin.post(f"{BASE}/medios", {"left": "sismo.mp4"})
    assert shown(store) == ["sismo"]
    assert admin.post(f"{BASE}/medios", {"left": "../../keys/session"}).status_code == 422


def test_the_playlist_has_a_limit(admin, store, monkeypatch):
    monkeypatch.setattr(actions, "PLAYLIST_MAX", 1)
    add(admin, picture())
    assert add(admin, picture("red")).status_code == 409


def test_the_page_says_what_a_recorded_voice_lacks(admin, app):
    folder = app.extensions["settings"].clips_dir / "qu"
    folder.mkdir(parents=True)
    assert "qu: falta el archivo manifest.json" in text_of(admin.get(BASE))


def test_an_unknown_sala_has_no_page(admin):
    assert admin.get("/admin/salas/otra/pantallas").status_code == 404
