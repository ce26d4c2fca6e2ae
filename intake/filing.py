"""The decision on a filing: a request, a trámite and an instant in; one value out, stored alike by centre and cabin.

Nothing is refused for a missing requisite: the desk admits it with an observation (Law 27444 arts. 124 and 125, TUO
135 and 136). Refused is only what cannot be understood: an unknown requisite, a document that cannot exist, no payment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from core.clock import lima_day
from core.errors import Conflict, Invalid
from core.identity import Document, check_document, clean_lines, clean_text, normalize_name
from core.workdays import Calendar, CalendarMissing
from intake.clock import FilingHours, LawClock, law_clock, received_on, subsanacion_due
from intake.fees import CabinFee, Charges, Payment, fee_of, settle
from intake.request import FilingRequest, PersonRequest
from intake.tramite import Tramite

TERM_UNKNOWN = "Plazo por confirmar: el calendario oficial aún no llega a esa fecha."

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class DocumentInvalid(Invalid):
    code, title = "documento.no_valido", "Documento por corregir"


class RequisitoUnknown(Invalid):
    code, title = "requisito.no_existe", "Requisito desconocido"
    detail = "Ese requisito no está en el TUPA de este trámite. Solo puede pedirse lo publicado."


class NameMissing(Invalid):
    code, title = "solicitud.invalida", "Falta el nombre"
    detail = "Escriba el nombre o la razón social de quien solicita."


class NotAtThisCabin(Conflict):
    code, title = "tramite.solo_en_cac", "Trámite que se presenta en el CAC"
    detail = "Este trámite se presenta en persona en el Centro de Atención al Ciudadano."


@dataclass(frozen=True, slots=True)
class Person:
    document_type: str
    document_number: str  # empty for SIN
    name: str
    phone: str | None = None
    email: str | None = None
    address: str | None = None

    @property
    def document(self) -> Document:
        return Document(self.document_type, self.document_number)


@dataclass(frozen=True, slots=True)
class Notify:
    email: str
    consent: bool


@dataclass(frozen=True, slots=True)
class Observed:
    """Admitted with an observation. `due_on` is null only where the calendar does not reach."""

    missing: tuple[str, ...]  # requisito codes in TUPA order, never empty
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning: shown, kept, never a reason to stop."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Filing:
    """All that was decided when a paper was received; numbers, keys and rows come after."""

    received_at: datetime
    channel: str
    tramite: Tramite
    applicant: Person
    subject: str
    sheets: int
    annexes: tuple[str, ...]
    clock: LawClock
    charges: Charges
    quantity: int = 1
    fee_variant: str | None = None
    observed: Observed | None = None
    payment: Payment | None = None
    representative: Person | None = None
    notify: Notify | None = None
    related: str | None = None
    ticket: int | str | None = None
    warnings: tuple[Notice, ...] = ()

    @property
    def state(self) -> Literal["recibido", "observado"]:
        return "observado" if self.observed else "recibido"


def decide(
    request: FilingRequest,
    tramite: Tramite,
    *,
    received_at: datetime,
    calendar: Calendar,
    channel: str,
    hours: FilingHours = FilingHours(),  # noqa: B008  frozen value
    cabin_fee: CabinFee | None = None,
) -> Filing:
    """Accepts a filing, complete or observed. `channel` is the intake point's own when the request names none.

    Raises DocumentInvalid, RequisitoUnknown, PaymentInvalid, NameMissing; at a cabin (`cabin_fee`) NotAtThisCabin."""
    if cabin_fee is not None and "cabina" not in tramite.channels:
        raise NotAtThisCabin(tramite=tramite.code)
    warnings: list[Notice] = []
    applicant = _person(request.applicant, "applicant", warnings)
    representative = _person(request.representative, "representative", warnings) if request.representative else None
    notify = _notify(request, warnings)
    missing = _missing(request.missing, tramite)
    channel = request.channel or channel
    clock, observed = _clock(missing, tramite, received_at, channel=channel, calendar=calendar, hours=hours)
    if clock.unknown or (observed and observed.due_on is None):
        warnings.append(Notice("plazo.por_confirmar", TERM_UNKNOWN))
    paid = request.payment
    charges, payment = settle(
        fee_of(tramite, variant=request.fee_variant, quantity=request.quantity),
        tramite,
        method=paid.method if paid else None,
        reference=_or_none(paid.reference if paid else None),
        motivo=_or_none(paid.motivo if paid else None),
        cabin_fee=cabin_fee,
    )
    if payment and payment.state == "pendiente":
        warnings.append(Notice("pago.pendiente", "Pago pendiente: presente la constancia en el CAC para registrarlo."))
    return Filing(
        received_at=received_at,
        channel=channel,
        tramite=tramite,
        applicant=applicant,
        subject=clean_lines(request.subject) or tramite.name,
        sheets=request.sheets,
        annexes=_annexes(request, tramite, missing),
        clock=clock,
        charges=charges,
        quantity=request.quantity,
        fee_variant=request.fee_variant,
        observed=observed,
        payment=payment,
        representative=representative,
        notify=notify,
        related=_or_none(request.related),
        ticket=request.ticket,
        warnings=tuple(warnings),
    )


def _person(request: PersonRequest, field: str, warnings: list[Notice]) -> Person:
    checked = check_document(request.document_type, request.document_number)
    if checked.error:
        raise DocumentInvalid(checked.error, field=f"{field}.document_number")
    if checked.warning:
        warnings.append(Notice("documento.por_verificar", checked.warning))
    name = normalize_name(request.name)
    if not name:
        raise NameMissing(field=f"{field}.name")
    email = _or_none(request.email)
    if email and not _EMAIL.fullmatch(email):
        warnings.append(Notice("correo.por_verificar", "El correo no parece completo. Compruébelo con la persona."))
    return Person(
        checked.document.type,
        checked.document.number,
        name,
        phone=_or_none(request.phone),
        email=email,
        address=_or_none(request.address),
    )


def _notify(request: FilingRequest, warnings: list[Notice]) -> Notify | None:
    if request.notify is None:
        return None
    email = clean_text(request.notify.email)
    if request.notify.consent and not _EMAIL.fullmatch(email):
        detail = "El correo de notificación no parece completo: se notificará en papel si no se corrige."
        warnings.append(Notice("correo.por_verificar", detail))
    return Notify(email, request.notify.consent)


def _missing(codes: list[str], tramite: Tramite) -> tuple[str, ...]:
    """The missing requisites in TUPA order, each once."""
    known = {requisito.code for requisito in tramite.requisitos}
    for code in codes:
        if code not in known:
            raise RequisitoUnknown(field="missing", requisito=code)
    return tuple(requisito.code for requisito in tramite.requisitos if requisito.code in codes)


def _clock(
    missing: tuple[str, ...],
    tramite: Tramite,
    received_at: datetime,
    *,
    channel: str,
    calendar: Calendar,
    hours: FilingHours,
) -> tuple[LawClock, Observed | None]:
    try:
        day = received_on(received_at, channel, calendar=calendar, hours=hours)
    except CalendarMissing:  # the law forbids deferring a reception: the day is the instant's own
        clock = LawClock(lima_day(received_at), unknown=True)
        return clock, Observed(missing, None) if missing else None
    if not missing:
        return law_clock(day, tramite, calendar=calendar), None
    try:
        due = subsanacion_due(day, calendar=calendar)
    except CalendarMissing:
        due = None
    return LawClock(day), Observed(missing, due)  # 125.3: while observed no term runs


def _annexes(request: FilingRequest, tramite: Tramite, missing: tuple[str, ...]) -> tuple[str, ...]:
    if request.annexes is not None:
        return tuple(name for name in map(clean_text, request.annexes) if name)
    return tuple(requisito.text for requisito in tramite.requisitos if requisito.code not in missing)


def _or_none(text: str | None) -> str | None:
    return clean_text(text or "") or None


_FILING = TypeAdapter(Filing)


def filing_to_json(filing: Filing) -> dict[str, Any]:
    """Plain JSON values: what a cabin signs and the centre stores."""
    plain: dict[str, Any] = _FILING.dump_python(filing, mode="json")
    return plain


def filing_from_json(plain: dict[str, Any]) -> Filing:
    """The same value again. Raises pydantic's ValidationError when it is none."""
    return _FILING.validate_python(plain)
