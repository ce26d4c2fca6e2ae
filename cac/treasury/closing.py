"""Closing a period with a cabin: the next settlement, numbered without gaps, signed, and never changed again.

A centre restored from a copy closes nothing with a cabin until that cabin has offered again all it had, and then leaves some
numbers free: a number that may stand on a paper is never given twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import find
from cac.sync.leases import LEFT_FREE_BY_RESTORE, last_restored_at
from cac.sync.models import Cabina
from cac.sync.queries import municipality, quarantined
from cac.treasury import ledger, queries
from cac.treasury.actions import NotAsDeclared, Source
from cac.treasury.models import CabinPosting, CabinSettlement
from core import wire
from core.clock import lima_day, lima_midnight
from core.errors import Conflict, Invalid, NotFound
from core.ledger import Balances
from core.money import soles
from core.settlement import Settlement, next_after, settle_sums
from storage.prepared import prepared
from web.access import Principal

_UNHEARD = prepared(
    select(CabinSettlement.sealed)
    .where(CabinSettlement.cabina_id == bindparam("cabina_id"), CabinSettlement.accepted_at.is_(None))
    .order_by(CabinSettlement.n)
    .limit(wire.MAX_SETTLEMENTS)
)


class PeriodNotOver(Invalid):
    code, title = "liquidacion.periodo", "Periodo por corregir"
    detail = "Se cierra hasta un día que ya terminó y posterior a la última liquidación."


class NotAllHere(Conflict):
    code, title = "liquidacion.falta_recibir", "Falta recibir algo"


class NotOfferedAgain(Conflict):
    code, title = "liquidacion.centro_restaurado", "El centro se restauró"
    detail = (
        "El centro se restauró de una copia y esta cabina todavía no volvió a enviar lo que tenía: puede saber de algo que aquí se "
        "perdió. Espere a que se conecte."
    )


class ClosedMeanwhile(Conflict):
    code, title = "liquidacion.ya_cerrada", "Ya se cerró"
    detail = "Otra persona cerró esa liquidación mientras tanto. Actualice la página para verla."


class SettlementUnknown(NotFound):
    code, title = "liquidacion.no_existe", "Liquidación desconocida"
    detail = "Esa liquidación no existe. Vea en la lista las que se cerraron."


def closed(session: Session, cabina_id: int) -> list[CabinSettlement]:
    """Oldest first."""
    of_it = select(CabinSettlement).where(CabinSettlement.cabina_id == cabina_id)
    return list(session.scalars(of_it.order_by(CabinSettlement.n)))


def one(session: Session, cabina_id: int, n: int) -> wire.Liquidacion:
    """Raises SettlementUnknown."""
    of_it = (CabinSettlement.cabina_id == cabina_id, CabinSettlement.n == n)
    row = session.scalar(select(CabinSettlement).where(*of_it))
    if row is None:
        raise SettlementUnknown()
    return opened(row)


def opened(row: CabinSettlement) -> wire.Liquidacion:
    return wire.unsealed(wire.Sealed[wire.Liquidacion].model_validate_json(row.sealed), wire.Liquidacion)


def next_settlement(session: Session, cabina: Cabina, to_on: date) -> Settlement:
    """What closing until that day would tell. Raises PeriodNotOver when a later day is closed already."""
    rows = closed(session, cabina.id)
    before = [opened(row).settlement() for row in rows]
    if before and to_on <= before[-1].to_on:
        raise PeriodNotOver(field="hasta")
    first_at = session.scalar(select(func.min(CabinPosting.at)).where(CabinPosting.cabina_id == cabina.id))
    first_on = min(to_on, lima_day(first_at or cabina.created_at))
    moved, filings = ledger.moved_until(session, cabina.id, to_on)
    whole = settle_sums(cabina.code, Balances(), moved, filings=filings, from_on=first_on, to_on=to_on)
    return next_after(whole, before, n=_next_number(session, cabina, rows))


def lacking(session: Session, cabina: Cabina, to_on: date) -> list[str]:
    """Why the cabin's own figures of the period may be others, in words; nothing when all is here."""
    found = []
    if cabina.caught_up_at is None or cabina.caught_up_at < lima_midnight(to_on + timedelta(days=1)):
        found.append("la cabina no ha enviado todo lo de ese periodo")
    if held := quarantined(session, cabina.id):
        found.append(f"hay {len(held)} en verificación")
    if queries.pending_words(session, cabina.id):
        found.append("la cabina aún no oyó todo lo que Tesorería dijo")
    return found


