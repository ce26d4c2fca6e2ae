"""Nine cabins at work at once, each with its database and its talk with the centre: `python -m bench.nine_tills URL TOKEN FILINGS AT_ONCE
CODE...` files FILINGS trámites, AT_ONCE at a time, while a kiosk issues tickets, and prints what it measured as JSON."""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from bench.kiosk import kiosk
from bench.load import at
from bench.till import Cabin, cabin, pending
from cabinas.money.queries import balances
from core import ledger

MAX_WAIT_S = 300.0  # until the last event is at the centre


@dataclass(frozen=True, slots=True)
class Measured:
    """`owed_centimos`: municipal money by the tills' own count; `left`: events that did not reach the centre."""

    filed_s: float
    whole_s: float
    filing_p50_ms: float
    filing_p99_ms: float
    ticket_p99_ms: float
    owed_centimos: int
    left: int


def main(url: str, token: str, filings: int, at_once: int, codes: list[str]) -> None:
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    took: list[float] = []

    def file(till: Cabin, first: int, many: int) -> None:
        for number in range(first, first + many):
            began = time.perf_counter()
            till.file(number)
            took.append(time.perf_counter() - began)

    with ExitStack() as stack:
        tills = [stack.enter_context(cabin(url, code)) for code in codes]
        each = filings // at_once
        people = [
            threading.Thread(target=file, args=(tills[one % len(tills)], one * each, each)) for one in range(at_once)
        ]
        for till in tills:
            till.sync.start()
        with kiosk((parts.hostname, parts.port), token) as hall:
            began = time.perf_counter()
            for thread in people:
                thread.start()
            for thread in people:
                thread.join()
            filed_s = time.perf_counter() - began
            while sum(map(pending, tills)) and time.perf_counter() - began < MAX_WAIT_S:
                time.sleep(0.05)
            whole_s = time.perf_counter() - began
        for till in tills:
            till.sync.stop()
        left, owed = sum(map(pending, tills)), sum(map(_owed, tills))
    took.sort()
    measured = Measured(filed_s, whole_s, at(took, 0.5) * 1000, at(took, 0.99) * 1000, hall.p99_ms, owed, left)
    print(json.dumps(asdict(measured)))


def _owed(till: Cabin) -> int:
    with till.store.read() as session:
        return ledger.municipal_held(balances(session))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
