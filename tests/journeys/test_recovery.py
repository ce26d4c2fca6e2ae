"""The centre put back from a copy, either side killed at any moment, and a link between two network namespaces that flaps."""

from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.demo import eventually, run
from tests.journeys.offices import BACK_S, Offices, Till

pytestmark = [pytest.mark.slow, pytest.mark.faults]

FEE = 1_100  # of RC-01, in cash
KILLS = int(os.environ.get("CAC_TEST_KILLS", "10"))  # hundreds by hand: CAC_TEST_KILLS=300
FLAPS = 12


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    offices = Offices(tmp_path)
    offices.convene("C01")
    yield offices
    offices.close()


@pytest.mark.timeout(900)
def test_c12_c22_a_centre_put_back_from_a_copy_is_again_the_union_of_its_cabins(offices: Offices, tmp_path: Path):
    """A PC was replaced after the copy: its series and the new PC's key are unknown to what was put back."""
    offices.convene("C02")
    first, other = offices.till("C01", "C01-vieja"), offices.till("C02")
    of_c01 = [first.filed() for _ in range(2)]
    of_c02 = [other.filed()]
    for till in (first, other):
        eventually(lambda till=till: offices.settled(till), within_s=BACK_S, what="all at the centre")
    copy = tmp_path / "copia.tar.gz"
    run("backup", str(copy), **offices.environment)

    of_c01 += [first.filed() for _ in range(2)]
    eventually(lambda: offices.settled(first), within_s=BACK_S, what="what came after the copy")
    first.kill()
    second = offices.till("C01", "C01-nueva")
    assert second.ask("/caja")["municipal_held_centimos"] == 4 * FEE
    of_c01 += [second.filed() for _ in range(2)]
    of_c02 += [other.filed() for _ in range(2)]
    assert other.api is not None
    declared = other.api.post("/remesas", {"centimos": 2 * FEE, "reference": "BN 0012345"}).json()["id"]
    path = f"/cabinas/C02/remesas/{declared}/confirmaciones"
    eventually(lambda: offices.tell("tesoreria", path).status_code == 201, within_s=BACK_S, what="the remittance")
    for till in (second, other):
        eventually(lambda till=till: offices.settled(till), within_s=BACK_S, what="all at the centre")
    assert other.ask("/caja")["municipal_held_centimos"] == FEE

    assert offices.centre is not None
    offices.centre.kill()
    of_c01.append(second.filed())
    of_c02.append(other.filed())
    run("restore", str(copy), **offices.environment)
    assert (len(offices.cases("C01")), len(offices.cases("C02"))) == (2, 1)
    offices.serve()
    offices.agree(other, of_c02)
    assert offices.ask("tesoreria", "/cabinas/C02")["balance_centimos"] == 2 * FEE, (
        "the word came back with its acceptance"
    )
    # the new PC is not known any more: it is heard, and numbers go on only when a person pairs it again
    offices.agree(second, of_c01)
    second.kill()
    second.pair(offices.centre.url, offices.pairing_code("C01"))
    second.start()
    eventually(lambda: second.drained(), within_s=BACK_S, what="the PC that was paired again")
    number = second.filed()
    assert number.split("-")[1] not in {known.split("-")[1] for known in of_c01}, "a series that no PC ever had"
    offices.agree(second, [*of_c01, number])
    assert offices.ask("tesoreria", "/cabinas/C01")["balance_centimos"] == 8 * FEE


class Work:
    """People who file without rest, whatever is killed under them; `numbers` are those they were told."""

    def __init__(self, till: Till, people: int):
        self.till, self.numbers, self._over = till, list[str](), threading.Event()
        self._threads = [threading.Thread(target=self._file, daemon=True) for _ in range(people)]
        for thread in self._threads:
            thread.start()

    def _file(self) -> None:
        while not self._over.is_set():
            with suppress(requests.RequestException):
                answer = self.till.file()
                if answer.status_code == 201:
                    self.numbers.append(answer.json()["number"])
                    continue
            self._over.wait(0.05)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)


