"""Two server processes on one PostgreSQL with Redis between them: a call made at one is seen on a screen of the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cac.desk.centre import Centre, empty, eventually, started
from tests.cac.desk.test_live import listening, screen
from tests.databases import Databases
from tests.servers import LiveServer


@pytest.fixture(scope="module")
def pair(
    databases: Databases, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Centre, Centre]]:
    folder = tmp_path_factory.mktemp("uno")
    with started("postgresql", databases, folder, CAC_REDIS_URL=redis_url) as one:
        other = LiveServer(
            "serve",
            "--port",
            "0",
            "--database-url",
            one.store_url,
            CAC_DATA_DIR=str(tmp_path_factory.mktemp("otro")),
            CAC_REDIS_URL=redis_url,
        )
        yield one, Centre(other, one.store_url, one.tokens)
        other.stop()


def test_a_call_at_one_process_reaches_screens_and_phones_of_the_other(pair):
    one, other = pair
    ticket = one("kiosko").post("/tickets", {"service": "A"}).json()
    token = ticket["follow_url"].rsplit("/", 1)[1]
    with screen(one), screen(other) as tv, listening(other, "/turnos", {"turno": token}) as phone:
        eventually(lambda: tv.heard["tablero"] and phone.heard["turno"])
        seq = one("ventanilla").post("/ventanillas/1/llamados").json()["seq"]
        eventually(lambda: tv.heard["tablero"][-1]["seq"] == seq)
        eventually(lambda: phone.heard["turno"][-1]["state"] == "llamado")
    empty(one)


def test_issues_and_calls_at_both_processes_never_double(pair):
    programs = [centre("kiosko") for centre in pair]
    with ThreadPoolExecutor(2) as pool:
        both = list(
            pool.map(lambda kiosk: [kiosk.post("/tickets", {"service": "C"}).json() for _ in range(40)], programs)
        )
    numbers = sorted(int(ticket["code"][2:]) for tickets in both for ticket in tickets)
    assert numbers == list(range(numbers[0], numbers[0] + 80))
    clerks = [(pair[place % 2]("ventanilla"), place + 1) for place in range(4)]

    def serve(place: tuple) -> list[int]:
        clerk, number = place
        called = []
        while (call := clerk.post(f"/ventanillas/{number}/llamados")).status_code == 201:
            called.append(call.json()["ticket"]["id"])
            assert clerk.post(f"/tickets/{called[-1]}/ausencias", {"ventanilla": number}).ok
        return called

    with ThreadPoolExecutor(4) as pool:
        called = [ticket for tickets in pool.map(serve, clerks) for ticket in tickets]
    assert sorted(called) == sorted(ticket["id"] for tickets in both for ticket in tickets)
