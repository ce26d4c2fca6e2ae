"""Reading cases: the search, one case whole, an area's tray, and what a citizen may follow. Instants and days are values."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, func, select
from sqlalchemy.orm import Session

from cac.citizens.models import Person
from cac.expedientes import search
from cac.expedientes.actions.rows import ExpedienteUnknown
from cac.expedientes.models import Acto, Alias, Charge, Documento, Expediente, Movimiento, Observacion, RefundOrder
from cac.expedientes.rules import (
    DELIVERED,
    IN_PROCESS,
    MOVE_NAMES,
    NOT_FILED,
    OBSERVED,
    OPEN_STATES,
    RECEIVED,
    RESOLVED,
    STATE_NAMES,
    next_moves,
)
from cac.tupa.queries import CAC_AREA
from core.clock import lima_day
from core.errors import NotFound
from core.ids import ExpedienteNumber, normalize_key, same_secret
from core.workdays import Calendar, CalendarMissing

PAGE = 20
PAGE_MAX = 500
TRAY_MAX = 200

_E: Table = Expediente.__table__  # type: ignore[assignment]
_P: Table = Person.__table__  # type: ignore[assignment]
_COLUMNS = (_E, _P.c.name.label("person_name"), _P.c.document_type, _P.c.document_number)
_A_TURN = timedelta(days=1)  # no turn lasts longer; codes begin anew each day
_OF_TURN = (
    select(_E.c.number, _E.c.tramite_code.label("tramite"), _E.c.tramite_name)
    .where(
        _E.c.ticket.in_([bindparam("id"), bindparam("code")]),
        _E.c.registered_at.between(bindparam("from"), bindparam("until")),
    )
    .order_by(_E.c.id)
)
_LISTED = select(*_COLUMNS).join(_P, _P.c.id == _E.c.person_id)


class NotTracked(NotFound):
    """The same for a wrong number and a wrong key: neither is confirmed."""

    code = "seguimiento.no_coincide"
    detail = "El número y la clave no coinciden. Cópielos tal como están en su cargo."


# --- search


def search_cases(session: Session, *, q: str = "", state: str = "", area: str = "", page: int = 1) -> dict[str, Any]:
    """`{items, page, more}`, newest first. `q`: a number, a document, pieces of names, words of the trámite or subject."""
    page = max(1, min(page, PAGE_MAX))
    narrowed = _narrow(session, q.strip())
    if narrowed is None:
        return {"items": [], "page": page, "more": False}
    found, values = narrowed
    if state:
        found = found.where(_E.c.state == state)
    if area:
        found = found.where(_E.c.area_code == area.strip().upper())
    rows = session.execute(found.limit(PAGE + 1).offset((page - 1) * PAGE), values).all()
    return {"items": [_listed(row) for row in rows[:PAGE]], "page": page, "more": len(rows) > PAGE}


def _narrow(session: Session, q: str) -> tuple[Select[Any], dict[str, Any]] | None:
    """A whole number goes straight to its case; everything else to the word index. None: nothing can match."""
    if not q:
        return _LISTED.order_by(_E.c.id.desc()), {}
    try:
        return _LISTED.where(_has_number(str(ExpedienteNumber.parse(q)))), {}
    except ValueError:
        question = search.question(session, q)
    if not question:
        return None
    index, key, matches = search.index_table(search.dialect_of(session))
    joined = index.join(_E, _E.c.id == key).join(_P, _P.c.id == _E.c.person_id)
    found = select(*_COLUMNS).select_from(joined).where(matches).order_by(key.desc())
    return found, {"question": question}


def _has_number(number: str) -> ColumnElement[bool]:
    """Its own, or the one on its paper: a cabin's fork gave it to two."""
    aliased = select(Alias.expediente_id).where(Alias.number == number)
    return (_E.c.number == number) | _E.c.id.in_(aliased)


