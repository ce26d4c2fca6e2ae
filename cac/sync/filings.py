"""A cabin's filing taken over at the centre: the decision that intake made there, as it was signed, and the money it moved."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from cac.expedientes.actions import apply_filed
from cac.sync.actions import of_cabina
from cac.sync.models import CabinSeries
from cac.treasury.actions import Source
from cac.tupa.queries import get_tramite_of
from core import wire
from core.clock import lima_day
from core.ids import ExpedienteNumber
from core.ledger import Entry, charge
from core.workdays import Calendar, CalendarMissing
from intake.clock import FilingHours, LawClock, law_clock, received_on, subsanacion_due
from intake.fees import Charge, Charges, Payment
from intake.filing import Filing, Notice, Notify, Observed, Person
from intake.tramite import Tramite


class NumberTaken(ValueError):
    code = "sync.numero_repetido"


def register_filing(
    session: Session,
    fact: wire.ExpedienteFiled,
    *,
    series: CabinSeries,
    source: Source,
    behind_s: int,
    calendar: Calendar,
    hours: FilingHours,
) -> None:
    """The case under the number on its paper. Raises BadPayload, NumberTaken, TramiteUnknown."""
    cabina = source.cabina
    number = check_number(fact, cabina.code, series)
    tramite = get_tramite_of(session, fact.tramite, version=fact.tupa_version)
    filing = filing_of(fact, tramite, behind_s=behind_s, source=source, calendar=calendar, hours=hours)
    filed = apply_filed(
        session,
        filing,
        number=fact.number,
        track_key=fact.track_key,
        cabina=cabina.code,
        operator=fact.operator,
        place=f"{cabina.name} ({cabina.code})",
        calendar_version=fact.calendar_version,
        principal=of_cabina(cabina, fact.operator),
        now=source.now,
    )
    if filed is None:
        raise NumberTaken(f"{fact.number} ya está registrado por otro hecho")
    note_number(series, number)


def note_number(series: CabinSeries, number: ExpedienteNumber) -> None:
    """No lease of the series gives that number again."""
    if (number.year, number.sequence) > (series.high_year, series.high_sequence):
        series.high_year, series.high_sequence = number.year, number.sequence


def filing_of(
    fact: wire.ExpedienteFiled,
    tramite: Tramite,
    *,
    behind_s: int,
    source: Source,
    calendar: Calendar,
    hours: FilingHours,
) -> Filing:
    """The decision as the cabin took it, under the TUPA version it had. When its clock was in doubt the centre decides the
    dates, by how far that clock is behind now."""
    clock, observed = _as_told(fact)
    at = fact.at
    if fact.clock_doubtful:
        at = min(source.now, fact.at + timedelta(seconds=behind_s))
        clock, observed = _decided_here(fact, tramite, source, behind_s=behind_s, calendar=calendar, hours=hours)
    payment = fact.payment
    return Filing(
        received_at=at,
        channel="cabina",
        tramite=tramite,
        applicant=_person(fact.applicant),
        subject=fact.subject,
        sheets=fact.sheets,
        annexes=fact.annexes,
        clock=clock,
        charges=Charges(tuple(Charge(line.concept, line.centimos) for line in fact.charges), fact.cabin_borne_centimos),
        quantity=fact.quantity,
        fee_variant=fact.fee_variant,
        observed=observed,
        payment=Payment(payment.method, payment.state, payment.reference, payment.motivo) if payment else None,  # type: ignore[arg-type]
        representative=_person(fact.representative) if fact.representative else None,
        notify=Notify(**fact.notify) if fact.notify else None,
        related=fact.related,
        warnings=tuple(Notice(warning.code, warning.detail) for warning in fact.warnings),
    )


def money_of(fact: wire.ExpedienteFiled) -> Entry | None:
    """What the charges of a filing do to the cabin's ledger."""
    lines = {line.concept: line.centimos for line in fact.charges}
    of_citizen = lines.get("servicio_cabina", 0)
    return charge(
        fact.number,
        fee_centimos=lines.get("derecho", 0),
        rounding_centimos=-lines.get("redondeo", 0),
        service_centimos=of_citizen or fact.cabin_borne_centimos,
        fee_in_cash=fact.payment is not None and fact.payment.method == "efectivo",
        service_borne_by_citizen=bool(of_citizen),
    )


def check_number(fact: wire.ExpedienteFiled, cabina: str, series: CabinSeries) -> ExpedienteNumber:
    """Raises BadPayload unless the number is of this cabin's own series and the charges add up."""
    try:
        number = ExpedienteNumber.parse(fact.number)
    except ValueError:
        raise wire.BadPayload(f"{fact.number} no es un número de expediente") from None
    if str(number) != fact.number or (number.point, number.series) != (cabina, series.series):
        raise wire.BadPayload(f"{fact.number} no es de la serie {cabina}{series.series}")
    if sum(line.centimos for line in fact.charges) != fact.total_centimos:
        raise wire.BadPayload(f"las líneas de {fact.number} no suman el total")
    return number


def _as_told(fact: wire.ExpedienteFiled) -> tuple[LawClock, Observed | None]:
    observed = Observed(fact.observed.missing, fact.observed.due_on) if fact.observed else None
    unknown = observed is None and fact.clock_start_on is None
    clock = LawClock(fact.received_on, fact.clock_start_on, fact.due_on, fact.sap_on, unknown=unknown)
    return clock, observed


def _decided_here(
    fact: wire.ExpedienteFiled,
    tramite: Tramite,
    source: Source,
    *,
    behind_s: int,
    calendar: Calendar,
    hours: FilingHours,
) -> tuple[LawClock, Observed | None]:
    at = min(source.now, fact.at + timedelta(seconds=behind_s))
    missing = fact.observed.missing if fact.observed else ()
    try:
        day = received_on(at, "cabina", calendar=calendar, hours=hours)
        if missing:
            return LawClock(day), Observed(missing, subsanacion_due(day, calendar=calendar))
        return law_clock(day, tramite, calendar=calendar), None
    except CalendarMissing:
        return LawClock(lima_day(at), unknown=True), Observed(missing, None) if missing else None


def _person(told: wire.Person) -> Person:
    return Person(
        told.document_type,
        told.document_number,
        told.name,
        phone=told.phone,
        email=told.email,
        address=told.address,
    )
