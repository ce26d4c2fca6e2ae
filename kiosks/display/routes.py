"""A room's screen: its page, the same board by poll, and its sounds. Numbers only: no name ever reaches a screen."""

from __future__ import annotations

import re

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from werkzeug.wrappers import Response as Answer

from cac.access.roles import PANTALLA
from cac.desk.queries import board_of, find_sala
from core.clock import LIMA, now_utc
from core.errors import Forbidden, NotFound
from kiosks.pairing.routes import page_of_device, unpaired
from kiosks.voice.chime import chime
from kiosks.voice.phrases import LANGUAGES, call_phrase
from web.access import current_principal, public, requires
from web.api import store

bp = Blueprint("display", __name__, url_prefix="/pantalla")

CODE = re.compile(r"[A-Z]{1,3}-\d{3,6}")
NOTICE = "Conserve su ticket: le llamaremos por su número, dos veces en voz alta."


@bp.get("/<sala>")
@public
def screen(sala: str) -> Answer:
    """The screen; on a device nobody paired, or paired for another sala, how to pair it."""
    principal = current_principal()
    if principal.role != PANTALLA or principal.sala not in (None, sala):
        return unpaired(PANTALLA, sala)
    with store().read() as session:
        name = find_sala(session, sala).name
    return page_of_device(
        PANTALLA,
        render_template(
            "kiosks/display/pantalla.html",
            sala=sala,
            sala_name=name,
            board_url=f"/pantalla/{sala}/tablero",
            voice_url=f"/pantalla/{sala}",
            notice=NOTICE,
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
    language = language if language in LANGUAGES else "es"
    return _sound(current_app.extensions["speech"].wav(call_phrase(code, ventanilla, language), language))


def _require(sala: str) -> None:
    if current_principal().sala not in (None, sala):
        raise Forbidden()


def _sound(data: bytes) -> Response:
    response = Response(data, mimetype="audio/wav")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
