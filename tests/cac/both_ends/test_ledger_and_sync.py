"""Any order of what people, the link and the power do, against an oracle anybody can check by hand."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from cabinas.shifts import queries as shifts
from cabinas.shifts.actions import NotSoMuch, hand_over, move_own_cash, open_shift
from cabinas.sync.client import LinkDown
from cac.access.actions import SYSTEM
from cac.sync.keys import centre_key
from cac.treasury.actions import AlreadySettled, RemittanceUnknown, settle_remittance
from core.clock import now_utc
from core.ledger import OWN_CASH_MOVES
from tests.both_ends import Town, every
from tests.cabinas.conftest import Cabin
from web.access import Principal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FEE = 1_100  # of RC-01, paid in cash
EXAMPLES, STEPS = 12, 25
CODES = count(10)


@dataclass
class Oracle:
    """What a cabin owes: what it charged, less what treasury said it received. Nothing else moves it."""

    charged: int = 0
    received: int = 0

    @property
    def owed(self) -> int:
        return self.charged - self.received


def machine(town: Town) -> type[RuleBasedStateMachine]:
    class Cabina(RuleBasedStateMachine):
        """One cabin's life; each example is a cabin of its own at the same centre."""

        @initialize()
        def pair(self) -> None:
            self.code, self.oracle = f"C{next(CODES)}", Oracle()
            town.convene(self.code)
            self.cabin: Cabin = town.pair(self.code)
            self.numbers: list[str] = []
            self.declared: dict[str, int] = {}
            self.settled: set[str] = set()

        @rule()
        def file(self) -> None:
            answer = self.cabin.file()
            assert answer.status_code == 201, answer.json
            self.numbers.append(answer.json["number"])
            self.oracle.charged += FEE

        @rule()
        def file_paid_by_card(self) -> None:
            payment = {"method": "tarjeta", "reference": "778812"}
            self.numbers.append(self.cabin.file(payment=payment).json["number"])

        @rule(cents=st.integers(1, 3_000))
        def remit(self, cents: int) -> None:
            answer = self.cabin.post("/remesas", {"centimos": cents, "reference": "BN"})
            if answer.status_code == 201:
                self.declared[answer.json["id"]] = cents

        @precondition(lambda self: self.declared)
        @rule(data=st.data(), share=st.integers(1, 100), confirmed=st.booleans())
        def settle(self, data: Any, share: int, confirmed: bool) -> None:
            subject = data.draw(st.sampled_from(sorted(self.declared)))
            cents = max(1, self.declared[subject] * share // 100)
            said: dict[str, Any] = {"centimos": cents} if confirmed else {"reason": "no llegó"}
            key = centre_key(town.settings.keys_dir)
            try:
                said |= {"key": key, "principal": SYSTEM, "now": now_utc(), "confirmed": confirmed}
                town.store.write(settle_remittance, self.code, subject, **said)
            except RemittanceUnknown:
                return  # the centre has not heard of it yet
            except AlreadySettled:
                assert subject in self.settled
                return
            self.settled.add(subject)
            self.oracle.received += cents if confirmed else 0

        @precondition(lambda self: self.numbers)
        @rule(data=st.data())
        def declare_an_extorno(self, data: Any) -> None:
            """It changes no debt until treasury confirms it, and here treasury never does."""
            number = data.draw(st.sampled_from(self.numbers))
            self.cabin.post("/extornos", {"number": number, "motivo": "se equivocó"})

        @rule(coins=st.integers(0, 50))
        def close(self, coins: int) -> None:
            assert self.cabin.post("/cierres", {"counts": {"100": coins}}).status_code == 201

        @rule(coins=st.integers(0, 50), fund=st.integers(0, 50))
        def open_a_shift_or_hand_it_over(self, coins: int, fund: int) -> None:
            """Whose drawer it is, and the partner's own coins in it, change no debt."""
            hands = {"counts": {"100": coins}, "device": self.cabin.device, "now": now_utc()}
            with self.cabin.store.read() as session:
                shift = shifts.open_shift(session)
            if shift is None:
                self.cabin.store.write(open_shift, operator="Elva R.", fund_centimos=fund * 100, **hands)
            else:
                taker = "Rosa T." if shift.operator == "Elva R." else "Elva R."
                self.cabin.store.write(hand_over, giver=shift.operator, taker=taker, **hands)

        @rule(move=st.sampled_from(sorted(OWN_CASH_MOVES)), cents=st.integers(1, 3_000))
        def move_own_cash(self, move: str, cents: int) -> None:
            by = Principal("token", 1, "Elva R.", "operador")
            given = {"move": move, "centimos": cents, "principal": by, "device": self.cabin.device}
            with suppress(NotSoMuch):
                self.cabin.store.write(move_own_cash, **given, now=now_utc())

        @rule(fault=st.sampled_from(["", "down", "lost_reply", "half", "twice", "late"]))
        def talk(self, fault: str) -> None:
            town.link(self.cabin).fault = every(fault)
            with suppress(LinkDown):
                self.cabin.sync.exchange()

        @rule()
        def what_was_late_arrives(self) -> None:
            town.link(self.cabin).deliver_late()

        @rule()
        def power_cut(self) -> None:
            self.cabin = town.start(town.stop(self.cabin))

        @rule()
        def synced_then_put_back_from_an_older_copy(self) -> None:
            town.link(self.cabin).fault = lambda: ""
            self.cabin.talk()
            copy: Path = getattr(self, "copy", None) or self.cabin.folder
            folder = town.stop(self.cabin)
            if copy != folder:
                for path in folder.glob("cabina.db*"):
                    path.unlink()
                shutil.copy(copy, folder / "cabina.db")
            else:
                self.copy = shutil.copy(folder / "cabina.db", folder / "copia")
            self.cabin = town.start(folder)
            self.cabin.talk()

        def teardown(self) -> None:
            if not hasattr(self, "cabin"):
                return
            link = town.link(self.cabin)
            link.fault = lambda: ""
            self.cabin.talk()
            link.deliver_late()
            self.cabin.talk()
            town.agree()
            assert town.cases(self.code) == sorted(self.numbers)
            assert town.owed(self.code) == self.cabin.held == self.oracle.owed
            town.stop(self.cabin)

    return Cabina


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_life_of_a_cabin_ends_in_the_oracles_account(town: Town):
    run_state_machine_as_test(
        machine(town),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
