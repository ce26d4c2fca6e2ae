"""The floor of writing: one row a transaction, by the bare driver, durable. `python -m bench.bare_insert FILE SECONDS`."""

from __future__ import annotations

import sys

from sqlcipher3 import dbapi2 as sqlcipher

from bench.load import repeated


def rate(path: str, seconds: float) -> float:
    """Durable one-row commits a second."""
    link = sqlcipher.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
        link.execute(statement)
    link.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, code TEXT, at TEXT)")

    def insert() -> None:
        link.execute("BEGIN IMMEDIATE")
        link.execute("INSERT INTO row (code, at) VALUES ('A-001', '2026-11-20T13:05:09.000120Z')")
        link.execute("COMMIT")

    return repeated(insert, seconds=seconds)


if __name__ == "__main__":
    print(rate(sys.argv[1], float(sys.argv[2])))
