"""/admin/salas/<code>/pantallas: playlist, voices, volume by the hour, the line at the foot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from cac.desk.queries import find_sala
from cac.screens import actions, queries
from cac.screens.actions import MediaUnknown
from cac.screens.clips import voices
from cac.screens.files import IMAGES, INBOX, MediaNotAllowed, keep, left_by_hand, path_of
from cac.screens.rules import ENGLISH, HOURS, NOTICE_MAX, SECONDS_MAX, SECONDS_MIN, VOLUMES, Screen, checked
from core.clock import now_utc
from core.errors import Rejected
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told
from web.settings import Settings

bp = Blueprint("admin_screens", __name__, url_prefix="/admin/salas/<code>/pantallas")

Page = str | Answer | tuple[str, int]


@bp.get("")
@requires("setup.write")
def home(code: str) -> str:
    return _page(code, {})


@bp.post("")
@requires("setup.write")
def save(code: str) -> Page:
    def form() -> Screen:
        return checked(
            languages=request.form.getlist("languages"),
            volumes=[_number(f"volume-{hour}") for hour in range(HOURS)],
            notice=" ".join(request.form.get("notice", "").split()),
            image_seconds=_number("image_seconds"),
            known=_known(code),
        )

    return _pressed(code, lambda: _write(actions.save_screen, code, form()), lambda _: "Pantallas guardadas.")


@bp.post("/medios")
@requires("setup.write")
def add_media(code: str) -> Page:
    """A file sent with the form, or the name of one left by hand in the inbox folder."""
    return _pressed(code, lambda: _add(code), lambda made: f"«{made['name']}» está en la cartelera.")


@bp.get("/medios/<int:media_id>")
@requires("setup.write")
def show_media(code: str, media_id: int) -> Response:
    """The picture or video itself, for the list."""
    with store().read() as session:
        shown = queries.playlist(session, find_sala(session, code).id)
    found = next((one for one in shown if one.id == media_id), None)
    if found is None:
        raise MediaUnknown()
    return send_media(_settings(), found.sha256, found.media_type)


@bp.post("/medios/<int:media_id>/bajas")
@requires("setup.write")
def remove_media(code: str, media_id: int) -> Page:
    return _pressed(
        code,
        lambda: _write(actions.remove_media, code, media_id),
        lambda gone: f"«{gone['name']}» salió de la cartelera.",
    )


@bp.post("/medios/<int:media_id>/subidas")
@requires("setup.write")
def raise_media(code: str, media_id: int) -> Page:
    return _pressed(code, lambda: _write(actions.raise_media, code, media_id), lambda _: "Orden guardado.")


def send_media(settings: Settings, sha256: str, media_type: str) -> Response:
    """A file of a playlist, in parts when the browser asks so; its name is its content, so it may be kept."""
    path = path_of(settings.media_dir, sha256)
    if not path.is_file():
        raise MediaUnknown()
    response = send_file(path.resolve(), mimetype=media_type, conditional=True, etag=sha256)
    response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    return response


def _add(code: str) -> dict[str, Any]:
    folder, name = _settings().media_dir, " ".join(request.form.get("name", "").split())
    sent, left = request.files.get("file"), request.form.get("left", "")
    if left in left_by_hand(folder):
        with (folder / INBOX / left).open("rb") as source:
            kept = keep(folder, source)
        name = name or Path(left).stem
    elif sent is not None and sent.filename:
        kept = keep(folder, sent.stream)  # type: ignore[arg-type]  # a binary stream, in memory or on disk
    else:
        raise MediaNotAllowed("Elija el archivo.", field="file")
    return _write(actions.add_media, code, kept, name=name)


def _write(verb: Callable[..., Any], *args: Any, **kw: Any) -> dict[str, Any]:
    written: dict[str, Any] = write_once(verb, *args, principal=current_principal(), now=now_utc(), **kw)
    return written


def _pressed(code: str, press: Callable[[], Any], said: Callable[[Any], str]) -> Page:
    """Press a verb, then the page again saying so; refused, the page with the reason beside its field."""
    try:
        made = press()
    except Rejected as refusal:
        return _page(code, told(refusal), form=request.form), refusal.status
    flash(said(made), "bien")
    return redirect(url_for("admin_screens.home", code=code))


def _page(code: str, errors: dict[str, str], form: Any = None) -> str:
    settings = _settings()
    with store().read() as session:
        sala = find_sala(session, code)
        screen, media = queries.screen_of(session, sala.id), queries.playlist(session, sala.id)
        letters = queries.letters_of(session, sala.id)
    recorded, wrong = voices(settings.clips_dir, letters)
    return render_template(
        "cac/admin/pantallas.html",
        sala=sala,
        screen=screen,
        form=form or {},
        media=media,
        images=IMAGES,
        left=[(name, name) for name in left_by_hand(settings.media_dir)],
        inbox=settings.media_dir / INBOX,
        clips_dir=settings.clips_dir,
        languages=[(ENGLISH, "Inglés", "voz del programa")]
        + [(voice.language, voice.name, voice.speaker or "voz grabada") for voice in recorded.values()],
        wrong=wrong,
        volumes=VOLUMES,
        hours=range(HOURS),
        notice_max=NOTICE_MAX,
        seconds=(SECONDS_MIN, SECONDS_MAX),
        errors=errors,
    )


def _known(code: str) -> set[str]:
    with store().read() as session:
        letters = queries.letters_of(session, find_sala(session, code).id)
    return {ENGLISH} | set(voices(_settings().clips_dir, letters)[0])


def _number(name: str) -> int:
    text = request.form.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1  # refused by the rules


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
