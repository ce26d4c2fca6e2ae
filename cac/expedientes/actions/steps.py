"""The steps of a case after it was filed. Each appends what was done, then moves the case as the table of moves allows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cac.cabin_news.actions import tell
from cac.citizens.models import NameCorrection, Person
from cac.expedientes import search
from cac.expedientes.actions.filing import search_words
from cac.expedientes.actions.numbers import next_sequence
from cac.expedientes.actions.rows import append_document, append_move, find_case
from cac.expedientes.models import Acto, Expediente, Observacion
from cac.expedientes.rules import (
    AREA_REQUEST_DAYS,
    MOVES,
    OBSERVED,
    POINT_CHARS_MAX,
    POINTS_MAX,
    REPORT_DAYS,
    OfAnotherArea,
    after,
)
from cac.tupa.queries import CAC_AREA, CAC_AREA_NAME, find_area, get_tramite_of
from core import wire
from core.clock import lima_day
from core.errors import Conflict, Invalid
from core.identity import clean_lines, clean_text, fold, normalize_name
from core.workdays import Calendar, CalendarMissing
from intake.clock import LawClock
from intake.observation import decide_cure, restarted_clock
from storage.contents import Attachment
from web.access import Principal

ACT_NAMES = {
    "informe": "Informe",
    "resolucion": "Resolución",
    "carta": "Carta",
    "constancia": "Constancia",
    "requerimiento": "Requerimiento",
}
# a report informs; a resolution, letter or certificate decides; a request asks the citizen
ACT_MOVES = {
    "informe": "informe",
    "resolucion": "resolucion",
    "carta": "resolucion",
    "constancia": "resolucion",
    "requerimiento": "requerimiento",
}
SHEETS_MAX = 10_000


class AreaUnknown(Invalid):
    code = "unidad.no_existe"
    detail = "Esa unidad no está en el organigrama. Elija una de la lista."


class AlreadyThere(Conflict):
    code = "expediente.ya_esta_alli"
    detail = "El expediente ya está en esa unidad."


class NothingToReceive(Conflict):
    code = "expediente.nada_por_recibir"
    detail = "El expediente no tiene un pase pendiente de recibir."


class StillOnItsWay(Conflict):
    code = "expediente.por_recibir"
    detail = "El expediente fue derivado y aún no lo reciben. Recíbalo primero."


class NewRequirement(Conflict):
    """126.2-4: one request, once; afterwards only what was not cured may be asked again."""

    code = "requerimiento.punto_nuevo"
    detail = (
        "La ley permite un solo requerimiento. Solo puede pedir otra vez lo que no se subsanó, nunca un punto nuevo."
    )


class NothingAsked(Invalid):
    code = "requerimiento.vacio"
    detail = "Escriba qué se requiere del ciudadano."


class TooMuchAsked(Invalid):
    code = "requerimiento.demasiado_largo"
    detail = f"Un requerimiento admite hasta {POINTS_MAX} puntos, de hasta {POINT_CHARS_MAX} caracteres cada uno."


class NothingRectified(Invalid):
    code = "rectificacion.vacia"
    detail = "Indique qué dato se rectifica y el motivo."


def add_document(
    session: Session,
    typed_number: str,
    *,
    name: str,
    sheets: int,
    principal: Principal,
    now: datetime,
    kind: str = "escrito",
    attachment: Attachment | None = None,
) -> dict[str, Any]:
    """One more paper of the same case: its next document, with its own entry time (arts. 150, 157)."""
    case = find_case(session, typed_number)
    state = after("documento", case.state)
    document = append_document(
        session,
        case,
        kind=kind,
        name=clean_text(name) or "Documento",
        sheets=sheets,
        principal=principal,
        at=now,
        **(attachment.columns() if attachment else {}),
    )
    step = append_move(
        session,
        case,
        kind="documento",
        to_state=state,
        principal=principal,
        now=now,
        note=document["name"],
        detail={"ordinal": document["ordinal"]},
    )
    return {**step, "document": document}


def cure(
    session: Session,
    typed_number: str,
    *,
    calendar: Calendar,
    principal: Principal,
    now: datetime,
    presented: list[str] | None = None,
    sheets: int = 1,
    name: str = "",
    attachment: Attachment | None = None,
    brought_at: datetime | None = None,
    told: LawClock | None = None,
    event: str = "",
) -> dict[str, Any]:
    """What was missing is brought. Complete: the reception day stays and the term counts from the next business day
    (126.1, 131.1). `presented` are requisito codes, all that is missing when None. At a cabin it was brought at `brought_at`
    and its paper told the term `told`; `event` is its id there. Raises TooLateToCure, NothingBrought."""
    case = find_case(session, typed_number)
    state = after("subsanacion", case.state)
    _must_hold(case, principal)
    asked = _open_observation(session, case)
    brought_at = brought_at or now
    today = lima_day(brought_at)
    waiting = [item["code"] for item in asked.items if item["code"] not in asked.cured]
    decided = decide_cure(waiting, presented, due_on=asked.due_on, today=today)
    brought = list(decided.brought)
    document = append_document(
        session,
        case,
        kind="subsanacion",
        name=clean_text(name) or "Subsanación",
        sheets=sheets,
        principal=principal,
        at=brought_at,
        **(attachment.columns() if attachment else {}),
    )
    asked.cured = [*asked.cured, *brought]
    case.requisitos = [
        {**requisito, "presented": requisito["presented"] or (asked.kind == "ingreso" and requisito["code"] in brought)}
        for requisito in case.requisitos
    ]
    complete = not decided.missing
    if complete:
        asked.closed_at, asked.outcome = brought_at, "subsanada"
        _restart_clock(session, case, today, calendar, told=told)
        state = state if asked.kind == "ingreso" else "en_tramite"
    step = append_move(
        session,
        case,
        kind="subsanacion",
        to_state=state if complete else OBSERVED,
        principal=principal,
        now=now,
        detail={"presented": brought, "ordinal": document["ordinal"]},
    )
    if case.cabina and asked.kind == "ingreso":  # its till asks for what lacks until it hears of this
        news = wire.CureNews(
            number=case.number,
            id=event,
            at=brought_at,
            presented=decided.brought,
            missing=decided.missing,
            due_on=case.due_on,
        )
        tell(session, case.cabina, news, now=now)
    return {
        **step,
        "document": document,
        "missing": list(decided.missing),
        "received_on": case.received_on.isoformat(),
        "clock_start_on": case.clock_start_on.isoformat() if case.clock_start_on else None,
        "due_on": case.due_on.isoformat() if case.due_on else None,
    }


def _open_observation(session: Session, case: Expediente) -> Observacion:
    found = session.scalar(
        select(Observacion)
        .where(Observacion.expediente_id == case.id, Observacion.closed_at.is_(None))
        .order_by(Observacion.id.desc())
        .limit(1)
    )
    assert found is not None, f"{case.number} is observed by nothing"
    return found


def _restart_clock(
    session: Session, case: Expediente, today: date, calendar: Calendar, *, told: LawClock | None
) -> None:
    clock = told
    if clock is None:
        tramite = get_tramite_of(session, case.tramite_code, version=case.tupa_version)
        clock = restarted_clock(today, tramite, received=case.received_on, calendar=calendar)
    case.clock_start_on, case.due_on, case.sap_on = clock.clock_start_on, clock.due_on, clock.sap_on
    case.observed_due_on = None


def forward(
    session: Session,
    typed_number: str,
    *,
    calendar: Calendar,
    principal: Principal,
    now: datetime,
    area: str | None = None,
    motivo: str = "",
    report: bool = False,
) -> dict[str, Any]:
    """Send a case on; without `area` to the unidad that decides it, or back to the CAC from there. `report`: an answer is
    asked within seven business days (art. 132). Raises IsObserved, AreaUnknown, AlreadyThere, StillOnItsWay, OfAnotherArea."""
    case = find_case(session, typed_number)
    state = after("pase", case.state)
    if case.on_its_way:
        raise StillOnItsWay()
    _must_hold(case, principal)
    target = _target(session, case, area, lima_day(now))
    if target[0] == case.area_code:
        raise AlreadyThere()
    case.on_its_way = True
    return append_move(
        session,
        case,
        kind="pase",
        to_state=state,
        to_area=target,
        principal=principal,
        now=now,
        note=clean_lines(motivo),
        due_on=_in_business_days(calendar, lima_day(now), REPORT_DAYS) if report else None,
    )


def _target(session: Session, case: Expediente, area: str | None, today: date) -> tuple[str, str]:
    if not area:
        home = (case.home_area_code, case.home_area)
        return (CAC_AREA, CAC_AREA_NAME) if case.area_code == case.home_area_code else home
    found = find_area(session, area, day=today)
    if found is None:
        raise AreaUnknown(field="area")
    return found


def receive(
    session: Session, typed_number: str, *, principal: Principal, now: datetime, note: str = ""
) -> dict[str, Any]:
    """The unidad it was sent to has it in hand. Raises NothingToReceive, OfAnotherArea."""
    case = find_case(session, typed_number)
    if not case.on_its_way:
        raise NothingToReceive()
    state = after("recepcion", case.state)
    _must_hold(case, principal)
    case.on_its_way = False
    return append_move(
        session, case, kind="recepcion", to_state=state, principal=principal, now=now, note=clean_lines(note)
    )


def add_act(
    session: Session,
    typed_number: str,
    *,
    calendar: Calendar,
    principal: Principal,
    now: datetime,
    kind: str = "resolucion",
    resultado: str | None = None,
    text: str = "",
    items: list[str] | None = None,
    days: int | None = None,
    sheets: int = 1,
    attachment: Attachment | None = None,
) -> dict[str, Any]:
    """A report, a decision, or the area's one request to the citizen (`items`). It gets a number and becomes a document.

    Raises IsObserved, MoveNotAllowed, StillOnItsWay, OfAnotherArea, NewRequirement."""
    if kind not in ACT_NAMES:
        raise Invalid(f"El acto debe ser uno de: {', '.join(ACT_NAMES)}.", field="kind")
    case = find_case(session, typed_number)
    state = after(ACT_MOVES[kind], case.state)
    if case.on_its_way:
        raise StillOnItsWay()
    _must_hold(case, principal)
    number = _act_number(session, case, kind, year=lima_day(now).year)
    due = None
    if kind == "requerimiento":
        due = _request(session, case, items or [], days=days, calendar=calendar, now=now)
    acto = {
        "expediente_id": case.id,
        "kind": kind,
        "number": number,
        "resultado": clean_text(resultado or "") or None,
        "text": clean_lines(text),
        "area": case.area,
        "issued_at": now,
        "principal": principal.key,
        "name": principal.name,
        "sha256": attachment.sha256 if attachment else None,
    }
    session.execute(insert(Acto).values(**acto))
    document = append_document(
        session,
        case,
        kind="acto",
        name=number,
        sheets=sheets,
        principal=principal,
        at=now,
        **(attachment.columns() if attachment else {}),
    )
    step = append_move(
        session,
        case,
        kind=ACT_MOVES[kind],
        to_state=state,
        principal=principal,
        now=now,
        note=number,
        detail={"resultado": acto["resultado"], "ordinal": document["ordinal"], "items": items or []},
        due_on=due,
    )
    shown = {"kind": kind, "number": number, "resultado": acto["resultado"], "text": acto["text"], "area": case.area}
    return {**step, "act": shown, "document": document}


def _act_number(session: Session, case: Expediente, kind: str, *, year: int) -> str:
    sequence = next_sequence(session, year=year, point=kind, series=case.area_code)
    return f"{ACT_NAMES[kind]} N.º {sequence:04d}-{year}-{case.area_code}"


def _request(
    session: Session, case: Expediente, items: list[str], *, days: int | None, calendar: Calendar, now: datetime
) -> date | None:
    """The area's request as an open observation; the clock stops. Returns its due day."""
    asked = [clean_text(item) for item in items if clean_text(item)]
    if not asked:
        raise NothingAsked(field="items")
    if len(asked) > POINTS_MAX or max(map(len, asked)) > POINT_CHARS_MAX:
        raise TooMuchAsked(field="items")
    before = session.scalars(
        select(Observacion)
        .where(Observacion.expediente_id == case.id, Observacion.kind == "area")
        .order_by(Observacion.id)
    ).all()
    if before:
        uncured = {fold(item["text"]): item for item in before[0].items if item["code"] not in _cured(before)}
        if new := [item for item in asked if fold(item) not in uncured]:
            raise NewRequirement(items=new, rule="Ley 27444 art. 126 (TUO art. 137)")
        rows = [uncured[fold(item)] for item in asked]
    else:
        rows = [{"code": f"R{place}", "text": item} for place, item in enumerate(asked, start=1)]
    due = _in_business_days(calendar, lima_day(now), days or AREA_REQUEST_DAYS)
    session.execute(
        insert(Observacion).values(
            expediente_id=case.id, kind="area", items=rows, cured=[], observed_at=now, due_on=due
        )
    )
    case.clock_start_on = case.due_on = case.sap_on = None
    case.observed_due_on = due
    return due


