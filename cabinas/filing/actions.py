"""Filing at the till: the number, the case, the money, the paper and the event are one transaction, or nothing happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.enrolment.queries import Terms, terms
from cabinas.filing import rules
from cabinas.filing.case import Numbered, lease_expired
from cabinas.filing.kept import keep_case
from cabinas.filing.models import Counter
from cabinas.filing.papers import cargo_paper
from cabinas.money import actions as money
from cabinas.money import queries as money_queries
from cabinas.money.rules import check_guarantee
from cabinas.outbox import actions as outbox
from cabinas.paper import actions as paper
from cabinas.shifts.queries import refuse_other_hands
from cabinas.sync.clock import Reading, read_clock
from core import ledger, wire
from core.clock import lima_day
from core.errors import Conflict, NotFound
from core.ids import tracking_key, uuid7
from intake.fees import CASH
from intake.filing import Filing, decide
from intake.request import FilingRequest
from intake.told import parts_of_event
from intake.tramite import Tramite
from storage.prepared import prepared
from web.access import Principal

CHANNEL = "cabina"

_counter = Counter.__table__.c
_LAST_COUNTED = prepared(
    select(_counter.year, _counter.last)
    .where(_counter.epoch == bindparam("epoch"))
    .order_by(_counter.year.desc())
    .limit(1)
)
_counting = insert(Counter)
_COUNT = prepared(
    _counting.on_conflict_do_update(index_elements=["epoch", "year"], set_={"last": _counting.excluded.last})
)


class TramiteUnknown(NotFound):
    code = "tramite.no_existe"
    detail = "Ese trámite no está en el TUPA vigente de esta cabina. Búsquelo por su nombre."


class TramiteNotAgreed(Conflict):
    code, title = "cabina.tramite_no_convenido", "Trámite fuera del convenio"
    detail = "El convenio de esta cabina no incluye ese trámite. El ciudadano puede presentarlo en el CAC."


def file(
    session: Session, request: FilingRequest, *, principal: Principal, device: Device, now: datetime
) -> dict[str, Any]:
    """Receive a case with its definitive number; the answer of `POST /expedientes`.

    Raises what `intake.decide` does, TramiteUnknown, TramiteNotAgreed, GuaranteePassed, SeriesExhausted, Suspended, Frozen, and where
    cash moves DrawerOfAnother, NoShift."""
    reading, held = read_clock(session, now), terms(session)
    refuse_unless_in_service(session, held)
    tramite = tramite_of(held, request.tramite, reading)
    filing = decide(
        request,
        tramite,
        received_at=max(reading.at, held.lease.valid_from),  # a clock before the lease's own date is certainly wrong
        calendar=held.offer.calendar,
        channel=CHANNEL,
        hours=held.offer.hours,
        cabin_fee=held.offer.cabin_fee,
    )
    municipal = filing.charges.municipal_centimos if _in_cash(filing) else 0
    check_guarantee(
        held_centimos=ledger.municipal_held(money_queries.balances(session)),
        fee_centimos=municipal,
        guarantee_centimos=held.catalogue.convenio.guarantee_centimos,
    )
    number = _next_number(session, held.lease, now)
    entry = _entry(number, filing)
    if entry and entry.amount(ledger.Account.CASH):
        refuse_other_hands(session, principal)
    case = Numbered(
        id=str(uuid7()),
        number=number,
        track_key=tracking_key(),
        reading=reading,
        operator=principal.name,
        terms=held,
        tupa_version=tramite.version,
        entry=entry,
    )
    return _keep(session, filing, case, device=device)


def tramite_of(held: Terms, code: str, reading: Reading) -> Tramite:
    """The trámite as the TUPA in force says it; the first one published when the clock is before it."""
    catalogue = held.catalogue
    version = catalogue.tupa_on(lima_day(max(reading.at, held.lease.valid_from)))
    version = version or min(catalogue.tupa, key=lambda one: one.valid_from)
    tramite = held.offer.tupa(version).tramites.get(code)
    if tramite is None:
        raise TramiteUnknown()
    agreed = catalogue.convenio.tramites
    if agreed is not None and code not in agreed:
        raise TramiteNotAgreed()
    return tramite


def refuse_unless_in_service(session: Session, held: Terms) -> None:
    """Raises Suspended, Frozen, HistoryOnItsWay."""
    if held.suspended:
        reason = f" Motivo: {held.suspension_reason}." if held.suspension_reason else ""
        raise rules.Suspended(rules.Suspended.detail + reason)
    outbox.refuse_if_frozen(session, held.lease)
    outbox.refuse_if_behind(session)


def _next_number(session: Session, lease: wire.Lease, now: datetime) -> str:
    counted = _LAST_COUNTED(session, {"epoch": lease.epoch}).first()  # years only grow
    year = rules.number_year(now, last_year=counted.year if counted else 0, lease=lease)
    sequence = rules.next_sequence(lease, year, last=counted.last if counted and counted.year == year else 0)
    _COUNT(session, {"epoch": lease.epoch, "year": year, "last": sequence})
    return str(rules.expediente_number(lease, year, sequence))


def _in_cash(filing: Filing) -> bool:
    return filing.payment is not None and filing.payment.method == CASH


def _entry(number: str, filing: Filing) -> ledger.Entry | None:
    """The cabin's service is handed over at the till in cash whatever way the fee is paid."""
    charges = filing.charges
    return ledger.charge(
        number,
        fee_centimos=sum(line.centimos for line in charges.lines if line.concept == "derecho"),
        rounding_centimos=charges.rounding_centimos,
        service_centimos=charges.cabin_centimos or charges.cabin_borne_centimos,
        fee_in_cash=_in_cash(filing),
        service_borne_by_citizen=charges.cabin_borne_centimos == 0,
    )


