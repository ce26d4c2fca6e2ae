"""Several kiosks and clerks at the same moment, against a started server, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.cac.desk.centre import Centre, empty, started
from tests.databases import Databases


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def centre(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Centre]:
    with started(request.param, databases, tmp_path_factory.mktemp("centro")) as centre:
        yield centre


def together(count: int, work: Callable[[int], object]) -> list:
    """`work(n)` in `count` threads that begin at the same moment."""
    gate = threading.Barrier(count)

    def one(number: int):
        gate.wait(60)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_two_kiosks_issuing_at_once_give_consecutive_numbers(centre):
    kiosks = [centre("kiosko") for _ in range(2)]
    before = int(kiosks[0].post("/tickets", {"service": "A"}).json()["code"][2:])
    codes = together(2, lambda n: [kiosks[n].post("/tickets", {"service": "A"}).json()["code"] for _ in range(200)])
    numbers = sorted(int(code[2:]) for code in codes[0] + codes[1])
    assert numbers == list(range(before + 1, before + 401))
    empty(centre)


def test_five_clerks_pressing_call_together_never_share_or_skip_a_ticket(centre):
    kiosk, clerks = centre("kiosko"), [centre("ventanilla") for _ in range(4)]
    for _round in range(25):
        issued = [kiosk.post("/tickets", {"service": service}).json()["id"] for service in "ABCD"]
        calls = together(4, lambda n: clerks[n].post(f"/ventanillas/{n + 1}/llamados"))
        assert [call.status_code for call in calls] == [201] * 4
        called = [call.json()["ticket"]["id"] for call in calls]
        assert sorted(called) == issued
        for number, ticket in enumerate(called, 1):
            assert clerks[0].post(f"/tickets/{ticket}/atenciones", {"ventanilla": number}).ok
            assert clerks[0].post(f"/tickets/{ticket}/cierres", {"ventanilla": number}).ok


def test_of_two_clerks_calling_for_one_person_the_other_hears_at_once_that_nobody_waits(centre):
    clerks = [centre("ventanilla") for _ in range(2)]
    ticket = centre("kiosko").post("/tickets", {"service": "B"}).json()["id"]
    calls = together(2, lambda n: clerks[n].post(f"/ventanillas/{n + 1}/llamados"))
    assert sorted(call.status_code for call in calls) == [201, 204]
    clerks[0].post(f"/tickets/{ticket}/ausencias")


def test_pressing_call_three_times_on_a_slow_link_calls_one_ticket(centre):
    kiosk, clerks = centre("kiosko"), [centre("ventanilla") for _ in range(3)]
    for _ in range(3):
        kiosk.post("/tickets", {"service": "C"})
    calls = together(3, lambda n: clerks[n].post("/ventanillas/1/llamados"))
    assert sorted(call.status_code for call in calls) == [200, 200, 201]
    assert len({call.json()["seq"] for call in calls}) == 1
    clerks[0].post(f"/tickets/{calls[0].json()['ticket']['id']}/ausencias")
    empty(centre)


def test_a_double_tap_gives_one_ticket(centre):
    kiosks, key = [centre("kiosko") for _ in range(4)], uuid4().hex
    answers = together(4, lambda n: kiosks[n].post("/tickets", {"service": "D"}, key=key))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    empty(centre)


def test_looking_issues_and_calls_nothing(centre):
    kiosk, clerk = centre("kiosko"), centre("ventanilla")
    kiosk.post("/tickets", {"service": "E"})
    before = clerk.get("/salas/principal/tablero").json()
    for path in ("/tickets", "/ventanillas/1/llamados", "/tickets/1/cierres", "/services", "/tickets/1"):
        clerk.get(path)
    after = clerk.get("/salas/principal/tablero").json()
    assert before | {"now": ""} == after | {"now": ""}
    empty(centre)


def test_calls_within_a_second_are_each_in_the_log_in_order(centre):
    kiosk, clerks = centre("kiosko"), [centre("ventanilla") for _ in range(3)]
    first = clerks[0].get("/salas/principal/tablero").json()["seq"]
    for _ in range(3):
        kiosk.post("/tickets", {"service": "F"})
    calls = together(3, lambda n: clerks[n].post(f"/ventanillas/{n + 1}/llamados").json())
    log = clerks[0].get("/salas/principal/tablero").json()["calls"]
    assert [call["seq"] for call in log][-3:] == [first + 1, first + 2, first + 3]
    assert {call["seq"]: call["ticket"]["code"] for call in calls} == {call["seq"]: call["code"] for call in log[-3:]}
    for call in calls:
        clerks[0].post(f"/tickets/{call['ticket']['id']}/ausencias")
