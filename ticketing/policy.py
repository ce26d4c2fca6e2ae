"""Who is called next, and why.

Law 28683: pregnant women, children, older and disabled people go first. So preferentes are called before general tickets, and
within each class whoever has the older `turn_at`. Another order is another entry of POLICIES."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

APPOINTMENT_GRACE = timedelta(minutes=10)  # checked in later than this, an appointment counts from its arrival


class Attends(StrEnum):
    """Which class a ventanilla calls: the answer to general people who wait too long."""

    ALL = "todos"
    GENERAL = "solo_general"
    PREFERENTE = "solo_preferente"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits. `ticket_id` grows with issue, so it settles two equal `turn_at`."""

    ticket_id: int
    code: str
    service: str
    preferente: bool
    turn_at: datetime
    only_ventanilla: int | None = None  # forwarded to this one


@dataclass(frozen=True, slots=True)
class Desk:
    """A ventanilla as the policy sees it; `services` in its own order, its own one first."""

    number: int
    services: tuple[str, ...]
    attends: Attends = Attends.ALL

    def may_call(self, ticket: Waiting) -> bool:
        if ticket.only_ventanilla is not None:
            return ticket.only_ventanilla == self.number
        return ticket.service in self.services and self.accepts(ticket.preferente)

    def accepts(self, preferente: bool) -> bool:
        return self.attends is Attends.ALL or preferente == (self.attends is Attends.PREFERENTE)


Key = Callable[[Desk, Waiting], tuple[Any, ...]]


def preferente_first(desk: Desk, ticket: Waiting) -> tuple[Any, ...]:
    return (not ticket.preferente, ticket.turn_at, ticket.ticket_id)


def own_service_first(desk: Desk, ticket: Waiting) -> tuple[Any, ...]:
    own = ticket.only_ventanilla is not None or ticket.service == desk.services[0]
    return (not ticket.preferente, not own, ticket.turn_at, ticket.ticket_id)


DEFAULT = "preferente_primero"
POLICIES: dict[str, Key] = {DEFAULT: preferente_first, "servicio_propio_primero": own_service_first}


@dataclass(frozen=True, slots=True)
class Choice:
    """A ticket and the reason it was chosen, as data: it is stored with the call."""

    ticket: Waiting
    reason: dict[str, Any]


def next_turn(waiting: Iterable[Waiting], desk: Desk, *, policy: str = DEFAULT) -> Choice | None:
    """The ticket `desk` calls now; None when nobody waits for it."""
    candidates = [ticket for ticket in waiting if desk.may_call(ticket)]
    if not candidates:
        return None
    key = POLICIES[policy]
    chosen = min(candidates, key=lambda ticket: key(desk, ticket))
    return Choice(chosen, _reason(chosen, candidates, desk, policy))


def _reason(chosen: Waiting, candidates: Sequence[Waiting], desk: Desk, policy: str) -> dict[str, Any]:
    """The rule, and who was first in line of each class: what anybody passed over may ask to see."""
    key = POLICIES[policy]
    first = {
        name: min((t for t in candidates if t.preferente is preferente), key=lambda t: key(desk, t), default=None)
        for name, preferente in (("preferente", True), ("general", False))
    }
    return {
        "regla": policy,
        "clase": "preferente" if chosen.preferente else "general",
        "turno_desde": chosen.turn_at.isoformat(),
        "primeros": {name: ticket.code for name, ticket in first.items() if ticket},
        "derivado_a_esta_ventanilla": chosen.only_ventanilla is not None,
    }


def upcoming(waiting: Iterable[Waiting], desk: Desk, *, policy: str = DEFAULT) -> list[Waiting]:
    """Whom `desk` would call, in order, if nobody else came or called."""
    key = POLICIES[policy]
    return sorted(filter(desk.may_call, waiting), key=lambda ticket: key(desk, ticket))


def ahead(ticket: Waiting, waiting: Iterable[Waiting], desks: Sequence[Desk], *, policy: str = DEFAULT) -> int:
    """How many tickets this policy would call before `ticket`, as things are: those that some desk, which may call both, prefers."""
    key = POLICIES[policy]
    own = [(desk, key(desk, ticket)) for desk in desks if desk.may_call(ticket)]
    return sum(
        other.ticket_id != ticket.ticket_id
        and any(desk.may_call(other) and key(desk, other) < place for desk, place in own)
        for other in waiting
    )


def appointment_turn(slot: datetime, checked_in_at: datetime) -> datetime:
    """`turn_at` of an appointment: its slot when the person came up to ten minutes late, else the moment of check-in."""
    return slot if checked_in_at <= slot + APPOINTMENT_GRACE else checked_in_at
