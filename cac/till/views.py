"""A till as its cashier, treasury and programs see it. The cash a till should hold is not told to who is about to count it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from cac.expedientes.papers import METHOD_NAMES
from cac.filing.rules import CONCEPTS
from cac.till import queries
from cac.till.actions import close_answer
from cac.till.models import TillClose
from cac.till.queries import Cashier, Movement, Pending, Taken
from core.money import soles
from intake.fees import CASH
from web.access import Principal

SEES_ALL = ("tesoreria", "auditor")


@dataclass(frozen=True, slots=True)
class MethodRow:
    method: str
    receipts: int
    centimos: int | None  # null: cash, before it is counted


@dataclass(frozen=True, slots=True)
class TillView:
    """The till of who asks, and everybody's for who may see them."""

    taken: Taken
    receipts: list[Movement]
    refunds: list[Movement]
    by_method: list[MethodRow]
    closes: list[TillClose]
    pending: list[Pending]
    others: list[Cashier]
    chosen: Cashier | None  # whose receipts are shown, of the others


def till_view(session: Session, principal: Principal, *, chosen: str = "") -> TillView:
    taken, all_seen = queries.taken(session, principal.key), principal.role in SEES_ALL
    others = [one for one in queries.cashiers(session) if one.key != principal.key] if all_seen else []
    other = next((one for one in others if one.key == chosen), None)
    shown = other.key if other else principal.key
    return TillView(
        taken=taken,
        receipts=queries.receipts(session, shown),
        refunds=queries.refunds(session, shown),
        by_method=_method_rows(other.taken if other else taken, blind=other is None),
        closes=queries.closes(session, None if all_seen else principal.key),
        pending=queries.pending_refunds(session),
        others=others,
        chosen=other,
    )


def as_json(view: TillView, *, principal: Principal) -> dict[str, Any]:
    """`GET /caja`."""
    return {
        "cashier": principal.name,
        "since_at": _instant(view.taken.since_at),
        "by_method": [
            {"method": row.method, "receipts": row.receipts, "centimos": row.centimos} for row in view.by_method
        ],
        "receipts": [movement_json(movement) for movement in view.receipts],
        "refunds": [movement_json(movement) for movement in view.refunds],
        "closes": [close_answer(close) for close in view.closes],
        "tills": [
            {
                "key": one.key,
                "cashier": one.name,
                "role": one.role,
                "since_at": _instant(one.taken.since_at),
                "receipts": one.taken.receipts,
                "refunds": one.taken.refunds,
                "by_method": dict(one.taken.by_method),
                "expected_centimos": one.taken.expected_centimos,
            }
            for one in view.others
        ],
    }


def movement_json(movement: Movement) -> dict[str, Any]:
    return {
        "number": movement.number,
        "method": movement.method,
        "at": movement.at.isoformat(),
        "lines": [{"concept": concept, "centimos": centimos} for concept, centimos in movement.lines],
        "total_centimos": movement.total_centimos,
    }


def pending_json(order: Pending) -> dict[str, Any]:
    """A row of `GET /devoluciones`."""
    return {
        "id": order.id,
        "number": order.number,
        "applicant": order.applicant_name,
        "centimos": order.centimos,
        "lines": [{"concept": concept, "centimos": centimos} for concept, centimos in order.lines],
        "method": order.method,
        "ordered_at": order.ordered_at.isoformat(),
    }


def line_words(lines: list[tuple[str, int]]) -> str:
    """`Derecho de trámite 48.47 · Redondeo por efectivo −0.07`."""
    return " · ".join(f"{CONCEPTS[concept]} {soles(centimos).replace('-', '−')}" for concept, centimos in lines)


def close_words(close: dict[str, Any]) -> tuple[str, str]:
    """(kind of notice, sentence) of a count just made."""
    short = close["difference_centimos"]
    said = f"Cierre guardado. Debía haber S/ {soles(close['expected_centimos'])} y contó S/ {soles(close['counted_centimos'])}: "
    if short == 0:
        return "bien", said + "cuadra."
    return "aviso", said + f"{'falta' if short < 0 else 'sobra'} S/ {soles(abs(short))}."


def _method_rows(taken: Taken, *, blind: bool) -> list[MethodRow]:
    methods = [method for method in METHOD_NAMES if method in taken.receipts_by_method or method in taken.by_method]
    found: Counter[str] = taken.by_method
    return [
        MethodRow(method, taken.receipts_by_method[method], None if blind and method == CASH else found[method])
        for method in methods
    ]


def _instant(at: Any) -> str | None:
    return at.isoformat() if at else None
