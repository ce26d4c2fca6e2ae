"""What would have been with a ventanilla more, as the supervisor asks it."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cac.access.actions import SYSTEM
from cac.desk import actions
from cac.desk.actions.press import Press
from cac.desk.demo import seed
from cac.desk.models import Llamado, TicketMove
from core.clock import LIMA, now_utc

PAGE = "/supervisor/simulacion"


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def supervisor(person, store):
    store.write(seed, now_utc())
    return person("supervisor")


@pytest.fixture
def morning(store, supervisor):
    """One ventanilla served six people in a row, ten minutes each, who came together some time ago."""
    now = now_utc()
    midnight = now.astimezone(LIMA).replace(hour=0, minute=0, second=0, microsecond=0)
    began = max(midnight, now - timedelta(hours=2))
    each = (now - began) / 8
    for _ in range(6):
        given = {"channel": "web", "principal": SYSTEM, "public_url": "http://cac.example", "now": began}
        store.write(actions.issue, "A", preferente=False, **given)
    for number in range(6):
        at = began + each * number
        call = store.write(actions.call_next, Press(SYSTEM, at, number=1))
        ticket = call["ticket"]["id"]
        store.write(actions.start, Press(SYSTEM, at, ticket, number=1))
        store.write(actions.finish, Press(SYSTEM, at + each, ticket, number=1))
    return began


def test_one_more_ventanilla_is_compared_with_the_day_as_it_was(supervisor, morning, store):
    with store.read() as session:
        rows = [session.scalar(select(func.count()).select_from(table)) for table in (Llamado, TicketMove)]
    asked = {"ventanilla": "2", "servicio": "A", "desde": f"{morning.astimezone(LIMA):%H:%M}"}
    page = text_of(supervisor.get(PAGE, query_string=asked))
    assert "Ventanilla 2 para Partidas" in page and page.count("<polyline") == 2
    medians = [int(one) for one in re.findall(r'<td class="der num">(\d+)</td>', page)]
    assert medians[3] <= medians[0]
    with store.read() as session:
        assert rows == [session.scalar(select(func.count()).select_from(table)) for table in (Llamado, TicketMove)]


def test_what_cannot_be_asked_is_told_beside_its_field(supervisor, morning):
    hour = f"{(morning + timedelta(minutes=1)).astimezone(LIMA):%H:%M}"
    for asked, field in (
        ({"ventanilla": "99", "servicio": "A", "desde": hour}, "ventanilla"),
        ({"ventanilla": "2", "servicio": "Z", "desde": hour}, "servicio"),
        ({"ventanilla": "2", "servicio": "A", "desde": "tarde"}, "desde"),
        ({"ventanilla": "2", "servicio": "A", "desde": "23:59"}, "desde"),
    ):
        answer = supervisor.get(PAGE, query_string=asked)
        assert answer.status_code == 422 and f'id="{field}-error"' in text_of(answer)


def test_before_anybody_came_it_says_so(supervisor, store):
    asked = {"ventanilla": "2", "servicio": "A", "desde": "00:00"}
    answer = supervisor.get(PAGE, query_string=asked)
    assert answer.status_code == 422 and "Hoy todavía no vino nadie" in text_of(answer)
    assert supervisor.get(PAGE).status_code == 200
