"""What an event does at the centre: the case, the money, or the quarantine where a person looks at it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, insert, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import find, of_cabina
from cac.sync.arrivals import Arrival, Refusal, read
from cac.sync.case_papers import hear_attachment, hear_cure
from cac.sync.filings import NumberTaken, money_of, register_filing
from cac.sync.models import Cabina, CabinDevice, CabinSeries, InboxEvent, QuarantinedEvent
from cac.sync.rebuilt import APPLIED, hear_rebuilt, recognise
from cac.sync.undoing import hear_aside
from cac.treasury import actions as treasury
from cac.treasury.closing import hear_settlement
from cac.valijas.actions import hear_valija
from core import wire
from core.errors import Conflict, NotFound, Rejected
from core.workdays import Calendar
from intake.clock import FilingHours
from web.access import Principal

log = logging.getLogger(__name__)

_QUARANTINE: Insert = insert(QuarantinedEvent)


class NotApplied(Exception):
    """An event undid its slice; it is to be put in quarantine and the rest tried again."""

    def __init__(self, seq: int, refusal: Refusal):
        super().__init__(f"{seq}: {refusal.code}")
        self.seq, self.refusal = seq, refusal


class NotInQuarantine(NotFound):
    code, title = "sync.no_esta_en_verificacion", "Ya no está en verificación"
    detail = "Ese hecho ya no está en verificación. Actualice la página."


class StillRefused(Conflict):
    code, title = "sync.aun_no_se_aplica", "Aún no se puede aplicar"
    detail = "El hecho sigue sin poder aplicarse. Nada cambió."


CLASHES = (
    "El hecho choca con lo que el centro ya guardó: repite un número o una clave, o trae un dato que no cabe. Nada cambió. "
    "Compárelo con lo que tiene la cabina y, si es el mismo hecho repetido, apártelo."
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the centre decides by when a cabin could not."""

    calendar: Calendar
    hours: FilingHours


@dataclass(frozen=True, slots=True)
class Place:
    """Whose event it is and when it is applied. `behind_s`: what to add to the cabin's clock to have the centre's."""

    cabina: Cabina
    series: CabinSeries
    rules: Rules
    now: datetime
    behind_s: int = 0


def apply_or_undo(session: Session, arrival: Arrival, event_id: int, place: Place) -> None:
    """Apply an event; whatever is wrong with it is NotApplied, which undoes its whole slice."""
    assert arrival.fact is not None
    try:
        apply(session, arrival.fact, event_id, place)
        session.flush()
    except DBAPIError as error:
        if not isinstance(error, IntegrityError | DataError):
            raise  # the database's trouble, not the event's
        raise NotApplied(arrival.seq, Refusal.of(error.orig or error)) from error
    except Exception as error:  # a bug too: one event must not stop the others
        if not isinstance(error, ValueError | Rejected):
            log.exception("event %s of %s epoch %s", arrival.seq, place.cabina.code, place.series.epoch)
        raise NotApplied(arrival.seq, Refusal.of(error)) from error