@pytest.mark.timeout(120 + KILLS * 60)
def test_c6_c8_either_side_killed_again_and_again_loses_and_repeats_nothing(offices: Offices):
    """The power goes at the till or at the centre at any moment, while cases are filed and sent."""
    till, dice = offices.till("C01"), random.Random(11)
    work = Work(till, people=2)
    killed = {"caja": 0, "centro": 0}
    try:
        for turn in range(KILLS):
            told = len(work.numbers)
            eventually(lambda told=told: len(work.numbers) > told, within_s=BACK_S, what="a case between two cuts")
            time.sleep(dice.uniform(0, 0.4))  # not a wait: the moment of the cut is what is tried
            if dice.random() < 0.5 or turn == 0:
                till.kill()
                till.start()
                killed["caja"] += 1
            else:
                assert offices.centre is not None
                offices.centre.kill()
                offices.serve()
                killed["centro"] += 1
            print(f"{turn + 1} cuts {killed}, {len(work.numbers)} cases told", flush=True)
    finally:
        work.stop()
    eventually(lambda: offices.settled(till), within_s=BACK_S, what="both ends agree")
    cases = offices.cases("C01")
    assert set(work.numbers) <= set(cases), "a case that was told is lost"
    sequences = sorted(int(number.split("-")[2]) for number in cases)
    assert sequences == list(range(1, len(cases) + 1)), "a gap, or a number twice"
    seen = offices.ask("tesoreria", "/cabinas/C01")
    assert (seen["balance_centimos"], seen["quarantined"]) == (len(cases) * FEE, [])
    assert [series["frozen"] for series in seen["series"]] == [None]


class Wire:
    """A pair of virtual cards: the centre lives in a namespace of its own at the far end."""

    def __init__(self) -> None:
        net = f"10.231.{os.getpid() % 250}"  # another run on this machine has its own
        self.near, self.far = f"{net}.1", f"{net}.2"
        self.name, self.card = f"cac{os.getpid()}", f"cac{os.getpid() % 100_000}a"
        far = f"cac{os.getpid() % 100_000}b"
        self._ip("netns", "add", self.name)
        self._ip("link", "add", self.card, "type", "veth", "peer", "name", far, "netns", self.name)
        self._ip("addr", "add", f"{self.near}/30", "dev", self.card)
        self._ip("link", "set", self.card, "up")
        for words in (
            ["addr", "add", f"{self.far}/30", "dev", far],
            ["link", "set", far, "up"],
            ["link", "set", "lo", "up"],
        ):
            self._ip("-n", self.name, *words)

    @staticmethod
    def _ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)

    def up(self, up: bool) -> None:
        self._ip("link", "set", self.card, "up" if up else "down")

    def cut(self) -> None:
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.card], check=False, capture_output=True)


@pytest.fixture
def link() -> Iterator[Wire]:
    if os.geteuid() != 0:
        pytest.skip("only root may make network namespaces")
    wire = Wire()
    yield wire
    wire.cut()


@pytest.mark.timeout(600)
def test_c8_two_network_namespaces_and_a_link_that_flaps(tmp_path: Path, link: Wire):
    """The cards themselves go down: packets in flight are lost, connections hang half open."""
    inside = ("ip", "netns", "exec", link.name)
    offices = Offices(tmp_path, host=link.far, inside=inside, tls=True)
    try:
        offices.convene("C01")
        till, dice, numbers = offices.till("C01"), random.Random(5), []
        for _ in range(FLAPS):
            link.up(False)
            numbers += [till.filed() for _ in range(2)]
            time.sleep(dice.uniform(0, 0.5))  # how long the link is away is what is tried
            link.up(True)
            numbers.append(till.filed())
            time.sleep(dice.uniform(0, 0.5))
        offices.agree(till, numbers)
        assert offices.ask("tesoreria", "/cabinas/C01")["balance_centimos"] == len(numbers) * FEE
    finally:
        link.up(True)
        offices.close()
