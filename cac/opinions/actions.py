"""Giving an opinion: the one thing people do here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.desk.models import Ticket, TicketMove
from cac.opinions.models import Opinion
from cac.opinions.rules import COMMENT_MAX, FACES, TAKEN
from core.clock import lima_day
from core.errors import Conflict, Invalid, NotFound
from ticketing.moves import Move, State
from web.access import Principal


class OpinionTicketUnknown(NotFound):
    code = "opinion.turno_desconocido"
    detail = "No encontramos ese turno. Revise el número de su ticket."


class FaceMissing(Invalid):
    code = "opinion.sin_cara"
    detail = "Elija una de las cinco caras."


class CommentTooLong(Invalid):
    code = "opinion.comentario_largo"
    detail = f"El comentario admite hasta {COMMENT_MAX} caracteres."


class NotAttended(Conflict):
    code = "opinion.sin_atencion"
    detail = "Podrá opinar cuando termine su atención."


class OpinionLate(Conflict):
    code = "opinion.fuera_de_tiempo"
    detail = "Ya pasó el tiempo para opinar sobre ese turno. Gracias por su visita."


class OpinionGiven(Conflict):
    code = "opinion.ya_dada"
    detail = "Ya recibimos una opinión sobre ese turno. Gracias."


def give_opinion(
    session: Session, ticket_id: int, *, place: str, face: int, comment: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """One answer about a finished attention, given at `place`. The log never keeps the comment.

    Raises FaceMissing, CommentTooLong, and what `require_open` raises."""
    if face not in {known.value for known in FACES}:
        raise FaceMissing(field="face")
    comment = comment.strip()
    if len(comment) > COMMENT_MAX:
        raise CommentTooLong(field="comment")
    ticket = session.get(Ticket, ticket_id)
    require_open(session, ticket, place=place, now=now)
    assert ticket is not None and ticket.ventanilla_id is not None, "a finished attention was at a ventanilla"
    finished_by = session.scalar(
        select(TicketMove.principal)
        .where(TicketMove.ticket_id == ticket_id, TicketMove.move == Move.FINISH.value)
        .order_by(TicketMove.id.desc())
        .limit(1)
    )
    session.add(
        Opinion(
            ticket_id=ticket_id,
            sala_id=ticket.sala_id,
            service_id=ticket.service_id,
            ventanilla_id=ticket.ventanilla_id,
            clerk=finished_by or "",
            channel=ticket.channel,
            place=place,
            face=face,
            comment=comment or None,
            given_at=now,
            given_on=lima_day(now),
        )
    )
    session.flush()
    record(session, principal=principal, action="opinion.dada", subject=f"ticket:{ticket_id}", detail=place, now=now)
    return {"ticket": ticket_id, "face": face}


def require_open(session: Session, ticket: Ticket | None, *, place: str, now: datetime) -> None:
    """Whether `ticket` may be rated now. Raises OpinionTicketUnknown, NotAttended, OpinionLate, OpinionGiven."""
    if ticket is None:
        raise OpinionTicketUnknown()
    if ticket.state != State.FINISHED:
        raise NotAttended()
    if session.scalar(select(Opinion.id).where(Opinion.ticket_id == ticket.id)):
        raise OpinionGiven()
    if now - ticket.state_at > TAKEN[place]:
        raise OpinionLate()
