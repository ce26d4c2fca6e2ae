"""/t/<token>: the turn on its holder's phone, in the language chosen at the kiosk or on the phone itself.

The token is the key; whoever has it sees a number and a place, never a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from cac.citas.queries import takes_citas
from cac.desk import actions as desk
from cac.desk.models import Sala, Service, Ticket
from cac.desk.queries import followed_ticket
from cac.opinions.actions import give_opinion
from cac.opinions.queries import given_for
from cac.opinions.rules import COMMENT_MAX, FACES, PHONE, TAKEN
from core.clock import now_utc
from core.errors import NotFound, Rejected
from kiosks.dispenser import texts
from kiosks.follow.words import spoken_turn
from kiosks.voice.chime import chime
from ticketing.moves import State
from web.access import ANYBODY, public
from web.api import store, write_once

bp = Blueprint("follow", __name__, url_prefix="/t")

MAY_GIVE_UP = frozenset({State.WAITING, State.CALLED})


class TurnUnknown(NotFound):
    code = "ticket.no_existe"
    detail = "Este turno ya no existe. Si necesita uno, tómelo en el kiosco o pídalo en informes."


@bp.get("/<token>")
@public
def show(token: str) -> str:
    return render_template("kiosks/follow/page.html", **_turn(token))


@bp.get("/<token>/estado")
@public
def state(token: str) -> str:
    """The part of the page that changes."""
    return render_template("kiosks/follow/_turn.html", **_turn(token))


@bp.get("/<token>/voz.wav")
@public
def speak(token: str) -> Response:
    shown = _turn(token)
    language = texts.spoken_in(shown["language"])
    said = spoken_turn(shown["turn"], texts.translator(language))
    return Response(current_app.extensions["speech"].wav(said, language), mimetype="audio/wav")


@bp.get("/<token>/timbre.wav")
@public
def play_chime(token: str) -> Response:
    """What the phone plays on the call, once its holder asked for sound. The same for every turn."""
    response = Response(chime(), mimetype="audio/wav")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


@bp.get("/<token>/anular")
@public
def confirm_giving_up(token: str) -> str:
    return render_template("kiosks/follow/give_up.html", **_turn(token))


@bp.post("/<token>/anulaciones")
@public
def give_up(token: str) -> Answer:
    """Whoever holds the ticket lets it go; the number is not used again today."""
    press = desk.Press(ANYBODY, now_utc(), _ticket_id(token), reason="lo dejó desde su celular")
    write_once(desk.cancel, press)
    return redirect(url_for("follow.show", token=token, **_chosen()))


@bp.post("/<token>/opiniones")
@public
def create_opinion(token: str) -> Answer | tuple[str, int]:
    """How the attention was, once it ended; refused, the page again with the reason."""
    try:
        write_once(
            give_opinion,
            _ticket_id(token),
            place=PHONE,
            face=request.form.get("face", 0, type=int),
            comment=request.form.get("comment", ""),
            principal=ANYBODY,
            now=now_utc(),
        )
    except Rejected as refusal:
        if refusal.status >= 500:
            raise
        return render_template("kiosks/follow/page.html", problem=refusal.detail, **_turn(token)), refusal.status
    return redirect(url_for("follow.show", token=token, **_chosen()), 303)


def _ticket_id(token: str) -> int:
    """Raises TurnUnknown."""
    with store().read() as session:
        ticket_id = session.scalar(select(Ticket.id).where(Ticket.token == token))
    if ticket_id is None:
        raise TurnUnknown()
    return ticket_id


def _chosen() -> dict[str, Any]:
    """The language asked for on the phone itself, as every address of the page carries it on."""
    asked = request.args.get("idioma")
    return {"idioma": asked} if asked in dict(texts.LANGUAGES) else {}


def _turn(token: str) -> dict[str, Any]:
    """What the page shows. Raises TurnUnknown."""
    now = now_utc()
    with store().read() as session:
        turn = followed_ticket(session, token, now=now)
        row = session.execute(
            select(
                Ticket.id,
                Ticket.language,
                Ticket.called_at,
                Ticket.state_at,
                Ticket.slot_at,
                Service.icon,
                Sala.code,
                Sala.recalls,
                Sala.return_minutes,
            )
            .join(Ticket, Ticket.service_id == Service.id)
            .join(Sala, Sala.id == Ticket.sala_id)
            .where(Ticket.token == token)
        ).first()
        face = given_for(session, row.id) if row else None
        citas = row is not None and takes_citas(session, row.code)
    if turn is None or row is None:
        raise TurnUnknown()
    language = _chosen().get("idioma", row.language)
    return {
        "_": texts.translator(language),
        "language": language,
        "lang": "es-PE" if language == "es" else language,
        "languages": texts.LANGUAGES,
        "spoken": texts.spoken_in(language) == language,
        "chosen": _chosen(),
        "turn": turn,
        "token": token,
        "icon_name": row.icon,
        "recalls": row.recalls,
        "called_at": row.called_at,
        "return_by": row.state_at + timedelta(minutes=row.return_minutes) if turn["state"] == State.ABSENT else None,
        "return_minutes": row.return_minutes,
        "slot_at": row.slot_at,
        "citas": citas,
        "may_give_up": turn["state"] in MAY_GIVE_UP,
        "may_rate": turn["state"] == State.FINISHED and face is None and now - row.state_at <= TAKEN[PHONE],
        "given": next((known for known in FACES if known.value == face), None),
        "faces": FACES,
        "comment_max": COMMENT_MAX,
    }
