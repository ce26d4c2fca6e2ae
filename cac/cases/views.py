"""A case as its page shows it: what the register says, in words, with nothing left for the template to work out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from cac.cases import rules
from cac.expedientes.papers import METHOD_NAMES
from cac.expedientes.rules import DELIVERED, MOVE_NAMES, NOT_FILED, OBSERVED, OPEN_STATES, RESOLVED
from cac.filing.rules import CONCEPTS, SILENCES, plural
from core.clock import LIMA, lima_day
from core.money import soles
from core.workdays import Calendar, CalendarMissing
from intake.clock import NOTIFICACION_DIAS_HABILES

FOLIOS_A_VOLUME = 200  # art. 152 (163)
SOON_DAYS = 2
MOVE_ICONS = {
    "ingreso": "login-2",
    "observacion": "alert-triangle",
    "documento": "file-plus",
    "subsanacion": "checks",
    "pase": "arrow-forward-up",
    "recepcion": "inbox",
    "informe": "file-check",
    "requerimiento": "message-report",
    "resolucion": "gavel",
    "entrega": "check",
    "rectificacion": "pencil",
    "pago": "cash",
    "lapso": "clock-exclamation",
    "reposicion": "arrow-back-up",
}
NUMBERED = ("informe", "resolucion", "requerimiento")
BUTTONS = {
    "recepcion": ("Recibir", "inbox"),
    "resolucion": ("Emitir acto", "gavel"),
    "entrega": ("Entregar", "check"),
    "subsanacion": ("Subsanar", "checks"),
    "pase": ("Derivar", "arrow-forward-up"),
    "informe": ("Agregar informe", "file-check"),
    "requerimiento": ("Observar una vez", "message-report"),
    "documento": ("Agregar documento", "file-plus"),
    "rectificacion": ("Rectificar", "pencil"),
}


def short_term(case: dict[str, Any], *, today: date, calendar: Calendar) -> dict[str, str] | None:
    """`{kind, text}` of what runs for a case in a list; None when nothing does."""
    if case["state"] == OBSERVED and case["observed_due_on"]:
        return {"kind": "observado", "text": f"Subsana hasta {on(case['observed_due_on'])}"}
    done = {RESOLVED: "Resuelto", DELIVERED: "Entregado"}.get(case["state"])
    if done:
        return {"kind": "hecho", "text": f"{done} {on(lima_day(case['since_at']))}"}
    due = case["due_on"]
    if case["state"] not in OPEN_STATES or due is None:
        return None
    try:
        left, late = calendar.count(today, due), calendar.count(due, today)
    except CalendarMissing:
        return {"kind": "bien", "text": on(due)}
    if late:
        return {"kind": "tarde", "text": f"Venció hace {plural(late, 'día', 'días')}"}
    if left <= SOON_DAYS:
        return {"kind": "pronto", "text": "Vence hoy" if due == today else f"Vence {on(due)}"}
    return {"kind": "bien", "text": on(due)}


def shown(case: dict[str, Any], *, now: datetime, calendar: Calendar) -> dict[str, Any]:
    """Everything of the page but buttons and paper, from `cac.expedientes.queries.show_case`."""
    today = lima_day(now)
    term = _term(case, today=today, calendar=calendar)
    return {
        "case": case | _head(case, today=today) | _term_words(case, term, calendar=calendar),
        "term": term,
        "moves": [_step(step, today=today) for step in reversed(case["movements"])],
        "documents": [document | {"folios": _folios(document)} for document in reversed(case["documents"])],
        "acts": list(reversed(case["acts"])),
        "observation": case["observations"][-1] if case["observations"] else None,
        "pending": [item for item in case["observed"]["items"] if not item["cured"]] if case["observed"] else [],
        "charges": charges(case["charges"]),
    }


def filed(case: dict[str, Any]) -> dict[str, Any]:
    """What the clerk is told when a case was received."""
    return case | {"total": soles(case["total_centimos"]) if case["total_centimos"] else "", "method": _method(case)}


def charges(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(CONCEPTS[line["concept"]], soles(line["centimos"]).replace("-", "−")) for line in lines]


def on(day: date) -> str:
    """`24 nov`."""
    return f"{day.day} {rules.SHORT_MONTHS[day.month - 1]}"


def _head(case: dict[str, Any], *, today: date) -> dict[str, Any]:
    year, point, sequence, check = case["number"].split("-")
    since_on, person = lima_day(case["since_at"]), case["applicant"]
    return {
        "head": f"{year}-{point}-",
        "sequence_text": sequence,
        "tail": f"-{check}",
        "contact": " · ".join(part for part in (person["phone"], person["email"], person["address"]) if part),
        "since": f"{'hoy' if since_on == today else on(since_on)}, {_hour(case['since_at'])}",
        "volumes": -(-case["sheets"] // FOLIOS_A_VOLUME),
        "total": soles(case["total_centimos"]),
        "method": _method(case),
    }


def _method(case: dict[str, Any]) -> str:
    payment = case["payment"] or {}
    words = METHOD_NAMES.get(payment.get("method", ""), "").lower()
    return f"{words} (pendiente)" if payment.get("state") == "pendiente" else words


def _term(case: dict[str, Any], *, today: date, calendar: Calendar) -> rules.Term | None:
    if case["observed"] and case["observed"]["due_on"]:
        first = lima_day(case["observed"]["observed_at"]) + timedelta(days=1)
        return rules.term(first, case["observed"]["due_on"], today=today, calendar=calendar)
    start, due = case["clock_start_on"], case["due_on"]
    if start and due and due >= start:
        return rules.term(start, due, today=today, calendar=calendar, sap_on=case["sap_on"])
    return None


def _term_words(case: dict[str, Any], term: rules.Term | None, *, calendar: Calendar) -> dict[str, Any]:
    observed = case["state"] == OBSERVED
    version = f"TUPA {case['tramite']}, versión {case['tupa_version'].split('.')[0]}"
    days = plural(case["term_business_days"], "día hábil", "días hábiles")
    words: list[tuple[str, str]] = []
    if observed:
        words.append(("Subsanar:", "hasta el fin del último día. Mientras esté observado no corre plazo ni se deriva."))
    elif term:
        words.append(("Resolver:", f"{days} desde el día hábil siguiente al ingreso completo ({version})."))
        if case["sap_on"]:
            until = f"Si el titular no recibe respuesta hasta el {on(case['sap_on'])}, queda aprobado."
            words.append(("Notificar:", f"{NOTIFICACION_DIAS_HABILES} días hábiles más. {until}"))
        elif case["silence"] == "SAN":
            words.append(("Silencio:", "negativo. Vencido el plazo, el ciudadano puede esperar o impugnar."))
    return {
        "term_title": "Plazo para subsanar" if observed else "Plazo para resolver",
        "term_over": {RESOLVED: "Resuelto", DELIVERED: "Entregado"}.get(case["state"], ""),
        "term_note": _no_term(case),
        "term_words": words,
        "term_rule": _term_rule(case, version, days, calendar=calendar),
    }


def _no_term(case: dict[str, Any]) -> str:
    if case["state"] == NOT_FILED:
        return "Se tiene por no presentado: no corre plazo."
    if case["due_on"]:
        return f"Se atiende en el acto ({on(case['due_on'])})."
    if case["term_business_days"] == 0:
        return "Solo se recibe: este trámite no tiene plazo de respuesta fijado."
    return "Por confirmar: el calendario oficial aún no llega a esa fecha."


def _term_rule(case: dict[str, Any], version: str, days: str, *, calendar: Calendar) -> list[str]:
    lines = [
        f"Ingresó el {on(case['received_on'])}. El plazo cuenta desde el siguiente día hábil (TUO Ley 27444, art. 144).",
        f"{days} según {version}. Solo cuentan los días hábiles: sin sábados, domingos ni feriados (art. 145).",
    ]
    if case["silence"]:
        lines.append(f"Si nadie responde: {SILENCES[case['silence']]}.")
    if case["observations"]:
        lines.append("La observación detiene el plazo; al subsanar cuenta de nuevo, completo (arts. 136 y 137).")
    last = case["sap_on"] or case["due_on"]
    skipped = calendar.skipped(case["received_on"], last) if last else ()
    if skipped:
        lines.append("No se cuentan: " + ", ".join(f"{on(one.on)} ({one.name})" for one in skipped) + ".")
    return lines


def _step(step: dict[str, Any], *, today: date) -> dict[str, Any]:
    day = lima_day(step["at"])
    return {
        "at": step["at"],
        "day": "hoy" if day == today else on(day),
        "icon": MOVE_ICONS.get(step["kind"], "point"),
        "title": _title(step),
        "note": "" if step["kind"] in NUMBERED else step["note"],
        "where": _where(step),
    }


def _title(step: dict[str, Any]) -> str:
    kind, detail = step["kind"], step["detail"]
    if kind == "pase":
        return f"Derivado a {step['to_area']}" + (" para informe" if step["due_on"] else "")
    if kind == "recepcion":
        return f"Recibido por {step['to_area']}"
    if kind in NUMBERED:
        return f"{step['note']}: {detail['resultado']}" if detail.get("resultado") else step["note"]
    if kind == "subsanacion" and step["to_state"] == OBSERVED:
        return "Subsanación parcial"
    return MOVE_NAMES[kind]


def _where(step: dict[str, Any]) -> str:
    parts = [step["by"]]
    if step["kind"] == "pase":
        parts.append(f"desde {step['from_area']}")
        if step["due_on"]:
            parts.append(f"responde hasta el {on(step['due_on'])}")
    elif step["to_area"] and step["kind"] != "recepcion":
        parts.append(step["to_area"])
    if step["kind"] == "entrega" and step["detail"].get("to"):
        parts.append(f"recogió {step['detail']['to']}")
    if step["days"]:
        parts.append(f"{plural(step['days'], 'día hábil', 'días hábiles')} en este paso")
    return " · ".join(parts)


def _folios(document: dict[str, Any]) -> str:
    if not document["sheets"]:
        return "sin folios"
    if document["sheets"] == 1:
        return str(document["first_folio"])
    return f"{document['first_folio']} a {document['last_folio']}"


def _hour(at: datetime) -> str:
    return at.astimezone(LIMA).strftime("%H:%M")