def close_settlement(
    session: Session,
    code: str,
    told: Settlement,
    *,
    today: date,
    even_so: bool,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Sign `told`, the next of the cabin; the cabin gets it with its next talk. What comes late goes into the one after.

    Raises CabinaUnknown, PeriodNotOver, ClosedMeanwhile, NotOfferedAgain, NotAllHere unless `even_so`."""
    cabina = find(session, code)
    if told.to_on >= today:
        raise PeriodNotOver(field="hasta")
    before = closed(session, cabina.id)
    if told.n != _next_number(session, cabina, before) or (
        before and told.opening_centimos != before[-1].closing_centimos
    ):
        raise ClosedMeanwhile()
    refuse_before_offered_again(session, cabina)
    if not even_so and (why := lacking(session, cabina, told.to_on)):
        raise NotAllHere(f"No se cierra todavía: {'; '.join(why)}. Espere a que se conecte, o cierre con lo que hay.")
    message = wire.Liquidacion.of(
        told,
        name=cabina.name,
        municipality=municipality(session),
        remittances=_remittances(session, cabina, told),
        asides=asides(session, cabina, told),
        by=principal.name,
        at=now,
    )
    _keep(session, cabina, message, wire.seal(key, message))
    record(
        session,
        principal=principal,
        action="tesoreria.liquidacion_cerrada",
        subject=f"cabina:{code}",
        detail=f"{told.number} {told.from_on} a {told.to_on} S/ {soles(told.closing_centimos)}",
        now=now,
    )
    return {"n": message.n, "number": told.number, "check_code": told.check_code}


def refuse_before_offered_again(session: Session, cabina: Cabina) -> None:
    """What a cabin alone may still know comes first. Raises NotOfferedAgain."""
    restored_at = last_restored_at(session)
    if restored_at and cabina.created_at < restored_at and (cabina.caught_up_at or restored_at) <= restored_at:
        raise NotOfferedAgain()


def _next_number(session: Session, cabina: Cabina, before: Sequence[CabinSettlement]) -> int:
    """After the last one. The first since the centre was restored leaves some free: they may have been printed and then lost."""
    restored_at = last_restored_at(session)
    last_at = before[-1].at if before else cabina.created_at
    free = LEFT_FREE_BY_RESTORE if restored_at and last_at < restored_at else 0
    return (before[-1].n if before else 0) + 1 + free


def pending_settlements(session: Session, cabina_id: int) -> list[dict[str, Any]]:
    """Those the cabin has not told it has, sealed, by their numbers."""
    return [json.loads(row.sealed) for row in _UNHEARD(session, {"cabina_id": cabina_id})]


def hear_settlement(session: Session, fact: wire.LiquidacionAccepted, source: Source) -> None:
    """The cabin has it; one this centre forgot (it was restored) is taken from the event. Its signature was verified by who calls.

    Raises NotAsDeclared."""
    message = wire.unsealed(fact.liquidacion, wire.Liquidacion)
    if message.cabina != source.cabina.code:
        raise NotAsDeclared(f"la liquidación es de {message.cabina}")
    of_it = (CabinSettlement.cabina_id == source.cabina.id, CabinSettlement.n == message.n)
    known = session.scalar(select(CabinSettlement).where(*of_it))
    if known is None:
        since = closed(session, source.cabina.id)
        if since and since[-1].n > message.n:
            raise NotAsDeclared(
                f"después de la liquidación {message.n}, que aquí no está, ya se cerró la {since[-1].n}"
            )
        known = _keep(session, source.cabina, message, fact.liquidacion)
    if known.check_code != message.check_code:
        raise NotAsDeclared(f"la liquidación {message.n} es otra")
    if known.accepted_at is None:
        known.accepted_at, known.own_check = source.now, fact.own_check[:40]
        session.flush()


def _keep(
    session: Session, cabina: Cabina, message: wire.Liquidacion, sealed: wire.Sealed[wire.Liquidacion]
) -> CabinSettlement:
    row = CabinSettlement(
        cabina_id=cabina.id,
        n=message.n,
        from_on=message.from_on,
        to_on=message.to_on,
        closing_centimos=message.figures["closing_centimos"],
        check_code=message.check_code,
        by=message.by[:120],
        at=message.at,
        sealed=wire.canonical(sealed.plain()).decode(),
    )
    session.add(row)
    session.flush()
    return row


def _remittances(session: Session, cabina: Cabina, told: Settlement) -> tuple[wire.RemittancePart, ...]:
    """Declared in the period, with the state they had when it was closed; the last ones when there are too many."""
    rows = queries.remittances_between(session, cabina.id, told.from_on, told.to_on)[-wire.MAX_REMITTANCES :]
    return tuple(
        wire.RemittancePart(
            on=lima_day(declared.declared_at),
            reference=declared.reference,
            centimos=word.centimos if word and word.kind == "remesa_confirmada" else declared.centimos,
            state=word.kind.split("_")[1] if word else "declarada",
        )
        for declared, word in rows
    )


def asides(session: Session, cabina: Cabina, told: Settlement) -> tuple[wire.AsidePart, ...]:
    """What treasury set aside in the period: no figure has it."""
    words = queries.words_of(session, cabina.id, wire.ConfirmationKind.EVENT_SET_ASIDE)
    said = [(lima_day(word.at), wire.unsealed(sealed, wire.Confirmation)) for word, sealed in words]
    parts = [
        wire.AsidePart(on=on, about=word.about, centimos=word.centimos)
        for on, word in said
        if told.from_on <= on <= told.to_on
    ]
    return tuple(parts[-wire.MAX_REMITTANCES :])
