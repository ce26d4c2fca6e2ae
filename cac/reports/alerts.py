"""What needs a person now, pure: from how queues, printers and devices stand to troubles in words.

A trouble is true as long as its condition is; the row kept of it (cac.reports.models.Alert) opens and closes with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticketing.policy import Desk

ANY_SALA = ""
OPEN = "abierta"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of trouble is shown. `grave` rings until somebody acknowledges it; `clerks` see it too."""

    grave: bool
    icon: str
    href: str
    action: str
    clerks: bool = False


KINDS = {
    "nadie_atiende": Kind(True, icon="users", href="#puestos", action="Ver ventanillas"),
    "sin_ventanilla": Kind(True, icon="users", href="#puestos", action="Ver ventanillas", clerks=True),
    "preferente": Kind(True, icon="user-heart", href="#puestos", action="Ver ventanillas", clerks=True),
    "limite": Kind(False, icon="hourglass", href="#puestos", action="Asignar"),
    "gente": Kind(False, icon="users", href="#puestos", action="Ver ventanillas"),
    "impresora": Kind(True, icon="printer-off", href="/impresiones", action="Ver impresiones", clerks=True),
    "poco_papel": Kind(False, icon="alert-triangle", href="/impresiones", action="Ver impresiones", clerks=True),
    "agente": Kind(True, icon="plug-off", href="/impresiones", action="Ver impresiones", clerks=True),
    "papel": Kind(False, icon="help", href="/impresiones", action="Responder", clerks=True),
    "equipo": Kind(True, icon="wifi-off", href="#equipos", action="Ver equipos"),
    "valija": Kind(True, icon="package", href="/valijas", action="Ver valijas"),
    "valija_demorada": Kind(False, icon="package", href="/valijas", action="Ver valijas"),
    "reloj": Kind(False, icon="clock-exclamation", href="#equipos", action="Ver equipos"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """`sala` is ANY_SALA for what concerns all; `subject` tells two of a kind apart."""

    kind: str
    sala: str
    subject: str
    title: str
    detail: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.sala, self.kind, self.subject

    @property
    def how(self) -> Kind:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A hall device as it last reported. `ground`, `icon` and `words` are its health."""

    id: int
    kind: str
    name: str
    sala: str | None
    ground: str
    icon: str
    words: str
    silent: bool = False
    clock_off: bool = False


def queue_troubles(
    sala: str,
    line: Sequence[Any],
    desks: Iterable[tuple[Desk, str]],
    *,
    limit_minutes: int,
    limit_people: int,
    now: datetime,
) -> list[Trouble]:
    """`line` are rows of those who wait; `desks` the ventanillas with their state; the limits are the sala's own."""
    calling = [desk for desk, state in desks if state == OPEN]
    found: list[Trouble] = []

    def add(kind: str, title: str, detail: str) -> None:
        found.append(Trouble(kind, sala, "", title, detail))

    if line and not calling:
        add("nadie_atiende", "Nadie atiende", f"y {_wait(len(line))}. Abra una ventanilla.")
    elif line:
        unattended = sorted(
            {one.service for one in line if one.only is None and not any(one.service in d.services for d in calling)}
        )
        if unattended:
            add("sin_ventanilla", f"Servicio {', '.join(unattended)} sin ventanilla", "y hay personas esperando.")
        if any(one.preferente for one in line) and not any(desk.accepts(True) for desk in calling):
            add("preferente", "Preferentes sin ventanilla", "Ley 28683: una debe atenderlos.")
    late = sorted(
        (one.issued_at, one.code)
        for one in line
        if not one.preferente and minutes_since(one.issued_at, now) >= limit_minutes
    )
    if late:
        first_at, code = late[0]
        detail = f"{code} lleva {minutes_since(first_at, now)} min. Asigne una ventanilla solo a general."
        add("limite", f"{len(late)} sobre el límite de {limit_minutes} min.", detail)
    if calling and len(line) > limit_people:
        add("gente", f"Esperan {len(line)} personas.", f"El límite es {limit_people}. Abra otra ventanilla.")
    return found


def printer_troubles(
    problems: dict[str, str], low: dict[str, str], silent_agents: dict[str, str], asked: int
) -> list[Trouble]:
    """`problems` and `low` (paper about to end) in each printer's own words; `asked` papers only a person can settle."""
    found = [
        Trouble("impresora", ANY_SALA, f"printer:{name}", f"Impresora {name}", problem)
        for name, problem in problems.items()
        if name not in silent_agents
    ]
    found += [
        Trouble("poco_papel", ANY_SALA, f"printer:{name}", f"Impresora {name}", f"{words} Tenga un rollo a mano.")
        for name, words in low.items()
    ]
    found += [
        Trouble("agente", ANY_SALA, f"printer:{name}", f"Impresora {name}: su agente no responde", words)
        for name, words in silent_agents.items()
    ]
    if asked:
        papers = "papel" if asked == 1 else "papeles"
        detail = f"La impresora no confirmó: mire si {'salió' if asked == 1 else 'salieron'}."
        found.append(Trouble("papel", ANY_SALA, "", f"{asked} {papers} por confirmar.", detail))
    return found


def device_troubles(devices: Iterable[DeviceState]) -> list[Trouble]:
    found = []
    for device in devices:
        sala, subject = device.sala or ANY_SALA, f"device:{device.id}"
        if device.silent:
            found.append(Trouble("equipo", sala, subject, device.name, f"{device.words}. Revise su cable y su red."))
        elif device.clock_off:
            detail = f"{device.words}. Ponga en hora ese equipo."
            found.append(Trouble("reloj", sala, subject, device.name, detail))
    return found


def valija_troubles(awaited: Iterable[Any]) -> list[Trouble]:
    """`awaited` are cabins with papers that were not in their bags (`missing`) or bags that nobody emptied (`overdue`)."""
    found = []
    for one in awaited:
        subject = f"cabina:{one.cabina}"
        if one.missing:
            papers = "1 expediente" if one.missing == 1 else f"{one.missing} expedientes"
            detail = "No estaban en la valija: llame a la cabina."
            found.append(Trouble("valija", ANY_SALA, subject, f"{one.cabina}: faltan papeles de {papers}.", detail))
        if one.overdue:
            bags = "Una valija salió" if one.overdue == 1 else f"{one.overdue} valijas salieron"
            detail = (
                f"{bags} hace días y nadie la vació." if one.overdue == 1 else f"{bags} hace días y nadie las vació."
            )
            found.append(Trouble("valija_demorada", ANY_SALA, subject, f"Valija de {one.cabina} demorada.", detail))
    return found


def minutes_since(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()) // 60)


def _wait(count: int) -> str:
    return "espera 1" if count == 1 else f"esperan {count}"
