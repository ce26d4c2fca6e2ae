"""Correcting the class of a ticket: somebody took a general one and is preferente, or the other way round (Ley 28683)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from cac.desk.actions.calls import told
from cac.desk.actions.press import Press
from cac.desk.actions.rows import TICKET, WAITS, count_line, find_ticket, note
from core.errors import Conflict, Invalid
from ticketing.moves import Move, State, after

_CLASSIFY: Any = (
    update(TICKET).where(TICKET.c.id == bindparam("ticket_id"), WAITS).values(preferente=bindparam("new_class"))
)


class ClassReasonMissing(Invalid):
    code = "ticket.clase_sin_motivo"
    detail = "Escriba el motivo de la corrección: queda como evidencia de la Ley 28683."


class SameClass(Conflict):
    code = "ticket.misma_clase"
    detail = "El turno ya es de esa clase. No hace falta corregirlo."


def classify(session: Session, press: Press, *, preferente: bool) -> dict[str, Any]:
    """Put a waiting ticket in the other class, with its number and the time it already waited; the reason is kept.

    Raises TicketUnknown, MoveNotAllowed, SameClass, ClassReasonMissing."""
    if not press.reason:
        raise ClassReasonMissing(field="motivo")
    ticket = find_ticket(session, press.ticket_id, press.principal)
    after(Move.CLASSIFY, State(ticket.state))
    if ticket.preferente == preferente:
        raise SameClass()
    at = {"service_id": ticket.service_id, "only_ventanilla_id": ticket.only_ventanilla_id}
    count_line(session, ticket.sala_id, ticket.preferente, at, -1)
    changed: Any = session.execute(_CLASSIFY, {"ticket_id": ticket.id, "new_class": preferente})
    assert changed.rowcount == 1, "verbs run one after another: it still waits"
    count_line(session, ticket.sala_id, preferente, at, 1)
    detail = {"preferente": preferente}
    note(session, ticket, Move.CLASSIFY, State.WAITING, press, service_id=ticket.service_id, detail=detail)
    return told(session, press)