def _listed(row: Row[Any]) -> dict[str, Any]:
    return {
        "number": row.number,
        "tramite": row.tramite_code,
        "tramite_name": row.tramite_name,
        "applicant": row.person_name,
        "document_type": row.document_type,
        "document_number": row.document_number or "",
        "subject": row.subject,
        "state": row.state,
        "state_name": STATE_NAMES[row.state],
        "area": row.area,
        "area_code": row.area_code,
        "on_its_way": row.on_its_way,
        "home_area": row.home_area,
        "sheets": row.sheets,
        "received_at": row.received_at,
        "received_on": row.received_on,
        "due_on": row.due_on,
        "observed_due_on": row.observed_due_on,
        "since_at": row.since_at,
        "channel": row.channel,
        "cabina": row.cabina,
    }


# --- one case


def show_case(session: Session, typed: str, *, today: date, calendar: Calendar) -> dict[str, Any]:
    """All of a case for who works on it. Raises ExpedienteUnknown."""
    row = _case_row(session, typed)
    observations = _observations(session, row.id)
    return {
        **_listed(row),
        "applicant": {
            "id": row.person_id,
            "document_type": row.document_type,
            "document_number": row.document_number or "",
            "name": row.person_name,
            "phone": row.phone or "",
            "email": row.email or "",
            "address": row.address or "",
        },
        "representative": _representative(session, row.representative_id),
        "annexes": row.annexes,
        "ticket": row.ticket,
        "related": row.related,
        "notify": row.notify,
        "place": row.place,
        "receiver": row.receiver_name,
        "registered_at": row.registered_at,
        "tupa_version": row.tupa_version,
        "term_business_days": row.term_business_days,
        "silence": row.silence,
        "qualification": row.qualification,
        "requisitos": row.requisitos,
        "fee_centimos": row.fee_centimos,
        "total_centimos": row.total_centimos,
        "payment": row.payment,
        "charges": _charges(session, row.id),
        "refund": _refund(session, row.id),
        "warnings": row.warnings,
        "clock_start_on": row.clock_start_on,
        "sap_on": row.sap_on,
        "home_area_code": row.home_area_code,
        "observations": observations,
        "observed": next((one for one in reversed(observations) if one["closed_at"] is None), None),
        "movements": _movements(session, row.id, cabina=row.cabina, today=today, calendar=calendar),
        "documents": _documents(session, row.id),
        "acts": _acts(session, row.id),
        "moves": next_moves(row.state, on_its_way=row.on_its_way),
        "same_person": _others(session, row),
    }


def cases_of_turn(session: Session, ticket: Any) -> list[Any]:
    """The cases filed during a turn, in their order: `number`, `tramite`, `tramite_name`. A till may have noted its id or its code."""
    named = {"id": str(ticket.id), "code": ticket.code, "from": ticket.issued_at, "until": ticket.issued_at + _A_TURN}
    return list(session.execute(_OF_TURN, named).all())


def _case_row(session: Session, typed: str) -> Row[Any]:
    try:
        number = str(ExpedienteNumber.parse(typed))
    except ValueError:
        raise ExpedienteUnknown() from None
    row = session.execute(
        _LISTED.add_columns(_P.c.phone, _P.c.email, _P.c.address).where(_E.c.number == number)
    ).first()
    if row is None:
        raise ExpedienteUnknown()
    return row


def _representative(session: Session, person_id: int | None) -> dict[str, Any] | None:
    person = session.get(Person, person_id) if person_id else None
    if person is None:
        return None
    return {
        "document_type": person.document_type,
        "document_number": person.document_number or "",
        "name": person.name,
    }


def _charges(session: Session, case: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Charge).where(Charge.expediente_id == case).order_by(Charge.id))
    return [{"concept": row.concept, "centimos": row.centimos, "method": row.method} for row in rows]


def _refund(session: Session, case: int) -> dict[str, Any] | None:
    order = session.scalar(select(RefundOrder).where(RefundOrder.expediente_id == case))
    if order is None:
        return None
    return {
        "centimos": order.centimos,
        "lines": order.lines,
        "state": order.state,
        "ordered_at": order.ordered_at,
    }