def apply(session: Session, fact: wire.Payload, event_id: int, place: Place) -> None:
    """Let an event do at the centre what it did at the cabin."""
    source = treasury.Source(place.cabina, event_id, place.now)
    match fact:
        case wire.ExpedienteFiled():
            try:
                register_filing(
                    session,
                    fact,
                    series=place.series,
                    source=source,
                    behind_s=place.behind_s,
                    calendar=place.rules.calendar,
                    hours=place.rules.hours,
                )
            except NumberTaken:  # by itself, when its paper was registered without it
                if recognise(session, fact, series=place.series, source=source):
                    return
                raise
            treasury.hear_charge(session, fact, money_of(fact), source)
        case wire.RemittanceDeclared():
            treasury.hear_remittance(session, fact, source)
        case wire.RemittanceByCode():
            treasury.hear_code(session, fact, source)
        case wire.ExtornoDeclared():
            treasury.hear_extorno(session, fact, source)
        case wire.ShiftBegun():
            treasury.hear_shift(session, fact, source)
        case wire.OwnCashMoved():
            treasury.hear_own_cash(session, fact, source)
        case wire.DayClosed():
            treasury.hear_close(session, fact, source)
        case wire.ConfirmationAccepted():
            if not hear_rebuilt(session, fact, source, calendar=place.rules.calendar, hours=place.rules.hours):
                treasury.hear_acceptance(session, fact, source)
                hear_aside(session, fact, source)
        case wire.LiquidacionAccepted():
            hear_settlement(session, fact, source)
        case wire.ObservationCured():
            hear_cure(session, fact, source, behind_s=place.behind_s, calendar=place.rules.calendar)
        case wire.AttachmentAnnounced():
            hear_attachment(session, fact, source)
        case wire.ValijaSent():
            hear_valija(session, fact, source)
        case _:
            raise wire.BadPayload(f"esta versión del centro aún no aplica «{fact.kind}»")


def quarantine(session: Session, arrival: Arrival, refusal: Refusal, event_id: int, place: Place) -> None:
    """Put an event before people; a broken chain also freezes its series, for one key wrote two histories."""
    if refusal.code == wire.BadChain.code:
        freeze(session, arrival.seq, refusal.detail, place)
    claimed = {
        "event_id": event_id,
        "cabina_id": place.cabina.id,
        "code": refusal.code,
        "detail": refusal.detail,
        "number": arrival.told("number"),
        "track_key": arrival.told("track_key"),
        "at": place.now,
    }
    session.execute(_QUARANTINE, claimed)


def freeze(session: Session, seq: int, why: str, place: Place) -> None:
    """No lease any more in this series; both PCs are told."""
    series = place.series
    if series.frozen_at is not None:
        return
    series.frozen_at, series.frozen_seq, series.frozen_why = place.now, seq, why[:200]
    record(
        session,
        principal=of_cabina(place.cabina),
        action="cabina.serie_congelada",
        subject=f"cabina:{place.cabina.code}",
        detail=f"serie {series.series}: {why}",
        now=place.now,
    )


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
    series = series_of_epoch(session, cabina.id, event.header.epoch)
    device_key = session.get_one(CabinDevice, series.device_id).public_key
    arrival = read(event, cabina=code, epoch=series.epoch, device_key=device_key, centre_key=centre_key)
    if arrival.fact is None:
        raise StillRefused(arrival.refusal.detail if arrival.refusal else None)
    apply_as_asked(session, arrival.fact, event_id, Place(cabina, series, rules, now))
    held.settled_at, held.settled_by, held.settled_how = now, principal.name, APPLIED
    record(
        session,
        principal=principal,
        action="cabina.hecho_aplicado",
        subject=f"cabina:{code}",
        detail=f"época {event.header.epoch}, n.º {event.header.seq} {held.number or ''}".rstrip(),
        now=now,
    )
    return {"epoch": event.header.epoch, "seq": event.header.seq, "number": held.number}


def apply_as_asked(session: Session, fact: wire.Payload, event_id: int, place: Place) -> None:
    """Apply an event of the quarantine because a person asks. Raises StillRefused with what is wrong, also where only the database
    finds it: a row that is already here in another event's name."""
    try:
        apply(session, fact, event_id, place)
        session.flush()
    except (Rejected, ValueError) as error:
        raise StillRefused(Refusal.of(error).detail) from error
    except (IntegrityError, DataError) as error:
        log.info("event %s clashes with what is kept: %s", event_id, error.orig)
        raise StillRefused(CLASHES) from error


def series_of_epoch(session: Session, cabina_id: int, epoch: int) -> CabinSeries:
    of_it = select(CabinSeries).where(CabinSeries.cabina_id == cabina_id, CabinSeries.epoch == epoch)
    return session.scalars(of_it).one()
