"""However many ask for the last seats at once, from several processes, none is sold twice and none is left."""

import json
import subprocess
import sys

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cac.access.actions import SYSTEM
from cac.base import Base
from cac.citas import setup
from cac.citas.models import Cita
from cac.citas.setup import AgendaValues
from cac.desk import demo
from storage import Store
from tests.cac.citas.conftest import MORNING

CAPACITY, PROCESSES, TRIES = 7, 3, 24


@pytest.fixture
def centre(databases):
    url = databases.fresh("postgresql", Base.metadata)
    store = Store(url)
    store.write(demo.seed, now=MORNING)
    values = AgendaValues(20, "08:00", "16:00", 14, 60, 2, True)
    store.write(setup.save_agenda, "principal", values, {"A": CAPACITY}, principal=SYSTEM, now=MORNING)
    yield url, store
    store.close()
    databases.drop(url)


@pytest.mark.slow
def test_a_slot_is_not_oversold_by_several_processes_at_once(centre):
    url, store = centre
    command = [sys.executable, "-m", "tests.cac.citas.book_many", url, str(TRIES)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    answers = [json.loads(process.communicate(timeout=120)[0]) for process in running]
    codes = [code for codes in answers for code in codes if code]
    assert len(codes) == len(set(codes)) == CAPACITY
    with store.read() as session:
        seats = sorted(session.scalars(select(Cita.seat)))
    assert seats == list(range(1, CAPACITY + 1))


def test_the_database_itself_refuses_a_seat_twice(store, book):
    book()
    with pytest.raises(IntegrityError):
        store.write(_sell_again)


def _sell_again(session):
    first = session.scalars(select(Cita)).one()
    columns = {c.name: getattr(first, c.name) for c in Cita.__table__.columns if c.name != "id"}
    session.add(Cita(**columns | {"code": "00000000", "token": "another"}))
    session.flush()