def _observations(session: Session, case: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Observacion).where(Observacion.expediente_id == case).order_by(Observacion.id))
    return [
        {
            "kind": row.kind,
            "items": [{**item, "cured": item["code"] in row.cured} for item in row.items],
            "missing": [item["code"] for item in row.items if item["code"] not in row.cured],
            "observed_at": row.observed_at,
            "due_on": row.due_on,
            "closed_at": row.closed_at,
            "outcome": row.outcome,
        }
        for row in rows
    ]


def _who(step: Movimiento, cabina: str | None) -> str:
    """Of what was done at a cabin, which one too; the first step keeps its operator's name alone, as on the paper."""
    at_cabina = cabina and step.principal.startswith("cabina:") and cabina not in step.name
    return f"{step.name}, cabina {cabina}" if at_cabina else step.name


def _movements(
    session: Session, case: int, *, cabina: str | None, today: date, calendar: Calendar
) -> list[dict[str, Any]]:
    """Oldest first; `days` are the business days until the next step (until today for the last one)."""
    rows = session.scalars(select(Movimiento).where(Movimiento.expediente_id == case).order_by(Movimiento.id)).all()
    ends = [lima_day(row.at) for row in rows[1:]] + [today]
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "name": MOVE_NAMES[row.kind],
            "from_state": row.from_state,
            "to_state": row.to_state,
            "from_area": row.from_area,
            "to_area": row.to_area,
            "note": row.note,
            "detail": row.detail or {},
            "due_on": row.due_on,
            "at": row.at,
            "by": _who(row, cabina),
            "days": _days_between(calendar, lima_day(row.at), end),
        }
        for row, end in zip(rows, ends, strict=True)
    ]


def _days_between(calendar: Calendar, start: date, end: date) -> int | None:
    try:
        return calendar.count(start, end)
    except CalendarMissing:
        return None


def _documents(session: Session, case: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Documento).where(Documento.expediente_id == case).order_by(Documento.ordinal))
    return [
        {
            "ordinal": row.ordinal,
            "kind": row.kind,
            "name": row.name,
            "sheets": row.sheets,
            "first_folio": row.first_folio,
            "last_folio": row.first_folio + row.sheets - 1,
            "tramite": row.tramite_code,
            "due_on": row.due_on,
            "sha256": row.sha256,
            "media_type": row.media_type,
            "bytes": row.bytes,
            "received_at": row.received_at,
            "by": row.name_of_receiver,
        }
        for row in rows
    ]


def _acts(session: Session, case: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Acto).where(Acto.expediente_id == case).order_by(Acto.id))
    return [
        {
            "kind": row.kind,
            "number": row.number,
            "resultado": row.resultado,
            "text": row.text,
            "area": row.area,
            "issued_at": row.issued_at,
            "by": row.name,
            "sha256": row.sha256,
        }
        for row in rows
    ]


def _others(session: Session, row: Row[Any]) -> list[dict[str, Any]]:
    """Other open cases of the same person: what the desk looks at before giving a second number."""
    same = (
        select(_E.c.number, _E.c.tramite_code, _E.c.tramite_name, _E.c.state)
        .where(_E.c.person_id == row.person_id, _E.c.id != row.id, _E.c.state.in_(OPEN_STATES))
        .order_by(_E.c.id.desc())
        .limit(5)
    )
    return [dict(found._mapping) for found in session.execute(same)]


def open_of_person(session: Session, document_type: str, document_number: str, tramite: str) -> list[str]:
    """Numbers of the open cases this person has for the same trámite, newest first: the desk warns before filing."""
    same = (
        select(_E.c.number)
        .join(_P, _P.c.id == _E.c.person_id)
        .where(
            _P.c.document_type == document_type,
            _P.c.document_number == document_number,
            _E.c.tramite_code == tramite,
            _E.c.state.in_(OPEN_STATES),
        )
        .order_by(_E.c.id.desc())
    )
    return list(session.scalars(same))