def _cured(observations: Any) -> set[str]:
    return {code for observation in observations for code in observation.cured}


def deliver(
    session: Session,
    typed_number: str,
    *,
    principal: Principal,
    now: datetime,
    to: str = "",
    document: str = "",
    note: str = "",
) -> dict[str, Any]:
    """The result is handed to the citizen. Raises MoveNotAllowed, StillOnItsWay, OfAnotherArea."""
    case = find_case(session, typed_number)
    state = after("entrega", case.state)
    if case.on_its_way:
        raise StillOnItsWay()
    _must_hold(case, principal)
    receiver = normalize_name(to) or case.applicant_name
    return append_move(
        session,
        case,
        kind="entrega",
        to_state=state,
        principal=principal,
        now=now,
        note=clean_lines(note),
        detail={"to": receiver, "document": f"****{clean_text(document)[-4:]}" if document else None},
    )


def rectify(
    session: Session,
    typed_number: str,
    *,
    principal: Principal,
    now: datetime,
    motivo: str,
    subject: str | None = None,
    applicant_name: str | None = None,
    notify_email: str | None = None,
) -> dict[str, Any]:
    """Mend what was typed wrong, never what was filed; the step keeps both values. A name becomes a pending correction."""
    case = find_case(session, typed_number)
    state = after("rectificacion", case.state)
    _must_hold(case, principal)
    changes: dict[str, list[str | None]] = {}
    if subject is not None and clean_lines(subject):
        changes["subject"] = [case.subject, clean_lines(subject)]
        case.subject = clean_lines(subject)
    if notify_email is not None:
        known = case.notify or {"email": None, "consent": False}
        consent = known["consent"]
        changes["notify_email"] = [known["email"], clean_text(notify_email)]
        case.notify = {"email": clean_text(notify_email), "consent": consent}
    if applicant_name is not None and normalize_name(applicant_name):
        changes["applicant_name"] = [case.applicant_name, normalize_name(applicant_name)]
        correction = {"person_id": case.person_id, "typed": normalize_name(applicant_name)}
        session.execute(insert(NameCorrection).values(**correction, typed_by=principal.key, at=now))
    if not changes or not clean_text(motivo):
        raise NothingRectified(field="motivo" if changes else "subject")
    step = append_move(
        session,
        case,
        kind="rectificacion",
        to_state=state,
        principal=principal,
        now=now,
        note=clean_lines(motivo),
        detail={"changes": changes},
    )
    if "subject" in changes:
        reindex(session, case)
    return {**step, "changes": changes}


def reindex(session: Session, case: Expediente) -> None:
    """Make a case findable by what it says now."""
    person = session.get_one(Person, case.person_id)
    columns = ("number", "sequence", "tramite_code", "tramite_name", "subject")
    words = search_words({name: getattr(case, name) for name in columns}, person.document_number or "", person.name)
    search.index(session, case.id, words, changed=True)


def _must_hold(case: Expediente, principal: Principal) -> None:
    """People of one unidad touch what is in it; everybody else who may act, acts for the CAC and the whole house."""
    if principal.role != "unidad" or not principal.area:
        return
    if fold(principal.area) not in (fold(case.area_code), fold(case.area)):
        raise OfAnotherArea(area=case.area)


def _in_business_days(calendar: Calendar, day: date, days: int) -> date | None:
    try:
        return calendar.add(day, days)
    except CalendarMissing:
        return None


assert set(ACT_MOVES.values()) <= set(MOVES)
