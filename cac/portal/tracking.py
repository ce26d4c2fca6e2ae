"""A case in plain words for who holds its cargo: what is happening, by when, what comes next. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.workdays import Calendar, CalendarMissing
from web.filters import long_day

OPEN = ("recibido", "observado", "en_tramite", "suspendido")
MAX_SEGMENTS = 15  # a longer term is told in words only

HEADS = {
    "recibido": ("inbox", "Recibimos su trámite"),
    "observado": ("alert-triangle", "Falta algo de su parte"),
    "no_presentado": ("x", "Se tuvo por no presentado"),
    "en_tramite": ("progress", "Su trámite avanza"),
    "suspendido": ("player-pause", "Su trámite está en pausa"),
    "resuelto": ("file-check", "Ya hay respuesta"),
    "entregado": ("circle-check", "Su trámite terminó"),
}
LATE_HEAD = ("clock-exclamation", "El plazo venció")
STEP_ICONS = {
    "ingreso": "check",
    "observacion": "alert-triangle",
    "subsanacion": "check",
    "documento": "file-plus",
    "pase": "arrow-forward-up",
    "recepcion": "inbox",
    "informe": "file-text",
    "requerimiento": "message-report",
    "resolucion": "writing-sign",
    "entrega": "check",
    "lapso": "x",
    "reposicion": "arrow-back-up",
}
LAST_STEPS = {
    "recibido": "Le respondemos y recoge su respuesta",
    "observado": "Trae lo que falta y seguimos",
    "en_tramite": "Le respondemos y recoge su respuesta",
    "suspendido": "Seguimos cuando se levante la pausa",
    "resuelto": "Recoge su respuesta en el CAC con su documento",
}


def follow(case: dict[str, Any], *, today: date, calendar: Calendar) -> dict[str, Any]:
    """What the tracking page shows of `cac.expedientes.queries.track`, ready to show."""
    state, late = case["state"], case["late"]
    icon, head = LATE_HEAD if late else HEADS.get(state, ("file-text", case["state_name"]))
    if state not in HEADS:
        head = case["state_name"]
    return {
        "number": case["number"],
        "tramite": case["tramite"],
        "title": case["tramite_name"] or "Su trámite",
        "icon": icon,
        "head": head,
        "next": case["next"],
        "kind": "aviso" if late or state in ("observado", "no_presentado") else "azul",
        "date": _date(case, today=today, calendar=calendar),
        "missing": case["observed"]["items"] if case["observed"] else [],
        "steps": _steps(case),
        "last_step": LAST_STEPS.get(state),
        "right": _right(case),
    }


def _date(case: dict[str, Any], *, today: date, calendar: Calendar) -> dict[str, Any] | None:
    """The day that matters to the citizen now, with how far the term has gone."""
    if case["observed"] and case["observed"]["due_on"]:
        return {"label": "Complete lo que falta hasta el", "day": long_day(case["observed"]["due_on"]), "segments": []}
    if case["state"] not in OPEN or not case["term_business_days"]:
        return None
    if not case["due_on"]:
        return {"label": "Le responderemos", "day": "Plazo por confirmar", "segments": []}
    day = long_day(case["due_on"])
    if case["late"]:
        return {"label": "Debimos responderle a más tardar el", "day": day, "segments": []}
    return {"label": "Le responderemos a más tardar el", "day": day, **_progress(case, today=today, calendar=calendar)}


def _progress(case: dict[str, Any], *, today: date, calendar: Calendar) -> dict[str, Any]:
    total, start = case["term_business_days"], case["clock_start_on"]
    try:
        used = 0 if start is None or today < start else calendar.count(start, today) + 1
    except CalendarMissing:
        return {"segments": []}
    used = min(used, total)
    if not used:
        return {
            "segments": [],
            "words": f"Tenemos {_days(total)}; el primero es el {long_day(start)}." if start else "",
        }
    marks = ["u"] * (used - 1) + ["h"] + [""] * (total - used)
    return {
        "segments": marks if total <= MAX_SEGMENTS else [],
        "words": f"Va el día {used} de {_days(total)}",
    }


def _days(number: int) -> str:
    return "1 día hábil" if number == 1 else f"{number} días hábiles"


def _steps(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What was done, oldest first; the last one is where it is while the case is open."""
    done = [
        {"what": step["what"], "area": step["area"], "at": step["at"], "icon": STEP_ICONS.get(step["kind"], "check")}
        for step in case["steps"]
    ]
    if done and case["state"] in OPEN:
        done[-1]["now"] = True
    return done


def _right(case: dict[str, Any]) -> dict[str, str] | None:
    """What the law gives if nobody answers; only while the case is open."""
    if case["state"] not in OPEN:
        return None
    if case["silence"] == "SAP" and case["sap_on"]:
        return {"until": long_day(case["sap_on"]), "then": "su solicitud queda aprobada por ley"}
    if case["silence"] == "SAN" and case["due_on"]:
        return {"until": long_day(case["due_on"]), "then": "puede apelar o seguir esperando la respuesta"}
    return None
