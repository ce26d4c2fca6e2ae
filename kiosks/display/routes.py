"""A room's screen: its page, the same board by poll, and its sounds. Numbers only: no name ever reaches a screen."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from sqlalchemy import Row
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from cac.access.roles import PANTALLA
from cac.citas.queries import takes_citas
from cac.citas.rules import INTERLEAVED
from cac.desk.queries import board_of, find_sala
from cac.screens import clips
from cac.screens.files import IMAGES
from cac.screens.queries import letters_of, playlist, screen_of, ventanillas_of
from cac.screens.routes import send_media
from cac.screens.rules import Screen
from core.clock import LIMA, now_utc
from core.errors import Forbidden, NotFound
from kiosks.pairing.routes import page_of_device, unpaired
from kiosks.signals import take_signal
from kiosks.voice.chime import chime
from kiosks.voice.phrases import LANGUAGES, call_phrase, spoken_code
from kiosks.voice.speech import VoiceSilent
from web.access import current_principal, public, requires
from web.api import store

bp = Blueprint("display", __name__, url_prefix="/pantalla")

CODE = re.compile(r"[A-Z]{1,3}-\d{3,6}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@bp.get("/<sala>")
@public
def screen(sala: str) -> Answer:
    """The screen; on a device nobody paired, or paired for another sala, how to pair it."""
    principal = current_principal()
    if principal.role != PANTALLA or principal.sala not in (None, sala):
        return unpaired(PANTALLA, sala)
    with store().read() as session:
        row = find_sala(session, sala)
        notice = _notice(session, row, screen_of(session, row.id))
        desks = len(ventanillas_of(session, row.id))
    return page_of_device(
        PANTALLA,
        render_template(
            "kiosks/display/pantalla.html",
            sala=sala,
            sala_name=row.name,
            notice=notice,
            desks=desks,
        ),
    )


@bp.get("/<sala>/tablero")
@requires("screen")
def board(sala: str) -> Response:
    """The whole board, for when the socket fails."""
    _require(sala)
    now = now_utc()
    with store().read() as session:
        return jsonify(board_of(session, sala, now=now).as_json(now.astimezone(LIMA)))


@bp.get("/<sala>/ajustes")
@requires("screen")
def settings(sala: str) -> Response:
    """How the screen sounds and what it shows between calls; asked again every few seconds, so a change is live."""
    _require(sala)
    with store().read() as session:
        row = find_sala(session, sala)
        screen, media = screen_of(session, row.id), playlist(session, row.id)
        body = {
            "voices": screen.voices,
            "volumes": screen.volumes,
            "notice": _notice(session, row, screen),
            "image_seconds": screen.image_seconds,
            "media": [
                {"src": f"/pantalla/{sala}/medios/{one.sha256}", "image": one.media_type in IMAGES, "name": one.name}
                for one in media
            ],
            "ventanillas": ventanillas_of(session, row.id),
        }
    response = jsonify(body)
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


@bp.get("/<sala>/medios/<sha256>")
@requires("screen")
def media(sala: str, sha256: str) -> Response:
    """A picture or video of the sala's playlist, by the hash of its content."""
    _require(sala)
    with store().read() as session:
        shown = {one.sha256: one.media_type for one in playlist(session, find_sala(session, sala).id)}
    if not SHA256.fullmatch(sha256) or sha256 not in shown:
        raise NotFound()
    return send_media(current_app.extensions["settings"], sha256, shown[sha256])


@bp.post("/<sala>/senales")
@requires("screen")
def create_signal(sala: str) -> Response:
    """The screen is on, by whatever link it gets its board: the supervisor sees it alive, and whether its clock is right."""
    _require(sala)
    return take_signal(now=now_utc())


@bp.get("/<sala>/timbre.wav")
@requires("screen")
def play_chime(sala: str) -> Response:
    _require(sala)
    return _sound(chime())


@bp.get("/<sala>/voz/<code>/<int:ventanilla>.wav")
@requires("screen")
def speak_call(sala: str, code: str, ventanilla: int) -> Response:
    _require(sala)
    if not CODE.fullmatch(code) or ventanilla > 999:
        raise NotFound()
    language = request.args.get("idioma", "es")
    if language in LANGUAGES:
        return _sound(current_app.extensions["speech"].wav(call_phrase(code, ventanilla, language), language))
    return _sound(_recorded(sala, language, code, ventanilla))


def _recorded(sala: str, language: str, code: str, ventanilla: int) -> bytes:
    """The call in a language that a person recorded. Raises VoiceSilent when its clips cannot say it."""
    with store().read() as session:
        letters = letters_of(session, find_sala(session, sala).id)
    folder = current_app.extensions["settings"].clips_dir / language
    letter, number = spoken_code(code)
    try:
        if not clips.LANGUAGE.fullmatch(language):
            raise clips.ManifestWrong(language)
        return clips.read_voice(folder, {*letters, letter}).wav(letter, number, ventanilla)
    except (clips.ManifestWrong, OSError) as problem:
        raise VoiceSilent() from problem


def _notice(session: Session, sala: Row[Any], screen: Screen) -> str:
    """The sala's own sentence; where appointments are given, what they do to the order."""
    return f"{screen.notice} {INTERLEAVED}" if takes_citas(session, sala.code) else screen.notice


def _require(sala: str) -> None:
    if current_principal().sala not in (None, sala):
        raise Forbidden()


def _sound(data: bytes) -> Response:
    response = Response(data, mimetype="audio/wav")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
