"""E14: everybody files at once while processes die under them."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from cabinas import machine
from cabinas.device import key_to_pair
from cabinas.enrolment.actions import enrol
from cabinas.operators.actions import make_token
from cabinas.serve import read_settings, till_store
from cabinas.sync.client import pair
from cac.access.actions import SYSTEM, create_token
from cac.sync.actions import Terms, add_cabina
from core import wire
from core.clock import now_utc
from core.ids import ExpedienteNumber
from tests.demo import Api, eventually
from tests.journeys.offices import APPLICANT, BACK_S, RUC, Offices, Till

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.timeout(600)]

CABINS, WINDOWS = 9, 6
OF_A_CABIN, OF_A_WINDOW = 12, (16, 16, 15, 15, 15, 15)  # 200 in all
REFUSED = "2026-MPA-999999-X"  # a case that is not there
FILING = {
    "tramite": "RC-01",
    "applicant": APPLICANT,
    "subject": "Copia de partida de nacimiento",
    "sheets": 1,
    "missing": [],
    "payment": {"method": "efectivo"},
}


class Office:
    """One who files a number of cases, each under its own key until it is answered; the last one only after the cut."""

    def __init__(self, api: Api | None, cases: int, cut: threading.Event, *, refused: bool = False):
        assert api is not None
        self._api, self._cases, self._cut, self._refused = api, cases, cut, refused
        self.numbers: list[str] = []

    def work(self) -> None:
        for case in range(self._cases):
            if case == self._cases - 1:
                assert self._cut.wait(BACK_S)
            if self._refused:
                self._try_one_that_is_refused()
            self.numbers.append(self._filed(uuid4().hex))

    def _filed(self, key: str) -> str:
        def told() -> str:
            with suppress(requests.RequestException):
                answer = self._api.post("/expedientes", FILING, key=key)
                if answer.status_code == 201:
                    return str(answer.json()["number"])
                assert answer.status_code == 503, answer.text
            return ""

        number: str = eventually(told, within_s=BACK_S, what="an answer")
        return number

    def _try_one_that_is_refused(self) -> None:
        with suppress(requests.RequestException):
            answer = self._api.post("/expedientes", FILING | {"tramite": "SG-05", "related": REFUSED})
            assert answer.status_code != 201


def test_e14_two_hundred_at_once_from_nine_cabins_and_six_windows_with_processes_killed_midway(tmp_path: Path):
    offices = Offices(tmp_path)
    with ThreadPoolExecutor(CABINS) as starters:  # a process ends with the thread that started it
        try:
            tokens = convene(offices)
            tills = [enrolled(offices, f"C0{place}") for place in range(1, CABINS + 1)]
            for started in [starters.submit(till.start) for till in tills]:
                started.result()
            _file_while_two_die(offices, tills, tokens)
        finally:
            offices.close()


def convene(offices: Offices) -> list[str]:
    """The nine convenios; a token for each ventanilla."""
    with closing(offices._store()) as store:
        now = now_utc()
        for place in range(1, CABINS + 1):
            terms = Terms(f"C0{place}", f"Cabina {place}", "Los Sauces S.A.C.", RUC, guarantee_centimos=90_000_000)
            store.write(add_cabina, terms, principal=SYSTEM, now=now)
        return [store.write(create_token, role="ventanilla", name=f"Ventanilla {n}", now=now) for n in range(WINDOWS)]


def enrolled(offices: Offices, code: str) -> Till:
    """A paired till, in this process: nine times the commands that do it would take half a minute."""
    assert offices.centre is not None
    till, now = Till(offices.folder / code, code), now_utc()
    settings = read_settings(till.folder)
    key = key_to_pair(settings.keys_dir, ())
    answer = pair(
        offices.centre.url, offices.pairing_code(code), key=key, machine=machine.fingerprint(), version="", verify=True
    )
    with till_store(settings) as store:
        who = {"device_key": wire.public_text(key), "machine": machine.fingerprint()}
        store.write(enrol, centre_url=offices.centre.url, answer=answer, now=now, **who)
        till.api = Api(f"http://127.0.0.1:{till.port}", store.write(make_token, name="Elva R.", now=now))
    offices.tills.append(till)
    return till


def _file_while_two_die(offices: Offices, tills: list[Till], tokens: list[str]) -> None:
    cut = threading.Event()
    cabins = [Office(till.api, OF_A_CABIN, cut) for till in tills]
    url = offices.centre.url
    windows = [
        Office(Api(url, token), cases, cut, refused=True) for token, cases in zip(tokens, OF_A_WINDOW, strict=True)
    ]
    with ThreadPoolExecutor(CABINS + WINDOWS) as people:
        done = [people.submit(office.work) for office in (*cabins, *windows)]
        eventually(lambda: sum(len(office.numbers) for office in (*cabins, *windows)) > 60, within_s=BACK_S)
        for dies, back in ((tills[0].kill, tills[0].start), (offices.centre.kill, offices.serve)):
            dies()
            back()
        cut.set()
        for each in done:
            each.result()
    told = [office.numbers for office in cabins]
    for till, numbers in zip(tills, told, strict=True):
        offices.agree(till, numbers)
        assert [ExpedienteNumber.parse(number).sequence for number in sorted(numbers)] == list(range(1, OF_A_CABIN + 1))
    at_windows = [number for office in windows for number in office.numbers]
    sequences = sorted(ExpedienteNumber.parse(number).sequence for number in at_windows)
    assert sequences == list(range(1, sum(OF_A_WINDOW) + 1)), "a gap at the windows, or a number twice"
    everything = Counter([*at_windows, *(number for numbers in told for number in numbers)])
    assert len(everything) == 200 and set(everything.values()) == {1}
    assert offices.count() == 200, "a case that nobody was told of"
