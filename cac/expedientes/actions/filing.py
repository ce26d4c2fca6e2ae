"""Filing: a request becomes a case, its charges, its cargo, in one transaction; and a cabin's case is taken over as signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, literal_column, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.citizens.actions import Registered, register
from cac.expedientes import search
from cac.expedientes.actions.answer import filed_answer, filed_columns, filed_detail
from cac.expedientes.actions.joining import join_case
from cac.expedientes.actions.numbers import DESK, PORTAL, next_number
from cac.expedientes.actions.rows import append_enclosed, find_case
from cac.expedientes.enclosed import Enclosed, loose_sheets, with_enclosed
from cac.expedientes.models import Alias, Charge, Documento, Expediente, Movimiento, Observacion
from cac.expedientes.papers import Letterhead, make_cargo, print_cargo
from cac.expedientes.rules import OPEN_STATES
from cac.tupa.queries import CAC_AREA, CAC_AREA_NAME, get_tramite
from core.clock import lima_day
from core.identity import fold
from core.ids import ExpedienteNumber, tracking_key
from core.workdays import Calendar
from intake.clock import FilingHours
from intake.fees import fee_of
from intake.filing import Filing, Notice, decide
from intake.request import FilingRequest
from storage.prepared import prepared
from web.access import Principal

_EXPEDIENTE: Table = Expediente.__table__  # type: ignore[assignment]
_COLUMNS = [column.name for column in _EXPEDIENTE.columns if column.name != "id"]
_ADD = prepared(insert(_EXPEDIENTE).returning(_EXPEDIENTE.c.id))
_MOVE = prepared(insert(Movimiento))
_DOCUMENT = prepared(insert(Documento))
_CHARGE = prepared(insert(Charge))
_OBSERVE = prepared(insert(Observacion))
_SAME_OPEN = prepared(
    select(_EXPEDIENTE.c.number)
    .where(
        _EXPEDIENTE.c.person_id == bindparam("person"),
        _EXPEDIENTE.c.tramite_code == bindparam("tramite"),
        _EXPEDIENTE.c.state.in_([literal_column(f"'{state}'") for state in OPEN_STATES]),
    )
    .order_by(_EXPEDIENTE.c.id.desc())
    .limit(1)
)
_KNOWN = prepared(select(_EXPEDIENTE.c.id).where(_EXPEDIENTE.c.number == bindparam("number")))


def file(
    session: Session,
    request: FilingRequest,
    *,
    principal: Principal,
    calendar: Calendar,
    letterhead: Letterhead,
    now: datetime,
    hours: FilingHours = FilingHours(),  # noqa: B008  frozen value
    enclosed: Sequence[Enclosed] = (),
) -> dict[str, Any]:
    """File at the centre, with the files `enclosed`, and print the cargo; answers what `POST /expedientes` answers.

    A remedy or defence that names its case (`related`) becomes a document of it: one case, one number. Raises what
    `intake.filing.decide` raises, TramiteUnknown, RelatedUnknown."""
    tramite = get_tramite(session, request.tramite, day=lima_day(now))
    filing = decide(request, tramite, received_at=now, calendar=calendar, channel="ventanilla", hours=hours)
    filing = with_enclosed(filing, enclosed)
    if tramite.joins and filing.related:
        return join_case(session, filing, enclosed=enclosed, principal=principal, letterhead=letterhead, now=now)
    point = PORTAL if filing.channel == "web" else DESK
    number, key = next_number(session, point, year=lima_day(now).year), tracking_key()
    filing, row = _store(
        session,
        filing,
        number=number,
        key=key,
        principal=principal,
        place=letterhead.place,
        calendar_version=calendar.version,
        loose=loose_sheets(filing, enclosed),
        now=now,
    )
    append_enclosed(session, find_case(session, str(number)), enclosed, principal=principal, at=now)
    lines = [(line.concept, line.centimos) for line in filing.charges.lines]
    paper = make_cargo(row, lines, tramite=tramite, letterhead=letterhead)
    job = print_cargo(session, paper, principal=principal, now=now)
    return filed_answer(filing, number=str(number), key=key, public_url=letterhead.public_url, print_job=job)


def apply_filed(
    session: Session,
    filing: Filing,
    *,
    number: str,
    track_key: str,
    cabina: str,
    operator: str,
    place: str,
    calendar_version: str,
    principal: Principal,
    now: datetime,
    alias: str | None = None,
    received_on: date | None = None,
) -> int | None:
    """Register a cabin's filing exactly as it was signed; returns the expediente's id, None when it is already here.

    `filing` is the cabin's decision (`filing.tramite` of the version of its event), `number` and `track_key` those on the
    citizen's paper, `operator` who received it. Nothing is decided again: dates, charges and observation stand, except
    `received_on`, which the centre sets when the cabin's clock was doubtful. `alias` is the number on a paper whose case
    had to take another (a clone's later branch). No person's name or contact is overwritten, and no cargo is printed."""
    if _KNOWN(session, {"number": number}).scalar() is not None:
        return None
    if received_on is not None:
        filing = replace(filing, clock=replace(filing.clock, received_on=received_on))
    _, row = _store(
        session,
        filing,
        number=ExpedienteNumber.parse(number),
        key=track_key,
        principal=principal,
        receiver_name=operator,
        place=place,
        cabina=cabina,
        calendar_version=calendar_version,
        now=now,
    )
    expediente_id: int = row["id"]
    if alias is not None:
        session.execute(insert(Alias).values(number=alias, expediente_id=expediente_id))
    return expediente_id


def _store(
    session: Session,
    filing: Filing,
    *,
    number: ExpedienteNumber,
    key: str,
    principal: Principal,
    place: str,
    calendar_version: str,
    now: datetime,
    receiver_name: str | None = None,
    cabina: str | None = None,
    loose: int | None = None,
) -> tuple[Filing, dict[str, Any]]:
    """All rows of a new case; the filing with the warnings that only the register knows, and what its cargo is made of.

    `loose`: folios of its first document, when files that follow have folios of their own."""
    sheets = filing.sheets if loose is None else loose
    person = register(session, filing.applicant, principal=principal, now=now, from_sync=cabina is not None)
    representative = filing.representative and register(
        session, filing.representative, principal=principal, now=now, from_sync=cabina is not None
    )
    filing = replace(filing, warnings=(*filing.warnings, *_register_knows(session, filing, person)))
    receiver = receiver_name or principal.name
    row = _row(filing, number, key, person, now) | {
        "representative_id": representative.id if representative else None,
        "cabina": cabina,
        "place": place,
        "receiver": principal.key,
        "receiver_name": receiver,
        "calendar_version": calendar_version,
        "sheets": sheets,
    }
    row["id"] = _ADD(session, {name: row[name] for name in _COLUMNS}).scalar_one()
    _store_steps(session, filing, row["id"], sheets=sheets, principal=principal, receiver=receiver)
    search.index(session, row["id"], search_words(row, filing.applicant.document_number, person.name))
    detail = f"{filing.tramite.code} {filing.state}" + (f" {cabina}" if cabina else "")
    record(
        session,
        principal=principal,
        action="expediente.ingreso",
        subject=f"expediente:{number}",
        detail=detail,
        now=now,
    )
    return filing, row


def _register_knows(session: Session, filing: Filing, person: Registered) -> list[Notice]:
    known = []
    if person.differs:
        said = f"El documento está registrado a nombre de {person.name}. El nombre escrito queda como corrección por revisar."
        known.append(Notice("persona.nombre_distinto", said))
    if person.new:
        return known
    same = _SAME_OPEN(session, {"person": person.id, "tramite": filing.tramite.code}).scalar()
    if same:
        known.append(Notice("expediente.repetido", f"Esta persona ya tiene este trámite en curso: {same}."))
    return known


def _row(filing: Filing, number: ExpedienteNumber, key: str, person: Registered, now: datetime) -> dict[str, Any]:
    tramite, clock = filing.tramite, filing.clock
    return filed_columns(filing) | {
        "number": str(number),
        "year": number.year,
        "point": number.point,
        "series": number.series,
        "sequence": number.sequence,
        "track_key": key,
        "person_id": person.id,
        "applicant_name": person.name,
        "channel": filing.channel,
        "ticket": None if filing.ticket is None else str(filing.ticket),
        "related": filing.related,
        "notify": filing.notify and {"email": filing.notify.email, "consent": filing.notify.consent},
        "tupa_version": tramite.version,
        "silence": tramite.silence,
        "qualification": tramite.qualification,
        "fee_centimos": fee_of(tramite, variant=filing.fee_variant, quantity=filing.quantity),
        "warnings": [{"code": notice.code, "detail": notice.detail} for notice in filing.warnings],
        "registered_at": now,
        "received_on": clock.received_on,
        "clock_start_on": clock.clock_start_on,
        "due_on": clock.due_on,
        "sap_on": clock.sap_on,
        "observed_due_on": filing.observed.due_on if filing.observed else None,
        "state": filing.state,
        "area_code": CAC_AREA,
        "area": CAC_AREA_NAME,
        "home_area_code": tramite.area_code,
        "home_area": tramite.area,
        "on_its_way": False,
        "unpaid": filing.payment is not None and filing.payment.state == "pendiente",
        "since_at": filing.received_at,
    }


def _store_steps(
    session: Session, filing: Filing, expediente_id: int, *, sheets: int, principal: Principal, receiver: str
) -> None:
    at, observed = filing.received_at, filing.observed
    who = {"expediente_id": expediente_id, "principal": principal.key}
    move = who | {
        "kind": "observacion" if observed else "ingreso",
        "from_state": None,
        "to_state": filing.state,
        "from_area": None,
        "to_area": CAC_AREA_NAME,
        "note": "",
        "detail": filed_detail(filing),
        "due_on": observed.due_on if observed else None,
        "name": receiver,
        "at": at,
    }
    _MOVE(session, move)
    paper = who | {
        "ordinal": 1,
        "kind": "solicitud",
        "name": "Solicitud y anexos" if filing.annexes else "Solicitud",
        "sheets": sheets,
        "first_folio": 1,
        "received_at": at,
        "name_of_receiver": receiver,
    }
    _DOCUMENT(session, paper)
    if filing.charges.lines:
        method = filing.payment.method if filing.payment else ""
        lines = [
            who | {"concept": line.concept, "centimos": line.centimos, "method": method, "charged_at": at}
            for line in filing.charges.lines
        ]
        _CHARGE.many(session, lines)
    if observed:
        texts = {requisito.code: requisito.text for requisito in filing.tramite.requisitos}
        observacion = {
            "expediente_id": expediente_id,
            "kind": "ingreso",
            "items": [{"code": code, "text": texts[code]} for code in observed.missing],
            "cured": [],
            "observed_at": at,
            "due_on": observed.due_on,
        }
        _OBSERVE(session, observacion)


def search_words(row: dict[str, Any], document_number: str, name: str) -> str:
    """What a case is found by: number, document, name, trámite, subject."""
    written = (
        row["number"],
        str(row["sequence"]),
        document_number,
        name,
        row["tramite_code"],
        row["tramite_name"],
        row["subject"],
    )
    return " ".join(map(fold, written))
