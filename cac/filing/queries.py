"""The sheet as a page shows it: what is known of the person, the trámite, the money and the days, worked out here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.citizens.queries import find_person
from cac.desk.models import Ticket
from cac.expedientes.models import Expediente
from cac.expedientes.queries import open_of_person
from cac.filing.models import Draft
from cac.filing.rules import CONCEPTS, SILENCES, Typed, chosen, count, missing, plural, tramite_code
from cac.tupa.queries import get_tramite, list_tramites
from core.clock import lima_day
from core.errors import NotFound, Rejected
from core.identity import NONE, check_document
from core.money import soles
from core.workdays import Calendar, CalendarMissing
from intake.clock import FilingHours, received_on, subsanacion_due
from intake.fees import QUANTITY_MAX, Method, fee_of, settle
from intake.tramite import Tramite
from web.access import Principal

OPTIONS_SHOWN = 12
PERSON_PARTS = ("name", "phone", "email", "address")
BLANK = Typed({"document_type": "DNI", "pago": "efectivo", "quantity": "1"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the templates show; nothing is left for them to compute."""

    typed: Typed
    place: str = "0"
    key: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    saved_at: datetime | None = None
    turn: str = ""  # code of the ticket it is for
    # person
    document: str = ""  # empty | invalid | known | new
    document_note: str = ""
    person: dict[str, Any] | None = None
    cases: int = 0
    # trámite
    tramite: Tramite | None = None
    candidates: list[dict[str, Any]] = field(default_factory=list)
    summary: str = ""
    same_open: list[str] = field(default_factory=list)
    lacking: tuple[str, ...] = ()
    # money and days
    lines: list[tuple[str, str]] = field(default_factory=list)
    total: str = ""
    free: bool = False
    money_note: str = ""
    cure_on: date | None = None

    def text(self, name: str) -> str:
        return self.typed.text(name)

    @property
    def received(self) -> int:
        return len(self.tramite.requisitos) - len(self.lacking) if self.tramite else 0


def find_draft(session: Session, place: str, *, principal: Principal) -> Draft | None:
    return session.get(Draft, (principal.key, place))


def other_drafts(session: Session, place: str, *, principal: Principal) -> list[Draft]:
    """Sheets this person left, newest first, but the one in `place`."""
    found = select(Draft).where(Draft.principal == principal.key, Draft.place != place)
    return list(session.scalars(found.order_by(Draft.saved_at.desc())))


def turn_of(session: Session, place: str) -> str:
    """The code of the turn a sheet is for, `B-030`; empty without one."""
    return session.scalar(select(Ticket.code).where(Ticket.id == int(place))) or "" if place.isdigit() else ""


def work_out(
    session: Session, sheet: Sheet, *, calendar: Calendar, hours: FilingHours, channel: str, now: datetime
) -> Sheet:
    """`sheet` with everything that follows from what is typed."""
    sheet = _with_person(session, sheet)
    sheet = _with_tramite(session, sheet, now=now)
    if sheet.tramite is None:
        return sheet
    return _with_money(_with_days(sheet, calendar=calendar, hours=hours, channel=channel, now=now))


def options(session: Session, q: str, *, day: date) -> list[dict[str, Any]]:
    """Trámites whose name or code fits what is typed, in TUPA order."""
    return list_tramites(session, day=day, q=q)[:OPTIONS_SHOWN]


