"""What a screen is given: always the whole board, numbers and ventanillas only, never a person's data.

`calls` is an ordered log, so two calls in one second are both shown and spoken, and a screen that was off is right at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticketing.policy import Desk, Waiting, in_turn
from ticketing.rules import DEFAULT, Kind, Policy

CALLS_SHOWN = 50
CODES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Call:
    seq: int  # grows by one with each call and recall of the sala
    code: str
    ventanilla: int
    called_at: datetime


@dataclass(frozen=True, slots=True)
class Board:
    seq: int  # of the newest call
    calls: tuple[Call, ...]  # oldest first
    waiting: tuple[str, ...]  # in the order they would be called

    def content(self) -> dict[str, Any]:
        """All but the hour at which it is read."""
        return {
            "seq": self.seq,
            "calls": [
                {
                    "seq": call.seq,
                    "code": call.code,
                    "ventanilla": call.ventanilla,
                    "called_at": call.called_at.isoformat(),
                }
                for call in self.calls
            ],
            "waiting": [{"code": code} for code in self.waiting],
        }

    def as_json(self, now: datetime) -> dict[str, Any]:
        return self.content() | {"now": now.isoformat()}

    def etag(self) -> str:
        """Changes with anything on the board, not with `now`."""
        text = json.dumps(self.content(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def board(
    calls: Sequence[Call], waiting: Sequence[Waiting], *, seq: int, policy: Policy = DEFAULT, now: datetime
) -> Board:
    """The board of a sala; `seq` is its newest call's number, of today or before."""
    latest = sorted(calls, key=lambda call: call.seq)[-CALLS_SHOWN:]
    return Board(
        seq=seq,
        calls=tuple(latest),
        waiting=tuple(t.code for t in in_order(waiting, policy=policy, now=now)[:CODES_SHOWN]),
    )


def in_order(waiting: Sequence[Waiting], *, policy: Policy = DEFAULT, now: datetime) -> list[Waiting]:
    """As a ventanilla that attends everything alike, and has just called a general, would call them."""
    return in_turn(waiting, Desk(0, ()), policy=policy.without(Kind.OWN), now=now)
