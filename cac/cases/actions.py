"""Acts in the order of reception: passing an older case over needs its reason, and leaves it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.cases.queries import older_in_hand
from cac.expedientes import actions as expedientes
from cac.expedientes.actions.rows import find_case
from core.errors import Invalid
from core.identity import clean_text
from web.access import Principal


class OutOfOrder(Invalid):
    """Art. 148.1 (159.1): cases are decided in the order they came in; departing from it is reasoned in writing."""

    code = "expediente.fuera_de_orden"

    def __init__(self, older: int):
        cases = "un expediente anterior" if older == 1 else f"{older} expedientes anteriores"
        super().__init__(f"Hay {cases} por atender. Escriba por qué este va antes.", field="order_reason")


def act_in_order(
    session: Session, number: str, *, order_reason: str, principal: Principal, now: datetime, **act: Any
) -> dict[str, Any]:
    """`expedientes.add_act`; a decision ahead of older cases keeps `order_reason` in the log. Raises OutOfOrder."""
    case = find_case(session, number)
    if act["kind"] != "informe":
        older = older_in_hand(session, case.area_code, received_on=case.received_on, but=case.number)
        reason = clean_text(order_reason)
        if older and not reason:
            raise OutOfOrder(older)
        if older:
            subject = f"expediente:{case.number}"
            record(
                session,
                principal=principal,
                action="expediente.fuera_de_orden",
                subject=subject,
                detail=reason,
                now=now,
            )
    return expedientes.add_act(session, number, principal=principal, now=now, **act)