def find_document(session: Session, typed: str, ordinal: int) -> dict[str, Any]:
    """The attachment of a document: `{number, name, sha256, media_type}`. Raises ExpedienteUnknown."""
    case = _case_row(session, typed)
    row = session.execute(
        select(Documento.name, Documento.sha256, Documento.media_type).where(
            Documento.expediente_id == case.id, Documento.ordinal == ordinal
        )
    ).first()
    if row is None or row.sha256 is None:
        raise ExpedienteUnknown("Ese documento no tiene un archivo adjunto.")
    return {"number": case.number, "name": row.name, "sha256": row.sha256, "media_type": row.media_type}


# --- an area's tray


def tray(
    session: Session, area_code: str | None, *, today: date, calendar: Calendar
) -> dict[str, list[dict[str, Any]]]:
    """What an area has to do: `{to_receive, here, to_forward}`, oldest reception first. `area_code` None: every area.

    `late` marks what is past its term; `to_forward` is what the CAC received and did not send on, red once a day passed."""
    mine = [_E.c.area_code == area_code] if area_code else []
    listed = _LISTED.order_by(_E.c.received_on, _E.c.id).limit(TRAY_MAX)
    coming = listed.where(*mine, _E.c.on_its_way.is_(True))
    here = listed.where(*mine, _E.c.on_its_way.is_(False), _E.c.state.in_((IN_PROCESS, RESOLVED)))
    waiting = listed.where(_E.c.area_code == CAC_AREA, _E.c.state == RECEIVED, _E.c.on_its_way.is_(False))
    shown = {
        "to_receive": [_worked(row, today, calendar) for row in session.execute(coming)],
        "here": [_worked(row, today, calendar) for row in session.execute(here)],
        "to_forward": [],
    }
    if area_code in (None, CAC_AREA):
        shown["to_forward"] = [_worked(row, today, calendar) for row in session.execute(waiting)]
    return shown


def _worked(row: Row[Any], today: date, calendar: Calendar) -> dict[str, Any]:
    term = _days_between(calendar, row.received_on, row.due_on) if row.due_on else None
    used = _days_between(calendar, row.received_on, today)
    return {
        **_listed(row),
        "term_days": term,
        "used_days": used,
        "late": bool(row.due_on and row.due_on < today),
        "not_forwarded": row.state == RECEIVED and lima_day(row.received_at) < today,
    }


def count_tray(session: Session, area_code: str) -> int:
    """Cases an area has to receive or has in hand: the figure beside its name."""
    counted = select(func.count()).where(_E.c.area_code == area_code, _E.c.state.in_((IN_PROCESS, RESOLVED)))
    return session.scalar(counted) or 0


# --- the citizen


def track(session: Session, typed_number: str, typed_key: str, *, today: date) -> dict[str, Any]:
    """What who holds the cargo may know: where it is, since when, by when, what is next. No name, document or note.

    Raises NotTracked alike for a wrong number and a wrong key."""
    row = _tracked(session, typed_number, typed_key)
    observed = next((one for one in reversed(_observations(session, row.id)) if one["closed_at"] is None), None)
    last = session.scalar(
        select(Acto)
        .where(Acto.expediente_id == row.id, Acto.kind.notin_(("informe", "requerimiento")))
        .order_by(Acto.id.desc())
    )
    late = bool(row.due_on and row.due_on < today and row.state in OPEN_STATES)
    return {
        "number": row.number,
        "tramite": row.tramite_code,
        "tramite_name": row.tramite_name,
        "state": row.state,
        "state_name": STATE_NAMES[row.state],
        "area": row.area,
        "since_at": row.since_at,
        "received_at": row.received_at,
        "received_on": row.received_on,
        "clock_start_on": row.clock_start_on,
        "due_on": row.due_on,
        "sap_on": row.sap_on,
        "term_business_days": row.term_business_days,
        "silence": row.silence,
        "late": late,
        "observed": observed
        and {
            "items": [item["text"] for item in observed["items"] if not item["cured"]],
            "due_on": observed["due_on"],
        },
        "resultado": last.resultado if last else None,
        "next": _next_step(row, late=late),
        "steps": _public_steps(session, row.id),
    }


