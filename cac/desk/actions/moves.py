"""What a clerk does with a ticket once called, and what happens to tickets that wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from cac.desk.actions.calls import find_moved, told
from cac.desk.actions.issue import ServiceUnknown
from cac.desk.actions.press import Press
from cac.desk.actions.rows import ATTENDS, CLOSED, LET_GO, SERVICE, TICKET, VENTANILLA, WAITS, VentanillaUnknown, step
from cac.expedientes.queries import cases_of_turn
from core.errors import Conflict, Invalid
from storage.types import MAX_INTEGER
from ticketing.moves import Move, State
from ticketing.policy import RETURNED_AFTER, returned_turn
from ticketing.rules import Returned, parse_policy

ATTENDED = "atendido"  # the outcome when the clerk names none

_SERVICE_BY_CODE = select(SERVICE.c.id).where(
    SERVICE.c.sala_id == bindparam("sala_id"), SERVICE.c.code == bindparam("service"), SERVICE.c.active
)
_VENTANILLA = select(VENTANILLA.c.id, VENTANILLA.c.state).where(
    VENTANILLA.c.sala_id == bindparam("sala_id"), VENTANILLA.c.number == bindparam("number")
)

_beside = ATTENDS.alias("beside")
_NEXT_OF_CLASS = (  # those that a ventanilla of this service also calls
    select(TICKET.c.turn_at)
    .where(
        TICKET.c.sala_id == bindparam("sala_id"),
        TICKET.c.preferente == bindparam("of_class"),
        TICKET.c.only_ventanilla_id.is_(None),
        TICKET.c.service_id.in_(
            select(_beside.c.service_id)
            .join(ATTENDS, ATTENDS.c.ventanilla_id == _beside.c.ventanilla_id)
            .where(ATTENDS.c.service_id == bindparam("service_id"))
        ),
        WAITS,
    )
    .order_by(TICKET.c.turn_at, TICKET.c.id)
    .limit(RETURNED_AFTER)
)


class ReturnTooLate(Conflict):
    code = "ticket.retorno_tarde"
    detail = "Pasó el tiempo para regresar con ese número. Dele un ticket nuevo."


class ForwardWhere(Invalid):
    code = "ticket.derivar_a_donde"
    detail = "Indique a qué servicio o a qué ventanilla se deriva el turno."


def start(session: Session, press: Press) -> dict[str, Any]:
    """The person is here: attention begins, or goes on after a pause. Raises MoveNotAllowed, OtherVentanilla, TurnOpen."""
    return _moved(session, Move.START, press, started_at=press.now)


def hold(session: Session, press: Press) -> dict[str, Any]:
    """The person goes to pay or copy and comes back to this ventanilla without a new queue."""
    return _moved(session, Move.HOLD, press)


def absent(session: Session, press: Press) -> dict[str, Any]:
    """Called and did not come."""
    return _moved(session, Move.ABSENT, press)


def cancel(session: Session, press: Press) -> dict[str, Any]:
    """The person gives up the turn. Its number is not used again."""
    return _moved(session, Move.CANCEL, press)


def return_(session: Session, press: Press) -> dict[str, Any]:
    """Back in the queue: a no-show where the sala's policy says; one on hold in its old place, for the ventanilla that knows the case.

    Raises ReturnTooLate, MoveNotAllowed, OtherVentanilla."""
    ticket, place = find_moved(session, Move.RETURN, press)
    changes: dict[str, Any] = {"only_ventanilla_id": ticket.ventanilla_id}
    if ticket.state == State.ABSENT:
        if press.now - ticket.state_at > timedelta(minutes=ticket.return_minutes):
            raise ReturnTooLate(
                f"Pasaron más de {ticket.return_minutes} minutos desde que no se presentó. Dele un ticket nuevo."
            )
        changes = {"turn_at": _returned_turn(session, ticket, press.now)}
    step(session, ticket, Move.RETURN, place, press, **LET_GO | changes)
    return told(session, press)


def forward(session: Session, press: Press) -> dict[str, Any]:
    """To another service or one ventanilla, with the same number and the time already waited.

    A ventanilla that is closed is warned of, not refused: its first call opens it.

    Raises ForwardWhere, ServiceUnknown, VentanillaUnknown, MoveNotAllowed, OtherVentanilla."""
    ticket, place = find_moved(session, Move.FORWARD, press)
    if press.service is None and press.to_ventanilla is None:
        raise ForwardWhere()
    changes: dict[str, Any] = {}
    warnings: list[dict[str, str]] = []
    if press.service is not None:
        named = {"sala_id": ticket.sala_id, "service": press.service}
        changes["service_id"] = session.execute(_SERVICE_BY_CODE, named).scalar()
        if changes["service_id"] is None:
            raise ServiceUnknown()
    if press.to_ventanilla is not None:
        named = {"sala_id": ticket.sala_id, "number": min(press.to_ventanilla, MAX_INTEGER)}
        there = session.execute(_VENTANILLA, named).first()
        if there is None:
            raise VentanillaUnknown()
        changes["only_ventanilla_id"] = there.id
        if there.state == CLOSED:
            detail = f"La ventanilla {press.to_ventanilla} está cerrada: nadie llamará este turno hasta que abra. Avise allí, o derívelo a un servicio."
            warnings = [{"code": "ventanilla.cerrada", "detail": detail}]
    where = {"servicio": press.service, "ventanilla": press.to_ventanilla}
    step(session, ticket, Move.FORWARD, place, press, detail=where, **LET_GO | changes)
    return told(session, press) | {"warnings": warnings}


def finish(session: Session, press: Press) -> dict[str, Any]:
    """The attention ends: its outcome, the cases filed in it and the codes of the trámites done; not named, those of the cases."""
    ticket, place = find_moved(session, Move.FINISH, press)
    cases = cases_of_turn(session, ticket)
    detail = {
        "resultado": press.outcome or ATTENDED,
        "tramites": list(dict.fromkeys(press.tramites or (case.tramite for case in cases))),
        "expedientes": [case.number for case in cases],
    }
    step(session, ticket, Move.FINISH, place, press, detail=detail)
    return told(session, press)


def _moved(session: Session, move: Move, press: Press, **changes: Any) -> dict[str, Any]:
    ticket, place = find_moved(session, move, press)
    step(session, ticket, move, place, press, **changes)
    return told(session, press)


def _returned_turn(session: Session, ticket: Row[Any], now: datetime) -> datetime:
    policy = parse_policy(ticket.policy)
    if policy.returned is Returned.NOW:
        return now
    named = {"sala_id": ticket.sala_id, "service_id": ticket.service_id, "of_class": ticket.preferente}
    next_ones = session.execute(_NEXT_OF_CLASS, named).scalars().all()
    return returned_turn(ticket.turn_at, next_ones, policy=policy, now=now)
