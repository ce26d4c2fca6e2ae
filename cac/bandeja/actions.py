"""Receiving several cases at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cac.expedientes import actions as expedientes
from core.errors import Invalid
from core.identity import clean_text
from web.access import Principal

MAX_AT_ONCE = 100


class NothingChosen(Invalid):
    code = "bandeja.nada_elegido"
    detail = "Marque al menos un expediente."


class SkipsOlder(Invalid):
    """Art. 148.1 (159.1): the order of entry is kept, or the reason is written."""

    code = "bandeja.salta_el_orden"
    detail = "Deja sin recibir expedientes más antiguos. Escriba el motivo."


def receive_chosen(
    session: Session, chosen: list[str], *, waiting: list[str], reason: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Receive `chosen` out of `waiting` (numbers, oldest reception first, as the page showed them), all or none.

    Raises NothingChosen, SkipsOlder, and what `expedientes.receive` raises."""
    numbers = [number for number in waiting if number in chosen]
    if not numbers or len(numbers) > MAX_AT_ONCE:
        raise NothingChosen(field="number")
    reason = clean_text(reason)
    if numbers != waiting[: len(numbers)] and not reason:
        raise SkipsOlder(field="reason")
    note = f"Fuera de orden: {reason}" if reason else ""
    for number in numbers:
        expedientes.receive(session, number, principal=principal, now=now, note=note)
    return {"received": len(numbers)}
