"""Holding a cabin's events and applying them: once each, whatever the link repeats, reorders or loses.

A slice of events is one verb: it holds and applies what fits in `SLICE_S`, so that a ticket at the kiosk never waits for a
cabin that comes back after a day. An event that cannot be applied is held all the same, in quarantine."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Table, bindparam, exists, insert, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import find, of_cabina
from cac.sync.arrivals import Arrival, Refusal, read
from cac.sync.filings import money_of, register_filing
from cac.sync.models import Cabina, CabinDevice, CabinSeries, InboxEvent, InboxFork, QuarantinedEvent
from cac.treasury import actions as treasury
from core import wire
from core.errors import Conflict, NotFound, Rejected
from core.workdays import Calendar
from intake.clock import FilingHours
from web.access import Principal

SLICE_S = 0.015  # of the writer's time; what is left goes in the next slice

log = logging.getLogger(__name__)

_EVENT: Table = InboxEvent.__table__  # type: ignore[assignment]
_QUARANTINE: Table = QuarantinedEvent.__table__  # type: ignore[assignment]
_SERIES: Table = CabinSeries.__table__  # type: ignore[assignment]
_FORK: Table = InboxFork.__table__  # type: ignore[assignment]
_after = _EVENT.alias("after")

_KEEP = insert(_EVENT).returning(_EVENT.c.id)
_HELD = select(_EVENT.c.seq, _EVENT.c.hash, _EVENT.c.prev_hash).where(
    _EVENT.c.cabina_id == bindparam("cabina_id"),
    _EVENT.c.epoch == bindparam("epoch"),
    _EVENT.c.seq.between(bindparam("first"), bindparam("last")),
)
_END_OF_RUN = (  # the last held before the first gap
    select(_EVENT.c.seq)
    .where(
        _EVENT.c.cabina_id == bindparam("cabina_id"),
        _EVENT.c.epoch == bindparam("epoch"),
        _EVENT.c.seq > bindparam("from_seq"),
        ~exists().where(
            _after.c.cabina_id == _EVENT.c.cabina_id,
            _after.c.epoch == _EVENT.c.epoch,
            _after.c.seq == _EVENT.c.seq + 1,
        ),
    )
    .order_by(_EVENT.c.seq)
    .limit(1)
)
_ADVANCE = update(_SERIES).where(_SERIES.c.id == bindparam("series_id")).values(held_seq=bindparam("seq"))


class NotApplied(Exception):
    """An event undid its slice; it is to be held in quarantine and the rest tried again."""

    def __init__(self, seq: int, refusal: Refusal):
        super().__init__(f"{seq}: {refusal.code}")
        self.seq, self.refusal = seq, refusal


class NotInQuarantine(NotFound):
    code, title = "sync.no_esta_en_verificacion", "Ya no está en verificación"
    detail = "Ese hecho ya no está en verificación. Actualice la página."


class StillRefused(Conflict):
    code, title = "sync.aun_no_se_aplica", "Aún no se puede aplicar"
    detail = "El hecho sigue sin poder aplicarse. Nada cambió."


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose batch it is. `flag` says what is wrong with the sender now: its events are received all the same.

    `behind_s`: seconds to add to the cabin's clock to have the centre's."""

    cabina_id: int
    epoch: int
    flag: str
    behind_s: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What the centre decides by when a cabin could not."""

    calendar: Calendar
    hours: FilingHours


def held_hashes(session: Session, cabina_id: int, epoch: int, seqs: Sequence[int]) -> dict[int, str]:
    """Hash by sequence of what is held between the first and the last of `seqs`."""
    if not seqs:
        return {}
    where = {"cabina_id": cabina_id, "epoch": epoch, "first": min(seqs), "last": max(seqs)}
    return {row.seq: row.hash for row in session.execute(_HELD, where)}


def take_slice(
    session: Session,
    arrivals: Sequence[Arrival],
    *,
    sender: Sender,
    rules: Rules,
    refused: Mapping[int, Refusal],
    now: datetime,
) -> int:
    """Hold and apply the first of `arrivals`, as many as fit in a slice, at least one; returns how many.

    `refused` names events that undid an earlier try. Raises NotApplied when one more does."""
    until = monotonic() + SLICE_S
    cabina = session.get_one(Cabina, sender.cabina_id)
    series = _series(session, sender)
    seqs = [arrival.seq for arrival in arrivals]
    where = {
        "cabina_id": cabina.id,
        "epoch": sender.epoch,
        "first": min(seqs) - 1,
        "last": max(seqs) + 1,
    }
    held = {row.seq: (row.hash, row.prev_hash) for row in session.execute(_HELD, where)}
    done = 0
    for arrival in arrivals:
        if done and monotonic() > until:
            break
        known = held.get(arrival.seq)
        if known is None:
            refusal = arrival.refusal or refused.get(arrival.seq) or _chain_break(arrival, held)
            _take(session, cabina, series, arrival, refusal, sender=sender, rules=rules, now=now)
            held[arrival.seq] = (arrival.hash, arrival.event.header.prev_hash)
        elif known[0] != arrival.hash:
            _keep_fork(session, cabina, series, arrival, now=now)
        done += 1
    _advance(session, cabina, series)
    return done


def _series(session: Session, sender: Sender) -> CabinSeries:
    return session.scalars(
        select(CabinSeries).where(CabinSeries.cabina_id == sender.cabina_id, CabinSeries.epoch == sender.epoch)
    ).one()


def _chain_break(arrival: Arrival, held: Mapping[int, tuple[str, str]]) -> Refusal | None:
    """Both sides of the event, as far as they are held."""
    header = arrival.event.header
    before = wire.GENESIS if arrival.seq == 1 else held.get(arrival.seq - 1, (header.prev_hash, ""))[0]
    after = held.get(arrival.seq + 1, ("", arrival.hash))[1]
    if header.prev_hash != before or after != arrival.hash:
        return Refusal(wire.BadChain.code, f"el hecho {arrival.seq} no encadena con los que ya se tienen")
    return None


def _take(
    session: Session,
    cabina: Cabina,
    series: CabinSeries,
    arrival: Arrival,
    refusal: Refusal | None,
    *,
    sender: Sender,
    rules: Rules,
    now: datetime,
) -> None:
    event_id = _hold(session, arrival, sender=sender, now=now)
    if refusal is None:
        assert arrival.fact is not None
        try:
            apply(session, arrival.fact, series, treasury.Source(cabina, event_id, now), sender=sender, rules=rules)
            session.flush()
        except DBAPIError as error:
            if not isinstance(error, IntegrityError | DataError):
                raise  # the database's trouble, not the event's
            raise NotApplied(arrival.seq, Refusal.of(error.orig or error)) from error
        except Exception as error:  # a bug too: one event must not stop the others
            if not isinstance(error, ValueError) and not hasattr(error, "code"):
                log.exception("event %s of %s epoch %s", arrival.seq, cabina.code, sender.epoch)
            raise NotApplied(arrival.seq, Refusal.of(error)) from error
        return
    if refusal.code == wire.BadChain.code:
        _freeze(session, cabina, series, arrival.seq, refusal.detail, now=now)
    quarantine = {
        "event_id": event_id,
        "cabina_id": cabina.id,
        "code": refusal.code,
        "detail": refusal.detail,
        "number": arrival.told("number"),
        "track_key": arrival.told("track_key"),
        "at": now,
    }
    session.execute(insert(_QUARANTINE), quarantine)


def _hold(session: Session, arrival: Arrival, *, sender: Sender, now: datetime) -> int:
    late = isinstance(arrival.fact, wire.ExpedienteFiled) and arrival.fact.lease_expired
    row = {
        "cabina_id": sender.cabina_id,
        "epoch": sender.epoch,
        "seq": arrival.seq,
        "hash": arrival.hash,
        "prev_hash": arrival.event.header.prev_hash,
        "kind": (arrival.told("kind") or "")[:30],
        "event": arrival.text,
        "flag": sender.flag or ("vencida" if late else ""),
        "received_at": now,
    }
    event_id: int = session.execute(_KEEP, row).scalar_one()
    return event_id


def apply(
    session: Session,
    fact: wire.Payload,
    series: CabinSeries,
    source: treasury.Source,
    *,
    sender: Sender,
    rules: Rules,
) -> None:
    """Let an event do at the centre what it did at the cabin."""
    match fact:
        case wire.ExpedienteFiled():
            register_filing(
                session,
                fact,
                series=series,
                source=source,
                behind_s=sender.behind_s,
                calendar=rules.calendar,
                hours=rules.hours,
            )
            treasury.hear_charge(session, fact, money_of(fact), source)
        case wire.RemittanceDeclared():
            treasury.hear_remittance(session, fact, source)
        case wire.ExtornoDeclared():
            treasury.hear_extorno(session, fact, source)
        case wire.DayClosed():
            treasury.hear_close(session, fact, source)
        case wire.ConfirmationAccepted():
            treasury.hear_acceptance(session, fact, source)
        case _:
            raise wire.BadPayload(f"esta versión del centro aún no aplica «{fact.kind}»")


def retry(
    session: Session, code: str, event_id: int, *, rules: Rules, centre_key: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Apply an event of the quarantine now that what stopped it is mended, as a TUPA version that was not here.

    Raises NotInQuarantine, StillRefused."""
    cabina = find(session, code)
    held = session.get(QuarantinedEvent, event_id)
    if held is None or held.cabina_id != cabina.id or held.settled_at is not None:
        raise NotInQuarantine()
    event = wire.Event.model_validate_json(session.get_one(InboxEvent, event_id).event)
    sender = Sender(cabina.id, event.header.epoch, "", 0)
    series = _series(session, sender)
    device_key = session.get_one(CabinDevice, series.device_id).public_key
    arrival = read(event, cabina=code, epoch=event.header.epoch, device_key=device_key, centre_key=centre_key)
    if arrival.fact is None:
        raise StillRefused(arrival.refusal.detail if arrival.refusal else None)
    try:
        apply(session, arrival.fact, series, treasury.Source(cabina, event_id, now), sender=sender, rules=rules)
    except (Rejected, ValueError) as error:
        raise StillRefused(Refusal.of(error).detail) from error
    held.settled_at, held.settled_by = now, principal.name
    record(
        session,
        principal=principal,
        action="cabina.hecho_aplicado",
        subject=f"cabina:{code}",
        detail=f"época {event.header.epoch}, n.º {event.header.seq} {held.number or ''}".rstrip(),
        now=now,
    )
    return {"epoch": event.header.epoch, "seq": event.header.seq, "number": held.number}


