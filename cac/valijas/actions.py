"""A bag is announced by its cabin, emptied here paper by paper, and closed; what was not in it stays missing until it comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.cabin_news.actions import tell
from cac.expedientes.actions.rows import find_case
from cac.treasury.actions import Source
from cac.valijas import queries
from cac.valijas.models import Valija, ValijaItem
from core import wire
from core.errors import Conflict, Invalid
from core.ids import ExpedienteNumber
from core.receipt import NotAReceipt, read
from web.access import Principal


class NotInIt(Conflict):
    code, title = "valija.no_esta_en_la_lista", "No está en la lista"
    detail = "Ese expediente no está en la lista de esta valija. Apártelo y avise a la cabina."


class Unreadable(Invalid):
    code, title = "valija.ilegible", "No se entiende"
    detail = "Eso no es un número de expediente. Lea el código de la lista o del cargo, o escriba el número."


def hear_valija(session: Session, fact: wire.ValijaSent, source: Source) -> None:
    """Raises BadPayload, ExpedienteUnknown."""
    cabina = source.cabina
    if not fact.code.startswith(f"V-{cabina.code}"):
        raise wire.BadPayload(f"{fact.code} no es una valija de {cabina.code}")
    for part in fact.items:
        if find_case(session, part.number).cabina != cabina.code:
            raise wire.BadPayload(f"{part.number} no es de la cabina {cabina.code}")
    valija = Valija(
        code=fact.code,
        cabina_id=cabina.id,
        event_id=source.event_id,
        seal=fact.seal,
        carried_by=fact.carried_by,
        sent_by=fact.operator[:120],
        sent_at=fact.at,
    )
    session.add(valija)
    session.flush()
    session.add_all(ValijaItem(valija_id=valija.id, number=part.number, folios=part.folios) for part in fact.items)


def receive(session: Session, code: str, scanned: str, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """A paper came out of the bag, and is looked for in no other any more; scanned again it is the same. Raises ValijaUnknown,
    Unreadable, NotInIt."""
    seen, items = queries.valija(session, code)
    number = _number_in(scanned)
    item = next((item for item in items if item.number == number), None)
    if item is None:
        raise NotInIt(number=number)
    if item.received_at is None:
        first = seen.received == 0
        item.received_at, item.received_by = now, principal.name
        _note(session, "valija.papel_recibido", seen.row.code, number, principal=principal, now=now)
        if first or seen.row.closed_at:
            _tell(session, seen.row, seen.cabina, now=now)
        for other in queries.awaited_elsewhere(session, number, seen.row.id):
            other.received_at, other.received_by = now, principal.name
            _tell(session, session.get_one(Valija, other.valija_id), seen.cabina, now=now)
    return {"number": number, "folios": item.folios}


def close(session: Session, code: str, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The bag is empty: what was not in it is missing. Raises ValijaUnknown."""
    seen, items = queries.valija(session, code)
    missing = [item.number for item in items if item.received_at is None]
    if seen.row.closed_at is None:
        seen.row.closed_at, seen.row.closed_by = now, principal.name
        _note(session, "valija.cerrada", seen.row.code, ", ".join(missing), principal=principal, now=now)
        _tell(session, seen.row, seen.cabina, now=now)
    return {"code": seen.row.code, "missing": missing}


def _tell(session: Session, row: Valija, cabina: str, *, now: datetime) -> None:
    """The till that sent it hears that it is here, and what was not in it."""
    session.flush()
    items = queries.items_of(session, row.id)
    here = [item.received_at for item in items if item.received_at]
    missing = tuple(item.number for item in items if item.received_at is None) if row.closed_at else ()
    opened_at = min([*here, row.closed_at or now])
    news = wire.ValijaNews(
        code=row.code,
        cases=len(items),
        received=len(here),
        missing=missing,
        opened_at=opened_at,
        closed_at=row.closed_at,
        told_at=now,
    )
    tell(session, cabina, news, now=now)


def _number_in(scanned: str) -> str:
    """Of a number as typed, the address of a cargo's QR, or the signed code of a receipt."""
    text = scanned.strip()
    try:
        return read(text).receipt.number
    except NotAReceipt:
        pass
    text = text.partition("numero=")[2].partition("&")[0] or text
    try:
        return str(ExpedienteNumber.parse(text))
    except ValueError:
        raise Unreadable(field="scanned") from None


def _note(session: Session, action: str, code: str, detail: str, *, principal: Principal, now: datetime) -> None:
    record(session, principal=principal, action=action, subject=f"valija:{code}", detail=detail[:300], now=now)