def _with_person(session: Session, sheet: Sheet) -> Sheet:
    kind, number = sheet.text("document_type") or "DNI", sheet.text("document_number")
    if kind == NONE:
        return replace(sheet, document="new", document_note="Sin documento: no se unirá con otros registros.")
    if not number.strip():
        return sheet
    checked = check_document(kind, number)
    if checked.error:
        return replace(sheet, document="invalid", document_note=checked.error)
    person = find_person(session, checked.document.type, checked.document.number)
    note, typed_for = checked.warning or "", sheet.text("person_of")
    if person is None:
        # what was filled in belonged to the person of the document typed before
        texts = sheet.typed.texts if typed_for in ("", "new") else _without_person(sheet.typed.texts)
        return replace(sheet, document="new", document_note=note, typed=replace(sheet.typed, texts=texts))
    same = typed_for in ("", str(person["id"]))
    texts = dict(sheet.typed.texts if same else _without_person(sheet.typed.texts))
    for part in PERSON_PARTS:
        texts[part] = texts.get(part) or person[part] or ""
    typed = replace(sheet.typed, texts=texts)
    cases = count_of_person(session, person["id"])
    return replace(sheet, document="known", document_note=note, person=person, cases=cases, typed=typed)


def _without_person(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name not in PERSON_PARTS}


def count_of_person(session: Session, person_id: int) -> int:
    counted = select(func.count()).select_from(Expediente).where(Expediente.person_id == person_id)
    return session.scalar(counted) or 0


def _with_tramite(session: Session, sheet: Sheet, *, now: datetime) -> Sheet:
    day, text = lima_day(now), sheet.text("tramite").strip()
    if not text:
        return sheet
    try:
        tramite = get_tramite(session, tramite_code(text), day=day)
    except NotFound:
        found = options(session, text, day=day)
        only = chosen(text, found)
        if only is None:
            return replace(sheet, candidates=found)
        tramite = get_tramite(session, only["code"], day=day)
    texts = dict(sheet.typed.texts) | {"tramite": f"{tramite.code}  {tramite.name}"}
    typed = replace(sheet.typed, texts=texts)
    same_open = []
    if sheet.person:
        person = sheet.person
        same_open = open_of_person(session, person["document_type"], person["document_number"], tramite.code)
    return replace(
        sheet,
        typed=typed,
        tramite=tramite,
        summary=_summary(tramite),
        same_open=same_open,
        lacking=tuple(missing(typed, tramite)),
    )


def _summary(tramite: Tramite) -> str:
    """`Licencias de Funcionamiento · 7 días hábiles · silencio positivo`."""
    if tramite.reception_only:
        term = "solo se recibe"
    elif tramite.term_business_days:
        term = plural(tramite.term_business_days, "día hábil", "días hábiles")
    else:
        term = "en el acto"
    silence = SILENCES.get(tramite.silence or "", "")
    if tramite.qualification == "automatico":
        silence = "aprobación automática"
    return " · ".join(part for part in (tramite.area, term, silence) if part)


def _with_days(sheet: Sheet, *, calendar: Calendar, hours: FilingHours, channel: str, now: datetime) -> Sheet:
    if not sheet.lacking:
        return sheet
    try:
        day = received_on(now, channel, calendar=calendar, hours=hours)
        return replace(sheet, cure_on=subsanacion_due(day, calendar=calendar))
    except CalendarMissing:
        return sheet


def _with_money(sheet: Sheet) -> Sheet:
    assert sheet.tramite
    tramite, method = sheet.tramite, sheet.typed.method
    quantity = count(sheet.text("quantity"), 1, QUANTITY_MAX) or 1
    try:
        fee = fee_of(tramite, variant=sheet.text("fee_variant") or None, quantity=quantity)
        note = sheet.text("reference")
        charges, payment = settle(
            fee, tramite, method=_method(method), reference=note or None, motivo=note or "por indicar"
        )
    except Rejected as refusal:
        return replace(sheet, money_note=refusal.detail)
    pending = (
        "Queda como pago pendiente hasta que traiga la constancia." if payment and payment.state == "pendiente" else ""
    )
    return replace(
        sheet,
        lines=[(CONCEPTS[line.concept], soles(line.centimos).replace("-", "−")) for line in charges.lines],
        total=soles(charges.total_centimos),
        free=fee == 0,
        money_note=pending,
    )


def _method(typed: str) -> Method | None:
    return typed or None  # type: ignore[return-value]  # the sheet's own options; others are refused when it is filed