def _keep_fork(session: Session, cabina: Cabina, series: CabinSeries, arrival: Arrival, *, now: datetime) -> None:
    """Another event in a place already taken: kept beside, never instead; the series stops for both."""
    branch = {"cabina_id": cabina.id, "epoch": series.epoch, "seq": arrival.seq, "hash": arrival.hash}
    seen = select(_FORK.c.id).where(*(_FORK.c[name] == value for name, value in branch.items()))
    if session.scalar(seen) is None:
        session.execute(insert(_FORK), branch | {"event": arrival.text, "received_at": now})
    _freeze(session, cabina, series, arrival.seq, f"dos hechos distintos con el número {arrival.seq}", now=now)


def _freeze(session: Session, cabina: Cabina, series: CabinSeries, seq: int, why: str, *, now: datetime) -> None:
    if series.frozen_at is not None:
        return
    series.frozen_at, series.frozen_seq, series.frozen_why = now, seq, why[:200]
    record(
        session,
        principal=of_cabina(cabina),
        action="cabina.serie_congelada",
        subject=f"cabina:{cabina.code}",
        detail=f"serie {series.series}: {why}",
        now=now,
    )


def _advance(session: Session, cabina: Cabina, series: CabinSeries) -> None:
    """`held_seq` follows the run of events without a gap."""
    where = {"cabina_id": cabina.id, "epoch": series.epoch}
    if not session.execute(_HELD, where | {"first": series.held_seq + 1, "last": series.held_seq + 1}).first():
        return
    reached = session.scalar(_END_OF_RUN, where | {"from_seq": series.held_seq})
    session.execute(_ADVANCE, {"series_id": series.id, "seq": reached})
