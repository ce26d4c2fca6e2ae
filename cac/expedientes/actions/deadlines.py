"""What the law's clock does by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cac.access.actions import SYSTEM
from cac.expedientes.actions.rows import append_move
from cac.expedientes.models import Charge, Expediente, Observacion, RefundOrder
from cac.expedientes.rules import OBSERVED, after
from core.clock import lima_day
from core.errors import Conflict
from web.access import Principal

LAPSED_AT_ONCE = 50  # cases of one write, so that nobody waits for it


class RefundPaid(Conflict):
    code = "expediente.devolucion_pagada"
    detail = "Lo pagado por ese expediente ya se devolvió: no puede reponerse. Ingrese uno nuevo."


def lapse_observed(session: Session, *, now: datetime, synced_until: Mapping[str, date] | None = None) -> list[str]:
    """Cases not cured by the end of their due day are treated as not filed (125.4): their numbers, at most some dozens.

    The number stays in the register; what was paid to the municipality is ordered back. A cabin's case waits until its
    cabin has told everything up to its due day: `synced_until` is that Lima day by cabina, and one not named waits."""
    today, synced, lapsed = lima_day(now), synced_until or {}, []
    late = select(Expediente).where(Expediente.state == OBSERVED, Expediente.observed_due_on < today)
    for case in session.scalars(late.order_by(Expediente.observed_due_on, Expediente.id)):
        due = case.observed_due_on
        if case.cabina and (due is None or synced.get(case.cabina, date.min) <= due):
            continue
        _lapse(session, case, now=now)
        lapsed.append(case.number)
        if len(lapsed) >= LAPSED_AT_ONCE:
            break
    return lapsed


def undo_lapse(session: Session, case: Expediente, *, principal: Principal, now: datetime) -> None:
    """A cure made in time arrived after the case had lapsed: it is observed again, and what was not paid back is not.

    Raises MoveNotAllowed, RefundPaid."""
    state = after("reposicion", case.state)
    order = session.scalar(select(RefundOrder).where(RefundOrder.expediente_id == case.id))
    if order is not None and order.state == "pagada":
        raise RefundPaid()
    if order is not None:
        order.state, order.settled_at = "cancelada", now
    observation = session.scalars(
        select(Observacion).where(Observacion.expediente_id == case.id).order_by(Observacion.id.desc()).limit(1)
    ).one()
    observation.closed_at, observation.outcome = None, None
    case.observed_due_on = observation.due_on
    append_move(session, case, kind="reposicion", to_state=state, principal=principal, now=now)


def _lapse(session: Session, case: Expediente, *, now: datetime) -> None:
    asked = session.scalars(
        select(Observacion).where(Observacion.expediente_id == case.id, Observacion.closed_at.is_(None))
    ).all()
    for observation in asked:
        observation.closed_at, observation.outcome = now, "no_subsanada"
    state = after("lapso", case.state)
    case.observed_due_on = None
    append_move(session, case, kind="lapso", to_state=state, principal=SYSTEM, now=now)
    _order_refund(session, case, now=now)


def _order_refund(session: Session, case: Expediente, *, now: datetime) -> None:
    """Only what was paid to the municipality: the cabin's service was given."""
    if not case.payment or case.payment["state"] != "pagado":
        return
    lines = session.execute(
        select(Charge.concept, Charge.centimos)
        .where(Charge.expediente_id == case.id, Charge.concept != "servicio_cabina")
        .order_by(Charge.id)
    ).all()
    if centimos := sum(line.centimos for line in lines):
        order = {
            "expediente_id": case.id,
            "centimos": centimos,
            "lines": [{"concept": line.concept, "centimos": -line.centimos} for line in lines],
            "state": "pendiente",
            "ordered_at": now,
        }
        session.execute(insert(RefundOrder).values(**order))
