"""A process of its own that tries to book the same slot from eight threads and prints what it got:
`python -m tests.cac.citas.book_many URL TRIES`."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from cac.access.actions import SYSTEM
from cac.citas import actions
from storage import Store
from tests.cac.citas.calendar import CALENDAR
from tests.cac.citas.conftest import MORNING


def main(url: str, tries: int) -> None:
    store = Store(url)
    slot_at = MORNING + timedelta(minutes=140)
    given = {"channel": "web", "preferente": False, "principal": SYSTEM, "calendar": CALENDAR, "now": MORNING}

    def book(_: int) -> str | None:
        try:
            made: dict[str, str] = store.write(actions.book, "principal", "A", slot_at, **given)
        except actions.SlotFull:
            return None
        return made["code"]

    with ThreadPoolExecutor(8) as threads:
        print(json.dumps(list(threads.map(book, range(tries)))))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
