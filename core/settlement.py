"""A cabin's settlement of a period out of its ledger, pure: the same lines give the same figures at the cabin and at the centre."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.ledger import Account, Balances, EntryKind, change_fund, counted_as, municipal_held

Moved = Counter[tuple[EntryKind, Account]]  # céntimos of a period
OWED = (Account.MUNICIPAL, Account.ROUNDING)


@dataclass(frozen=True, slots=True)
class Line:
    """A posting of the ledger with its entry's date. `on` is the Lima day."""

    at: datetime
    on: date
    kind: EntryKind
    subject: str
    account: Account
    centimos: int
    undoes: str | None = None  # the `ref` of the entry its own turns back


@dataclass(frozen=True, slots=True)
class Settlement:
    """Lima days, both included; céntimos. What is owed at the end is `opening + fees - rounding - extornos - remitted - executed`."""

    cabina: str
    from_on: date
    to_on: date
    opening_centimos: int  # owed to the municipality before the period
    filings: int  # charged in it
    fees_centimos: int
    rounding_centimos: int  # what cash rounding took off those fees
    extornos_centimos: int  # charges undone with treasury's word
    remitted_centimos: int  # confirmed by treasury
    executed_centimos: int  # taken from the guarantee
    closing_centimos: int
    in_transit_centimos: int  # declared and not confirmed at the end: still owed
    guarantee_centimos: int  # held by treasury at the end
    service_centimos: int  # the cabin's own income
    service_receivable_centimos: int  # of it, what the municipality has to pay
    difference_centimos: int  # what counts found over (+) or lacked (-)
    change_fund_centimos: int  # the partner's own in the drawer at the end: never municipal
    n: int | None = None  # its place among the cabin's closed ones; None while it is only a look at a period

    @property
    def number(self) -> str:
        if self.n is not None:
            return f"LIQ-{self.cabina}-{self.n:04d}"
        return f"LIQ-{self.cabina}-{self.from_on:%Y%m%d}-{self.to_on:%Y%m%d}"

    @property
    def rows(self) -> tuple[tuple[str, int], ...]:
        """Its figures in words, as they add up to what is owed at the end."""
        return (
            ("Saldo anterior", self.opening_centimos),
            ("Derechos cobrados en efectivo", self.fees_centimos),
            ("Redondeo (Ley 29571)", -self.rounding_centimos),
            ("Extornos confirmados", -self.extornos_centimos),
            ("Remesas confirmadas", -self.remitted_centimos),
            ("Garantía ejecutada", -self.executed_centimos),
        )

    @property
    def notes(self) -> tuple[tuple[str, int], ...]:
        """What stands beside the account and is no part of what is owed."""
        return (
            ("Servicio de la cabina", self.service_centimos),
            ("De él, por cobrar a la Municipalidad", self.service_receivable_centimos),
            ("Diferencias de arqueo", self.difference_centimos),
            ("Remesas en camino, aún debidas", self.in_transit_centimos),
            ("Garantía en Tesorería", self.guarantee_centimos),
            ("Fondo de cambio de la cabina", self.change_fund_centimos),
        )

    @property
    def check_code(self) -> str:
        """The same figures have the same code, whoever prints them."""
        figures = "|".join(str(getattr(self, name)) for name in self.__slots__)
        return hashlib.sha256(figures.encode()).hexdigest()[:12].upper()


# what periods one after another add up to; the rest of a settlement is how things stood at its end
ADDED = (
    "filings",
    "fees_centimos",
    "rounding_centimos",
    "extornos_centimos",
    "remitted_centimos",
    "executed_centimos",
    "service_centimos",
    "service_receivable_centimos",
    "difference_centimos",
)
STOOD = ("opening_centimos", "closing_centimos", "in_transit_centimos", "guarantee_centimos", "change_fund_centimos")


def settle(cabina: str, opening: Balances, lines: Iterable[Line], *, from_on: date, to_on: date) -> Settlement:
    """`opening`: the balances of all before `from_on`; `lines`: all from that day to `to_on`."""
    moved, charged, undone = Moved(), set[str](), set[str]()
    for line in lines:
        kind = counted_as(line.kind, line.undoes)
        moved[kind, line.account] += line.centimos
        if kind == EntryKind.CHARGE:
            (charged if line.kind == kind else undone).add(line.subject)
    return settle_sums(cabina, opening, moved, filings=len(charged) - len(undone), from_on=from_on, to_on=to_on)


def settle_sums(
    cabina: str, opening: Balances, moved: Moved, *, filings: int, from_on: date, to_on: date
) -> Settlement:
    """The same out of the period's sums by kind of entry and account."""
    closing, owed = Counter(opening), Counter[EntryKind]()
    for (made, account), centimos in moved.items():
        closing[account] += centimos
        if account in OWED:
            owed[made] -= centimos
    kind = EntryKind
    rounding = moved[kind.CHARGE, Account.ROUNDING]
    remitted = -(owed[kind.REMITTANCE_CONFIRMED] + owed[kind.REMITTANCE_BY_CODE] + owed[kind.REMITTANCE_BY_CODE_UNDONE])
    settlement = Settlement(
        cabina=cabina,
        from_on=from_on,
        to_on=to_on,
        opening_centimos=municipal_held(opening),
        filings=filings,
        fees_centimos=owed[kind.CHARGE] + rounding,
        rounding_centimos=rounding,
        extornos_centimos=-owed[kind.EXTORNO_CONFIRMED],
        remitted_centimos=remitted,
        executed_centimos=-owed[kind.GUARANTEE_EXECUTED],
        closing_centimos=municipal_held(closing),
        in_transit_centimos=closing[Account.REMITTANCE_IN_TRANSIT],
        guarantee_centimos=closing[Account.GUARANTEE],
        service_centimos=-_of_account(moved, Account.COMMISSION),
        service_receivable_centimos=_of_account(moved, Account.SERVICE_RECEIVABLE),
        difference_centimos=-moved[kind.COUNT_DIFFERENCE, Account.COUNT_DIFFERENCE],
        change_fund_centimos=change_fund(closing),
    )
    assert _adds_up(settlement), f"{settlement.number}: its lines are not its balance"
    return settlement


def next_after(whole: Settlement, closed: Sequence[Settlement], *, n: int) -> Settlement:
    """The next settlement, numbered `n`: `whole` (of all until its last day) less what `closed` told, oldest first.

    What reached the ledger late, dated in a period already closed, is in it: a closed one never changes and nothing is left out."""
    last = closed[-1] if closed else None
    rest = {name: getattr(whole, name) - sum(getattr(one, name) for one in closed) for name in ADDED}
    settlement = replace(
        whole,
        n=n,
        from_on=last.to_on + timedelta(days=1) if last else whole.from_on,
        opening_centimos=last.closing_centimos if last else 0,
        **rest,
    )
    assert _adds_up(settlement), f"{settlement.number}: its lines are not its balance"
    return settlement


def _of_account(moved: Moved, account: Account) -> int:
    return sum(centimos for (_, of), centimos in moved.items() if of == account)


def found(lines: Sequence[Line], text: str) -> list[Line]:
    """The lines whose subject, kind or account holds what somebody typed."""
    sought = text.strip().casefold()
    return [line for line in lines if sought in f"{line.subject} {line.kind} {line.account}".casefold()]


def _adds_up(told: Settlement) -> bool:
    came = told.opening_centimos + told.fees_centimos
    left = (
        told.rounding_centimos
        + told.extornos_centimos
        + told.remitted_centimos
        + told.executed_centimos
        + told.closing_centimos
    )
    return came == left
