"""Whatever befalls the link, the disk and the clocks, in the end the centre is the union of its cabins."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from cabinas.sync.client import LinkDown
from storage import StoreError
from tests.both_ends import Town, every, numbers_of
from tests.cabinas.conftest import Cabin, later
from tests.demo import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

FAULTS = ("down", "lost_reply", "half", "twice", "late", "", "")
NINE = 9


def talk_through(cabin: Cabin) -> None:
    """One try, whatever comes of it."""
    with suppress(LinkDown, StoreError):
        cabin.sync.exchange()


def drain(cabin: Cabin) -> None:
    """Until nothing is left to send; a writer starved for seconds is asked again."""
    eventually(lambda: not_more(cabin), within_s=120, what="all sent")


def not_more(cabin: Cabin) -> bool:
    with suppress(LinkDown, StoreError):
        return not cabin.sync.exchange()
    return False


@pytest.mark.parametrize("fault", ["down", "lost_reply", "half", "twice", "late"])
def test_c8_c9_each_fault_of_the_link_by_itself_changes_nothing(town: Town, fault: str):
    cabin = town.pair("C01")
    link = town.link(cabin)
    for _ in range(2):
        cabin.file()
    link.fault = every(fault)
    talk_through(cabin)
    cabin.file()
    cabin.talk()
    link.deliver_late()
    cabin.talk()
    town.agree()
    assert town.held("C01") == 3


def test_c8_c12_nine_cabins_at_once_over_a_link_that_does_everything(town: Town):
    for number in range(2, NINE + 1):
        town.convene(f"C{number:02}")
    cabins = [town.pair(f"C{number:02}") for number in range(1, NINE + 1)]
    failed: list[BaseException] = []

    def work(seed: int, cabin: Cabin) -> None:
        dice = Random(seed)
        link = town.link(cabin)
        link.fault = lambda: dice.choice(FAULTS)
        try:
            for turn in range(6):
                assert cabin.file().status_code == 201
                if turn == 3:
                    assert cabin.post("/remesas", {"centimos": 1_100, "reference": f"BN {seed}"}).status_code == 201
                talk_through(cabin)
                if dice.random() < 0.3:
                    link.deliver_late()
            link.fault = lambda: ""
            drain(cabin)
            link.deliver_late()
            drain(cabin)
        except BaseException as error:  # told where the test waits
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed, cabin)) for seed, cabin in enumerate(cabins)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    town.agree()
    assert sum(town.held(f"C{number:02}") for number in range(1, NINE + 1)) == NINE * 7


def test_c15_c16_clocks_that_jump_mix_no_numbers_and_lose_nothing(town: Town):
    cabin = town.pair("C01")
    for days in (400, -420, 20, -3650, 3650):
        later(days=days)
        assert cabin.file().status_code == 201
        later(days=-days)
        cabin.talk()
    town.agree()
    years = [int(number[:4]) for number in numbers_of(cabin)]
    assert years == sorted(years), "the year only grows on a device"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of a few megabytes; only root may make one."""
    place = tmp_path / "disco"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small filesystem: " + mounted.stderr.decode().strip())
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_leaves_no_half_case_and_the_till_goes_on_when_there_is_room(
    town: Town, small_disk: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        "cabinas.till.FREE_BYTES_MIN", 0
    )  # as when another program fills the disk while the money is counted
    cabin = town.pair("C01", small_disk / "cabina")
    answered = [cabin.file().json["number"] for _ in range(2)]
    filler = small_disk / "fotos.bin"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(os.urandom(4096))
    refused = 0
    for _ in range(60):
        answer = cabin.file()
        if answer.status_code == 201:
            answered.append(answer.json["number"])
        else:
            assert answer.status_code in (503, 507), answer.json
            refused += 1
    assert refused, "the disk was never full"
    filler.unlink()
    assert cabin.file().status_code == 201
    assert set(answered) <= set(numbers_of(cabin))
    cabin.talk()
    town.agree()
