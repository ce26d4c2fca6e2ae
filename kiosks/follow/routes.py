"""/t/<token>: the turn on its holder's phone. The token is the key; whoever has it sees a number and a place, never a name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from cac.desk import actions as desk
from cac.desk.models import Sala, Service, Ticket
from cac.desk.queries import followed_ticket
from core.clock import now_utc
from core.errors import NotFound
from kiosks.follow.words import spoken_turn
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
    said = spoken_turn(_turn(token)["turn"])
    return Response(current_app.extensions["speech"].wav(said), mimetype="audio/wav")


@bp.get("/<token>/anular")
@public
def confirm_giving_up(token: str) -> str:
    return render_template("kiosks/follow/give_up.html", **_turn(token))


@bp.post("/<token>/anulaciones")
@public
def give_up(token: str) -> Answer:
    """Whoever holds the ticket lets it go; the number is not used again today."""
    with store().read() as session:
        ticket_id = session.scalar(select(Ticket.id).where(Ticket.token == token))
    if ticket_id is None:
        raise TurnUnknown()
    write_once(desk.cancel, desk.Press(ANYBODY, now_utc(), ticket_id, reason="lo dejó desde su celular"))
    return redirect(url_for("follow.show", token=token))


def _turn(token: str) -> dict[str, Any]:
    """What the page shows. Raises TurnUnknown."""
    now = now_utc()
    with store().read() as session:
        turn = followed_ticket(session, token, now=now)
        row = session.execute(
            select(Service.icon, Sala.recalls, Ticket.called_at)
            .join(Ticket, Ticket.service_id == Service.id)
            .join(Sala, Sala.id == Ticket.sala_id)
            .where(Ticket.token == token)
        ).first()
    if turn is None or row is None:
        raise TurnUnknown()
    return {
        "turn": turn,
        "token": token,
        "icon_name": row.icon,
        "recalls": row.recalls,
        "called_at": row.called_at,
        "may_give_up": turn["state"] in MAY_GIVE_UP,
    }
