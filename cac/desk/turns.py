"""One turn read back: every move with who made it and why, and the cases filed in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cac.audit.models import AuditEntry
from cac.desk.actions.rows import MOVE, SERVICE, TICKET, VENTANILLA, attended_s, find_ticket
from cac.expedientes.queries import cases_of_turn
from ticketing.moves import Move
from web.access import Principal

A_TURN = timedelta(days=1)  # no turn lasts longer; codes begin anew each day
MAX_DIGITS = 10

_MOVES = (
    select(
        MOVE.c.move,
        MOVE.c.at,
        MOVE.c.principal,
        MOVE.c.reason,
        MOVE.c.detail,
        SERVICE.c.name.label("service"),
        VENTANILLA.c.number,
    )
    .select_from(MOVE)
    .join(SERVICE, SERVICE.c.id == MOVE.c.service_id)
    .outerjoin(VENTANILLA, VENTANILLA.c.id == MOVE.c.ventanilla_id)
    .where(MOVE.c.ticket_id == bindparam("ticket_id"))
    .order_by(MOVE.c.id)
)
_NAMES = select(AuditEntry.principal, AuditEntry.name).where(AuditEntry.subject == bindparam("subject")).distinct()
_OF_CASE = (
    select(TICKET.c.id, TICKET.c.code, TICKET.c.issued_at, SERVICE.c.name.label("service"), VENTANILLA.c.number)
    .select_from(TICKET)
    .join(SERVICE, SERVICE.c.id == TICKET.c.service_id)
    .outerjoin(VENTANILLA, VENTANILLA.c.id == TICKET.c.ventanilla_id)
    .order_by(TICKET.c.id.desc())
    .limit(1)
)

DONE = {
    Move.ISSUE: "Ticket entregado",
    Move.CALL: "Llamado",
    Move.RECALL: "Llamado otra vez",
    Move.START: "Empieza la atención",
    Move.HOLD: "Puesto en espera",
    Move.ABSENT: "No se presentó",
    Move.RETURN: "De vuelta en la cola",
    Move.FORWARD: "Derivado",
    Move.TAKE: "Tomado por otra",
    Move.CANCEL: "Anulado",
    Move.FINISH: "Terminado",
    Move.LEAVE: "No atendido al cierre",
}


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    at: datetime
    by: str
    service: str
    ventanilla: int | None
    reason: str | None
    outcome: str
    tramites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnHistory:
    code: str
    preferente: bool
    state: str
    issued_at: datetime
    waited_minutes: int | None  # from its issue to its last call
    attended_minutes: int
    steps: tuple[Step, ...]
    cases: tuple[tuple[str, str, str], ...]  # number, trámite, its name


def turn_history(session: Session, ticket_id: int, *, principal: Principal, now: datetime) -> TurnHistory:
    """Raises TicketUnknown."""
    ticket = find_ticket(session, ticket_id, principal)
    names = dict(session.execute(_NAMES, {"subject": f"ticket:{ticket.id}"}).all())
    waited = ticket.called_at - ticket.issued_at if ticket.called_at else None
    return TurnHistory(
        code=ticket.code,
        preferente=ticket.preferente,
        state=ticket.state,
        issued_at=ticket.issued_at,
        waited_minutes=round(waited.total_seconds()) // 60 if waited else None,
        attended_minutes=attended_s(ticket, now) // 60,
        steps=tuple(_step(row, names) for row in session.execute(_MOVES, {"ticket_id": ticket.id})),
        cases=tuple((case.number, case.tramite, case.tramite_name) for case in cases_of_turn(session, ticket)),
    )


def turn_of_case(session: Session, noted: str | None, *, filed_at: datetime) -> Any:
    """The turn a case was filed in, from what its till noted: the ticket's id, or its code of that day; None when it names none."""
    if not noted:
        return None
    named = TICKET.c.id == int(noted) if noted.isdigit() and len(noted) < MAX_DIGITS else TICKET.c.code == noted
    return session.execute(_OF_CASE.where(named, TICKET.c.issued_at.between(filed_at - A_TURN, filed_at))).first()


def _step(row: Any, names: dict[str, str]) -> Step:
    detail = row.detail or {}
    return Step(
        title=DONE[Move(row.move)],
        at=row.at,
        by=names.get(row.principal, row.principal),
        service=row.service,
        ventanilla=row.number,
        reason=row.reason,
        outcome=detail.get("resultado", ""),
        tramites=tuple(detail.get("tramites", ())),
    )
