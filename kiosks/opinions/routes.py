"""/tableta asks when its ventanilla finishes an attention; /kiosko/opiniones asks whoever types the number of the ticket."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from cac.access.roles import TABLETA
from cac.opinions import queries
from cac.opinions.actions import give_opinion
from cac.opinions.rules import COMMENT_MAX, FACES, KIOSK, TABLET, read_entry
from core.clock import now_utc
from core.errors import Rejected
from kiosks.dispenser import texts
from kiosks.dispenser.queries import place_of
from kiosks.pairing.routes import page_of_device, unpaired
from kiosks.signals import take_signal
from web.access import current_principal, public, requires
from web.api import store, write_once

bp = Blueprint("opinion", __name__)

Page = str | Answer | tuple[str, int]


@bp.get("/tableta")
@public
def tablet() -> Answer:
    """The tablet's page; on a device nobody paired, how to pair it."""
    if current_principal().role != TABLETA:
        return unpaired(TABLETA)
    return page_of_device(TABLETA, render_template("kiosks/opinions/tablet.html", **_tablet()))


@bp.get("/tableta/estado")
@requires("tablet")
def tablet_state() -> str:
    """What the tablet shows now: the question about the attention just finished, or nothing to answer."""
    return render_template("kiosks/opinions/_tablet.html", **_tablet())


@bp.post("/tableta/senales")
@requires("tablet")
def create_signal() -> Response:
    """The page is open and its pairing stands: the supervisor sees the tablet alive."""
    return take_signal(now=now_utc())


@bp.post("/tableta/opiniones")
@requires("tablet")
def create_tablet_opinion() -> str:
    principal = current_principal()
    with store().read() as session:
        ticket_id = queries.finished_at_tablet(
            session, *_place(), request.form.get("ticket", 0, type=int), now=now_utc()
        )
    _give(ticket_id, place=TABLET)
    return render_template("kiosks/opinions/_thanks.html", ventanilla=principal.ventanilla, **_words())


@bp.get("/kiosko/opiniones")
@requires("dispenser")
def ask_at_kiosk() -> Page:
    """First which turn, then how it was; `gracias` once it was told."""
    typed = request.args.get("turno", "")
    if not typed:
        return _kiosk(thanked="gracias" in request.args)
    try:
        with store().read() as session:
            ticket = queries.find_at_kiosk(session, current_principal().sala, read_entry(typed), now=now_utc())
            return _kiosk(typed=typed, code=ticket.code)
    except Rejected as refusal:
        return _kiosk(typed=typed, problem=refusal.detail), refusal.status


@bp.post("/kiosko/opiniones")
@requires("dispenser")
def create_kiosk_opinion() -> Page:
    typed = request.form.get("turno", "")
    try:
        with store().read() as session:
            ticket = queries.find_at_kiosk(session, current_principal().sala, read_entry(typed), now=now_utc())
        _give(ticket.id, place=KIOSK)
    except Rejected as refusal:
        if refusal.status >= 500:
            raise
        return _kiosk(typed=typed, problem=refusal.detail), refusal.status
    return redirect(url_for("opinion.ask_at_kiosk", gracias=1, idioma=_language()), 303)


def _give(ticket_id: int, *, place: str) -> None:
    write_once(
        give_opinion,
        ticket_id,
        place=place,
        face=request.form.get("face", 0, type=int),
        comment=request.form.get("comment", ""),
        principal=current_principal(),
        now=now_utc(),
    )


def _place() -> tuple[str, int]:
    principal = current_principal()
    assert principal.sala and principal.ventanilla, "a tablet is paired for one ventanilla"
    return principal.sala, principal.ventanilla


def _tablet() -> dict[str, Any]:
    sala, ventanilla = _place()
    with store().read() as session:
        asked = queries.asked_by_tablet(session, sala, ventanilla, now=now_utc())
        place = place_of(session, sala)
    return {"asked": asked, "ventanilla": ventanilla, **place, **_words()}


def _kiosk(**shown: Any) -> str:
    """A kiosk has no keyboard of its own, so it asks for no comment."""
    sala = current_principal().sala
    with store().read() as session:
        place = place_of(session, sala)
        letters = queries.series_today(session, sala, now=now_utc())
    given = {"typed": "", "code": "", "problem": "", "thanked": False, **_words(), "comment_max": 0, **place, **shown}
    return render_template("kiosks/opinions/kiosk.html", letters=letters, **given)


def _words() -> dict[str, Any]:
    language = _language()
    return {
        "_": texts.translator(language),
        "language": language,
        "languages": texts.LANGUAGES,
        "lang": "es-PE" if language == "es" else language,
        "faces": FACES,
        "comment_max": COMMENT_MAX,
    }


def _language() -> str:
    return texts.known(request.values.get("idioma"))