def _keep(session: Session, filing: Filing, case: Numbered, *, device: Device) -> dict[str, Any]:
    if case.entry:
        money.post(session, case.entry, at=case.reading.at)
    told = fact(filing, case)
    event = outbox.append(session, told, lease=case.terms.lease, key=device.key, at=case.reading.at)
    job = paper.enqueue(
        session,
        cargo_paper(told, filing.tramite, case.terms, key=device.key),
        subject=case.number,
        device=device,
        now=case.reading.at,
    )
    public_url = case.terms.catalogue.public_url
    answer = keep_case(session, told, event, tramite_name=filing.tramite.name, public_url=public_url, print_job=job)
    device.events_appended(session, event.header.epoch, event.header.seq)
    return answer


def _warnings(filing: Filing, case: Numbered) -> list[wire.Notice]:
    notices = [wire.Notice(code=notice.code, detail=notice.detail) for notice in filing.warnings]
    if case.reading.doubtful:
        notices.append(
            wire.Notice(
                code="cabina.hora_por_verificar", detail="La hora de esta PC parece atrasada: el centro la verificará."
            )
        )
    if lease_expired(case):
        notices.append(
            wire.Notice(
                code="cabina.serie_vencida",
                detail="La autorización de esta cabina venció: el trámite vale. Conéctela a internet para renovarla.",
            )
        )
    return notices


def fact(filing: Filing, case: Numbered) -> wire.ExpedienteFiled:
    """All that was decided, as the centre will keep it."""
    return wire.ExpedienteFiled(
        **parts_of_event(filing),
        clock_doubtful=case.reading.doubtful,
        operator=case.operator,
        id=case.id,
        number=case.number,
        track_key=case.track_key,
        tupa_version=case.tupa_version,
        calendar_version=case.terms.offer.calendar.version,
        lease_expired=lease_expired(case),
        warnings=tuple(_warnings(filing, case)),
        ledger=wire.LedgerEntry.of(case.entry) if case.entry else None,
    )
