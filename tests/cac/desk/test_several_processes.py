"""Three server processes on one PostgreSQL with Redis between them: the queue is one, whoever is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import update

from cac.desk.models import Ticket, Ventanilla, VentanillaService
from core.clock import now_utc
from tests.cac.desk.centre import Centre, empty, eventually, started
from tests.cac.desk.test_live import listening, screen
from tests.databases import Databases
from tests.servers import LiveServer

CLERKS = 5


@pytest.fixture(scope="module")
def centres(
    databases: Databases, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Centre, ...]]:
    with (
        started("postgresql", databases, tmp_path_factory.mktemp("uno"), CAC_REDIS_URL=redis_url) as one,
        ExitStack() as rest,
    ):
        with one.store() as store:
            store.write(add_a_fifth_ventanilla)
        several = [one]
        for name in ("dos", "tres"):
            settings = {"CAC_DATA_DIR": str(tmp_path_factory.mktemp(name)), "CAC_REDIS_URL": redis_url}
            server = LiveServer("serve", "--port", "0", "--database-url", one.store_url, **settings)
            rest.callback(server.stop)
            several.append(Centre(server, one.store_url, one.tokens))
        yield tuple(several)


def add_a_fifth_ventanilla(session):
    four = session.query(Ventanilla).filter_by(number=4).one()
    five = Ventanilla(sala_id=four.sala_id, number=5, state="cerrada", attends=four.attends, state_at=now_utc())
    session.add(five)
    session.flush()
    attended = session.query(VentanillaService).filter_by(ventanilla_id=four.id)
    for one in attended.all():
        session.add(VentanillaService(ventanilla_id=five.id, service_id=one.service_id, position=one.position))


@pytest.fixture
def programs(centres) -> Callable[[str, int], list]:
    """`programs("ventanilla", 5)`: so many, spread over the processes."""
    return lambda role, count: [centres[place % len(centres)](role) for place in range(count)]


def together(count: int, work: Callable[[int], object]) -> list:
    """`work(n)` in `count` threads that begin at the same moment."""
    gate = threading.Barrier(count)

    def one(number: int):
        gate.wait(60)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_a_call_at_one_process_reaches_screens_and_phones_of_the_others(centres):
    one, other, third = centres
    ticket = one("kiosko").post("/tickets", {"service": "A"}).json()
    token = ticket["follow_url"].rsplit("/", 1)[1]
    with screen(one), screen(other) as tv, listening(third, "/turnos", {"turno": token}) as phone:
        eventually(lambda: tv.heard["tablero"] and phone.heard["turno"])
        seq = one("ventanilla").post("/ventanillas/1/llamados").json()["seq"]
        eventually(lambda: tv.heard["tablero"][-1]["seq"] == seq)
        eventually(lambda: phone.heard["turno"][-1]["state"] == "llamado")
    empty(one)


@pytest.mark.slow
def test_q1_two_kiosks_at_two_processes_issuing_200_times_at_once_give_200_consecutive_numbers(centres, programs):
    kiosks = programs("kiosko", 2)
    last = int(kiosks[0].post("/tickets", {"service": "C"}).json()["code"][2:])
    codes = together(2, lambda n: [kiosks[n].post("/tickets", {"service": "C"}).json()["code"] for _ in range(100)])
    assert sorted(int(code[2:]) for code in codes[0] + codes[1]) == list(range(last + 1, last + 201))
    empty(centres[0])


@pytest.mark.slow
def test_q2_five_clerks_at_three_processes_calling_together_100_times_share_and_skip_nobody(centres, programs):
    (kiosk,), clerks = programs("kiosko", 1), programs("ventanilla", CLERKS)

    def call_and_let_go(number: int) -> tuple[int, int]:
        call = clerks[number].post(f"/ventanillas/{number + 1}/llamados")
        ticket = call.json()["ticket"]["id"]
        assert clerks[number].post(f"/tickets/{ticket}/ausencias", {"ventanilla": number + 1}).ok
        return call.status_code, ticket

    for _round in range(100):
        issued = [kiosk.post("/tickets", {"service": service}).json()["id"] for service in "ABCDE"]
        called = together(CLERKS, call_and_let_go)
        assert [status for status, _ in called] == [201] * CLERKS
        assert sorted(ticket for _, ticket in called) == issued


def test_q3_of_two_clerks_at_two_processes_one_gets_the_only_person_and_the_other_hears_it_at_once(centres, programs):
    clerks = programs("ventanilla", 2)
    ticket = centres[2]("kiosko").post("/tickets", {"service": "B"}).json()["id"]
    calls = together(2, lambda n: clerks[n].post(f"/ventanillas/{n + 1}/llamados"))
    assert sorted(call.status_code for call in calls) == [201, 204]
    clerks[0].post(f"/tickets/{ticket}/ausencias")


def test_q20_ten_of_a_class_are_called_strictly_by_the_older_turn_whichever_process_is_asked(centres, programs):
    kiosks, clerks = programs("kiosko", 3), programs("ventanilla", 3)
    tickets = [kiosks[place % 3].post("/tickets", {"service": "D"}).json()["id"] for place in range(10)]
    turns = dict(zip(Random(20).sample(tickets, 10), range(1, 11), strict=True))
    with centres[0].store() as store:
        for ticket, minutes in turns.items():
            at = now_utc() - timedelta(minutes=minutes)
            change = update(Ticket).where(Ticket.id == ticket).values(turn_at=at)
            store.write(lambda session, change=change: session.execute(change) and None)
    called = []
    for place in range(10):
        called.append(clerks[place % 3].post("/ventanillas/1/llamados").json()["ticket"]["id"])
        assert clerks[(place + 1) % 3].post(f"/tickets/{called[-1]}/ausencias", {"ventanilla": 1}).ok
    assert called == sorted(tickets, key=lambda ticket: -turns[ticket])
