"""Who is called next, and why.

Law 28683: pregnant women, children, older and disabled people go first. So by default preferentes are called before general tickets, and
within each class whoever has the older `turn_at`. Another order is another `Policy` of `ticketing.rules`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ticketing.explain import why
from ticketing.rules import DEFAULT, Kind, Policy, Returned, Rule

APPOINTMENT_GRACE = timedelta(minutes=10)  # checked in later than this, an appointment counts from its arrival
RETURNED_AFTER = 3  # people who go before somebody who was absent and comes back
NEXT_INSTANT = timedelta(microseconds=1)


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
    since_general: int = 0  # preferentes it called in a row
    rescues: frozenset[str] = frozenset()  # services whose preferentes it takes because nobody else does

    def may_call(self, ticket: Waiting) -> bool:
        if ticket.only_ventanilla is not None:
            return ticket.only_ventanilla == self.number
        return self.takes(ticket.service, ticket.preferente)

    def takes(self, service: str, preferente: bool) -> bool:
        return service in self.services and (self.accepts(preferente) or (preferente and service in self.rescues))

    def accepts(self, preferente: bool) -> bool:
        return self.attends is Attends.ALL or preferente == (self.attends is Attends.PREFERENTE)

    def having_called(self, preferente: bool) -> Desk:
        return replace(self, since_general=self.since_general + 1 if preferente else 0)


def lawful(desks: Iterable[Desk]) -> list[Desk]:
    """The open ventanillas, so that somebody accepts each preferente: while none accepts those of a service, the ones that call only
    general tickets take them too (Law 28683)."""
    given = list(desks)
    accepted = {service for desk in given if desk.accepts(True) for service in desk.services}
    return [
        desk if desk.accepts(True) else replace(desk, rescues=frozenset(desk.services) - accepted) for desk in given
    ]


def _preferente(rule: Rule, desk: Desk, ticket: Waiting, now: datetime) -> bool:
    return ticket.preferente


def _every(rule: Rule, desk: Desk, ticket: Waiting, now: datetime) -> bool:
    return desk.since_general < rule.value - 1 or not ticket.preferente


def _waited(rule: Rule, desk: Desk, ticket: Waiting, now: datetime) -> bool:
    return now - ticket.turn_at > timedelta(minutes=rule.value)


def _own(rule: Rule, desk: Desk, ticket: Waiting, now: datetime) -> bool:
    return ticket.only_ventanilla is not None or ticket.service == desk.services[0]


PREFERS: dict[Kind, Callable[[Rule, Desk, Waiting, datetime], bool]] = {
    Kind.PREFERENTE: _preferente,
    Kind.EVERY: _every,
    Kind.WAITED: _waited,
    Kind.OWN: _own,
}


def key(policy: Policy, desk: Desk, ticket: Waiting, now: datetime) -> tuple[Any, ...]:
    """Smallest is called first."""
    said = (not PREFERS[rule.kind](rule, desk, ticket, now) for rule in policy.rules)
    return (*said, ticket.turn_at, ticket.ticket_id)


@dataclass(frozen=True, slots=True)
class Choice:
    """A ticket and the reason it was chosen, as data: it is stored with the call."""

    ticket: Waiting
    reason: dict[str, Any]


def next_turn(waiting: Iterable[Waiting], desk: Desk, *, policy: Policy = DEFAULT, now: datetime) -> Choice | None:
    """The ticket `desk` calls now; None when nobody waits for it."""
    candidates = heads(ticket for ticket in waiting if desk.may_call(ticket))
    if not candidates:
        return None
    chosen = min(candidates, key=lambda ticket: key(policy, desk, ticket, now))
    return Choice(chosen, _reason(chosen, candidates, desk, policy, now))


def heads(waiting: Iterable[Waiting]) -> list[Waiting]:
    """The first of each service and class: whatever the policy, the next ticket is one of them."""
    first: dict[tuple[str, bool, bool], Waiting] = {}
    for ticket in waiting:
        kind = (ticket.service, ticket.preferente, ticket.only_ventanilla is not None)
        if kind not in first or (ticket.turn_at, ticket.ticket_id) < (first[kind].turn_at, first[kind].ticket_id):
            first[kind] = ticket
    return list(first.values())


def _reason(
    chosen: Waiting, candidates: Sequence[Waiting], desk: Desk, policy: Policy, now: datetime
) -> dict[str, Any]:
    """The rule that decided, the whole order, and who was first in line of each class: what anybody passed over may ask to see."""
    first = {
        name: min(
            (t for t in candidates if t.preferente is preferente),
            key=lambda t: key(policy, desk, t, now),
            default=None,
        )
        for name, preferente in (("preferente", True), ("general", False))
    }
    rule = decided_by(chosen, candidates, desk, policy=policy, now=now)
    passed = first["preferente"].code if first["preferente"] and not chosen.preferente else None
    rescue = chosen.preferente and not desk.accepts(True) and chosen.only_ventanilla is None
    return {
        "regla": str(rule.kind) if rule else "turno_mas_antiguo",
        "explicacion": why(rule, before=desk.since_general, passed=passed, rescue=rescue),
        "orden": policy.as_json()["rules"],
        "clase": "preferente" if chosen.preferente else "general",
        "turno_desde": chosen.turn_at.isoformat(),
        "primeros": {name: ticket.code for name, ticket in first.items() if ticket},
        "derivado_a_esta_ventanilla": chosen.only_ventanilla is not None,
    }


def decided_by(
    chosen: Waiting, candidates: Sequence[Waiting], desk: Desk, *, policy: Policy, now: datetime
) -> Rule | None:
    """The first rule that preferred `chosen` over another candidate; None when only its older turn did."""
    for rule in policy.rules:
        prefers = PREFERS[rule.kind]
        if prefers(rule, desk, chosen, now) and not all(prefers(rule, desk, t, now) for t in candidates):
            return rule
    return None


def upcoming(waiting: Iterable[Waiting], desk: Desk, *, policy: Policy = DEFAULT, now: datetime) -> list[Waiting]:
    """Whom `desk` would call, in order, if nobody else came or called and time stood still."""
    return in_turn(filter(desk.may_call, waiting), desk, policy=policy, now=now)


def in_turn(waiting: Iterable[Waiting], desk: Desk, *, policy: Policy, now: datetime) -> list[Waiting]:
    """All of `waiting`, in the order `desk` would call them, whether it may or not."""
    line = sorted(waiting, key=lambda ticket: key(policy, desk, ticket, now))
    every = policy.value(Kind.EVERY)
    return line if every is None else _interleaved(line, desk, every, policy=policy, now=now)


def _interleaved(line: list[Waiting], desk: Desk, every: int, *, policy: Policy, now: datetime) -> list[Waiting]:
    """Take from the line as it is while a general is due and from the line as it is while none is, each ticket once."""
    lines = {
        due: iter(sorted(line, key=lambda ticket: key(policy, replace(desk, since_general=since), ticket, now)))
        for due, since in ((True, every - 1), (False, 0))
    }
    order: list[Waiting] = []
    done: set[int] = set()
    while len(order) < len(line):
        chosen = next(ticket for ticket in lines[desk.since_general >= every - 1] if ticket.ticket_id not in done)
        done.add(chosen.ticket_id)
        order.append(chosen)
        desk = desk.having_called(chosen.preferente)
    return order


def ahead(
    ticket: Waiting, waiting: Iterable[Waiting], desks: Sequence[Desk], *, policy: Policy = DEFAULT, now: datetime
) -> int:
    """How many tickets this policy would call before `ticket`, as things are: those that some desk, which may call both, prefers."""
    able = [desk for desk in desks if desk.may_call(ticket)]
    others = [other for other in waiting if other.ticket_id != ticket.ticket_id]
    if policy.value(Kind.EVERY) is not None:
        return len({other.ticket_id for desk in able for other in _before(ticket, others, desk, policy, now)})
    places = [(desk, key(policy, desk, ticket, now)) for desk in able]
    return sum(
        any(desk.may_call(other) and key(policy, desk, other, now) < place for desk, place in places)
        for other in others
    )


def _before(ticket: Waiting, others: list[Waiting], desk: Desk, policy: Policy, now: datetime) -> list[Waiting]:
    line = upcoming([*others, ticket], desk, policy=policy, now=now)
    return line[: line.index(ticket)]


def appointment_turn(slot: datetime, checked_in_at: datetime) -> datetime:
    """`turn_at` of an appointment: its slot when the person came up to ten minutes late, else the moment of check-in."""
    return slot if checked_in_at <= slot + APPOINTMENT_GRACE else checked_in_at


def returned_turn(turn_at: datetime, next_ones: Sequence[datetime], *, policy: Policy, now: datetime) -> datetime:
    """`turn_at` of somebody who was absent and comes back: now, or just after the next three of its class that its ventanillas call.

    `next_ones`: their `turn_at`, oldest first. Nobody gains by being absent: never before the turn it had."""
    if policy.returned is Returned.NOW or len(next_ones) < RETURNED_AFTER:
        return now
    return min(max(next_ones[RETURNED_AFTER - 1] + NEXT_INSTANT, turn_at), now)