def being_verified(number: str, place: str, received_at: datetime) -> dict[str, Any]:
    """A paper that a cabin received and the centre could not take in yet: known, and nothing else is said of it."""
    return {
        "number": number,
        "tramite": "",
        "tramite_name": "",
        "state": RECEIVED,
        "state_name": "Recibido en la cabina, en verificación",
        "area": place,
        "since_at": received_at,
        "received_at": received_at,
        "received_on": lima_day(received_at),
        "clock_start_on": None,
        "due_on": None,
        "sap_on": None,
        "term_business_days": 0,
        "silence": None,
        "late": False,
        "observed": None,
        "resultado": None,
        "next": "El centro está verificando lo que envió la cabina. Su cargo vale; consulte otra vez mañana.",
        "steps": [
            {"what": "Recibido en la cabina, en verificación", "kind": "ingreso", "area": place, "at": received_at}
        ],
    }


def _tracked(session: Session, typed_number: str, typed_key: str) -> Row[Any]:
    key = normalize_key(typed_key)
    try:
        number = str(ExpedienteNumber.parse(typed_number))
    except ValueError:
        raise NotTracked() from None
    for row in session.execute(_LISTED.where(_has_number(number))):
        if same_secret(row.track_key, key):
            return row
    raise NotTracked()


def tracked_number(session: Session, typed_number: str, typed_key: str) -> str:
    """The register's number for what is on a cargo. Raises NotTracked."""
    return str(_tracked(session, typed_number, typed_key).number)


def _next_step(row: Row[Any], *, late: bool) -> str:
    if late and row.silence == "SAN":
        return (
            "El plazo venció sin respuesta: puede apelar o seguir esperando la respuesta. Su expediente sigue abierto."
        )
    if late and row.silence == "SAP":
        return "El plazo venció. Si no le notifican hasta la fecha indicada, su solicitud queda aprobada por ley."
    return {
        RECEIVED: f"Lo enviaremos a {row.home_area}.",
        OBSERVED: "Traiga lo que falta antes de la fecha indicada.",
        NOT_FILED: "No se completó lo observado: puede recoger sus papeles y pedir la devolución de lo pagado.",
        IN_PROCESS: f"{row.area} lo está evaluando.",
        RESOLVED: "Ya hay respuesta: acérquese al CAC con su documento para recibirla.",
        DELIVERED: "El trámite terminó y se le entregó la respuesta.",
    }.get(row.state, "Pregunte por su trámite en el CAC.")


_PUBLIC_STEPS = {
    "ingreso": "Recibimos sus papeles",
    "observacion": "Recibimos sus papeles, con observación",
    "subsanacion": "Usted presentó lo que faltaba",
    "documento": "Se agregó un documento",
    "pase": "Se envió a otra unidad",
    "recepcion": "La unidad lo recibió",
    "informe": "Se emitió un informe",
    "requerimiento": "Le pedimos completar algo",
    "resolucion": "Se emitió la respuesta",
    "entrega": "Se entregó la respuesta",
    "lapso": "Se tiene por no presentado",
    "reposicion": "Se repuso: usted subsanó a tiempo",
}


def _public_steps(session: Session, case: int) -> list[dict[str, Any]]:
    """Oldest first: what, where and when; never who, and no internal note."""
    rows = session.scalars(select(Movimiento).where(Movimiento.expediente_id == case).order_by(Movimiento.id))
    return [
        {"what": _PUBLIC_STEPS[row.kind], "kind": row.kind, "area": row.to_area, "at": row.at}
        for row in rows
        if row.kind in _PUBLIC_STEPS
    ]


def is_registered(session: Session, number: str) -> bool:
    """Whether a number, written as it is printed, is in the register."""
    return session.scalar(select(Expediente.id).where(Expediente.number == number)) is not None


def last_change(session: Session) -> datetime | None:
    """When the register last grew."""
    return session.scalar(select(func.max(Movimiento.at)))
