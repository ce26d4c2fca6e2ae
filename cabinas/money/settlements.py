"""The settlements treasury closed, as this till has them: signed, numbered, the same for ever; and what its own ledger gives."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.enrolment.queries import terms
from cabinas.money import queries
from cabinas.money.models import Liquidacion
from cabinas.outbox import actions as outbox
from cabinas.sync.clock import read_clock
from core import wire
from core.ledger import Balances
from core.settlement import next_after, settle_sums


def closed(session: Session) -> list[wire.Liquidacion]:
    """All of them, oldest first."""
    return [_opened(row) for row in session.scalars(select(Liquidacion).order_by(Liquidacion.n))]


def one(session: Session, n: int) -> wire.Liquidacion | None:
    row = session.get(Liquidacion, n)
    return _opened(row) if row else None


def differing(session: Session) -> list[int]:
    """The numbers of those for which this till's own ledger gives other figures."""
    rows = session.scalars(select(Liquidacion).order_by(Liquidacion.n))
    return [row.n for row in rows if row.own_check != _opened(row).check_code]


def accept_settlement(
    session: Session, sealed: wire.Sealed[wire.Liquidacion], *, device: Device, now: datetime
) -> bool:
    """Keep the next one and tell the centre what this till's ledger gives for it; False when it is not the next: a restored centre
    leaves numbers free, and what follows still begins where the last one ended."""
    told, before = wire.unsealed(sealed, wire.Liquidacion), closed(session)
    if before and not _follows(told, before[-1]):
        return False
    reading = read_clock(session, now)
    payload = wire.LiquidacionAccepted(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator="",
        liquidacion=sealed,
        own_check=_own_check(session, told, before),
    )
    lease = terms(session).lease
    event = outbox.append(session, payload, lease=lease, key=device.key, at=reading.at)
    keep(session, payload)
    device.events_appended(session, lease.epoch, event.header.seq)
    return True


def keep(session: Session, fact: wire.LiquidacionAccepted) -> None:
    """Unless it is here already."""
    told = wire.unsealed(fact.liquidacion, wire.Liquidacion)
    if session.get(Liquidacion, told.n) is None:
        sealed = json.dumps(fact.liquidacion.plain(), ensure_ascii=False)
        session.add(Liquidacion(n=told.n, sealed=sealed, own_check=fact.own_check, at=fact.at))
        session.flush()


def _follows(told: wire.Liquidacion, last: wire.Liquidacion) -> bool:
    begins = (told.from_on, told.figures["opening_centimos"])
    return told.n > last.n and begins == (last.to_on + timedelta(days=1), last.figures["closing_centimos"])


def _own_check(session: Session, told: wire.Liquidacion, before: list[wire.Liquidacion]) -> str:
    moved, filings = queries.moved_until(session, told.to_on)
    whole = settle_sums(told.cabina, Balances(), moved, filings=filings, from_on=told.from_on, to_on=told.to_on)
    return next_after(whole, [each.settlement() for each in before], n=told.n).check_code


def _opened(row: Liquidacion) -> wire.Liquidacion:
    return wire.unsealed(wire.Sealed[wire.Liquidacion].model_validate_json(row.sealed), wire.Liquidacion)
