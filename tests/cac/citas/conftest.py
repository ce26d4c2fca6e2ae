"""The demonstration's sala with an agenda of its own: 20 minutes, from eight to four, open day and night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from cac.access.actions import SYSTEM
from cac.citas import actions, setup
from cac.citas.setup import AgendaValues
from cac.desk import demo
from cac.desk.models import Sala
from core.clock import LIMA
from core.workdays import Calendar
from storage import Store
from tests.cac.citas.calendar import CALENDAR

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=LIMA)  # a Friday


@pytest.fixture
def calendar() -> Calendar:
    return CALENDAR


@pytest.fixture
def agenda(store: Store) -> str:
    """Two people a slot for A, one for C."""
    store.write(demo.seed, now=MORNING)
    values = AgendaValues(20, "08:00", "16:00", 14, 60, 2, True)
    store.write(setup.save_agenda, "principal", values, {"A": 2, "C": 1}, principal=SYSTEM, now=MORNING)
    store.write(lambda session: session.execute(update(Sala).values(tickets_per_phone=2)) and None)
    return "principal"


@pytest.fixture
def book(store: Store, agenda: str, calendar: Calendar) -> Callable[..., dict[str, Any]]:
    """`book(minutes=140)` is a cita for A so many minutes after eight, booked at eight."""

    def make(service: str = "A", *, minutes: int = 140, now: datetime = MORNING, **more: Any) -> dict[str, Any]:
        slot_at = MORNING + timedelta(minutes=minutes)
        given = {"channel": "web", "preferente": False, "principal": SYSTEM, "calendar": calendar} | more
        made: dict[str, Any] = store.write(actions.book, agenda, service, slot_at, now=now, **given)
        return made

    return make


@pytest.fixture
def check_in(store: Store) -> Callable[..., dict[str, Any]]:
    def make(code: str, *, now: datetime, preferente: bool = False) -> dict[str, Any]:
        given = {"preferente": preferente, "principal": SYSTEM, "public_url": "http://cac.example"}
        ticket: dict[str, Any] = store.write(actions.check_in, code, now=now, **given)
        return ticket

    return make
