"""A kiosk beside other work, as a process of its own: `python -m bench.kiosk HOST PORT TOKEN` issues a ticket each 50 ms until its
input closes, and prints how long each took."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.load import Client, at
from bench.place import ROOT

PACE_S = 0.05


class Kiosk:
    """What the process told when it ended."""

    p99_ms = 0.0


@contextmanager
def kiosk(address: tuple[str, int], token: str) -> Iterator[Kiosk]:
    """A kiosk that works while the block runs. Its figures are there after it: the block's own threads are not in them."""
    told = Kiosk()
    command = [sys.executable, "-m", "bench.kiosk", address[0], str(address[1]), token]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()  # it is at work
        yield told
        answer, _ = process.communicate()
    told.p99_ms = at(json.loads(answer), 0.99)


def main(host: str, port: int, token: str) -> None:
    over, took = threading.Event(), []

    def until_closed() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=until_closed).start()
    client = Client((host, port), token)
    print("en marcha", flush=True)
    while not over.wait(PACE_S):
        began = time.perf_counter()
        status, answer = client.post("/api/v1/tickets", b'{"service": "A"}')
        assert status == 201, answer
        took.append((time.perf_counter() - began) * 1000)
    client.close()
    print(json.dumps(sorted(took)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
