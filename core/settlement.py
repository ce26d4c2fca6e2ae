"""A cabin's settlement of a period out of its ledger, pure: the same lines give the same figures at the cabin and at the centre."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.ledger import Account, Balances, EntryKind, change_fund, municipal_held

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

    @property
    def number(self) -> str:
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


def settle(cabina: str, opening: Balances, lines: Iterable[Line], *, from_on: date, to_on: date) -> Settlement:
    """`opening`: the balances of all before `from_on`; `lines`: all from that day to `to_on`."""
    closing, owed, filings = Counter(opening), Counter[EntryKind](), set[str]()
    by_kind: Counter[tuple[EntryKind, Account]] = Counter()
    for line in lines:
        closing[line.account] += line.centimos
        by_kind[line.kind, line.account] += line.centimos
        if line.account in OWED:
            owed[line.kind] -= line.centimos
        if line.kind == EntryKind.CHARGE:
            filings.add(line.subject)
    kind = EntryKind
    rounding = by_kind[kind.CHARGE, Account.ROUNDING]
    remitted = -(owed[kind.REMITTANCE_CONFIRMED] + owed[kind.REMITTANCE_BY_CODE] + owed[kind.REMITTANCE_BY_CODE_UNDONE])
    settlement = Settlement(
        cabina=cabina,
        from_on=from_on,
        to_on=to_on,
        opening_centimos=municipal_held(opening),
        filings=len(filings),
        fees_centimos=owed[kind.CHARGE] + rounding,
        rounding_centimos=rounding,
        extornos_centimos=-owed[kind.EXTORNO_CONFIRMED],
        remitted_centimos=remitted,
        executed_centimos=-owed[kind.GUARANTEE_EXECUTED],
        closing_centimos=municipal_held(closing),
        in_transit_centimos=closing[Account.REMITTANCE_IN_TRANSIT],
        guarantee_centimos=closing[Account.GUARANTEE],
        service_centimos=-sum(centimos for (_, account), centimos in by_kind.items() if account == Account.COMMISSION),
        service_receivable_centimos=sum(
            centimos for (_, account), centimos in by_kind.items() if account == Account.SERVICE_RECEIVABLE
        ),
        difference_centimos=-by_kind[kind.COUNT_DIFFERENCE, Account.COUNT_DIFFERENCE],
        change_fund_centimos=change_fund(closing),
    )
    assert _adds_up(settlement), f"{settlement.number}: its lines are not its balance"
    return settlement


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
