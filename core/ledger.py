"""The cabin's double entry ledger, pure: accounts, entries that balance, one builder for each thing that happens to money.

A posting's `centimos` is positive when it adds to what the cabin has (debit) and negative when it adds to what it owes or earns
(credit); the postings of an entry sum to zero. Entries are appended, never edited: what undoes one names it in `undoes`.

The municipal fee is owed whole; the cash rounding that lowered it stands in its own account, so what is owed to the municipality
is `owed_municipal`. A remittance or an extorno only *declared* changes where the cash is, not what is owed: treasury's confirmation does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Account(StrEnum):
    CASH = "caja.efectivo"  # bills and coins in the drawer
    MUNICIPAL = "municipal.por_remitir"  # fees charged in cash for the municipality
    ROUNDING = "municipal.redondeo"  # what cash rounding took off those fees
    COMMISSION = "cabina.servicio"  # the cabin's own service, never municipal
    SERVICE_RECEIVABLE = "municipal.servicio_por_cobrar"  # the service of filings whose bearer is the municipality
    GUARANTEE = "garantia.en_tesoreria"  # the deposit of the convenio
    OWN_FUNDS = "cabina.aporte"  # what the partner brought: the guarantee
    REMITTANCE_IN_TRANSIT = "remesa.en_camino"  # declared, not yet confirmed
    EXTORNO_PENDING = "extorno.por_confirmar"  # handed back to citizens, not yet confirmed
    CHANGE_FUND = "cabina.fondo_de_cambio"  # the partner's own coins to give change with: never municipal
    OWN_TAKEN = "cabina.retirado"  # of its own service, taken out of the drawer
    COUNT_DIFFERENCE = "caja.diferencia"  # what the blind count found over (-) or under (+)


class EntryKind(StrEnum):
    CHARGE = "cobro"
    REMITTANCE_DECLARED = "remesa_declarada"
    REMITTANCE_CONFIRMED = "remesa_confirmada"
    REMITTANCE_REJECTED = "remesa_rechazada"
    REMITTANCE_BY_CODE = "remesa_por_codigo"
    REMITTANCE_BY_CODE_UNDONE = "remesa_por_codigo_deshecha"
    EXTORNO_DECLARED = "extorno_declarado"
    EXTORNO_CONFIRMED = "extorno_confirmado"
    EXTORNO_REJECTED = "extorno_rechazado"
    COUNT_DIFFERENCE = "diferencia_de_arqueo"
    CHANGE_FUND_PUT = "fondo_de_cambio_puesto"
    CHANGE_FUND_TAKEN = "fondo_de_cambio_retirado"
    OWN_TAKEN = "servicio_retirado"
    GUARANTEE_DEPOSITED = "garantia_depositada"
    GUARANTEE_EXECUTED = "garantia_ejecutada"
    GUARANTEE_RETURNED = "garantia_devuelta"
    SET_ASIDE = "hecho_apartado"


class Unbalanced(ValueError):
    """The postings do not sum to zero: a bug of whoever built the entry."""


@dataclass(frozen=True, slots=True)
class Posting:
    account: Account
    centimos: int  # never zero


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to money. `subject` is the expediente number, or the id of the remittance, extorno or close;
    `undoes` is the `ref` of the entry it turns back.

    Raises Unbalanced when made of postings that do not sum to zero, are empty, or hold a zero."""

    kind: EntryKind
    subject: str
    postings: tuple[Posting, ...]
    undoes: str | None = None

    def __post_init__(self) -> None:
        if not self.postings or any(posting.centimos == 0 for posting in self.postings):
            raise Unbalanced(f"{self.kind} {self.subject}: an empty entry or posting")
        if total := sum(posting.centimos for posting in self.postings):
            raise Unbalanced(f"{self.kind} {self.subject}: off by {total}")

    @property
    def ref(self) -> str:
        return f"{self.kind}:{self.subject}"

    def amount(self, account: Account) -> int:
        return sum(posting.centimos for posting in self.postings if posting.account == account)


Balances = Counter[Account]


def balances(entries: Iterable[Entry]) -> Balances:
    """Balance of each account, in céntimos."""
    return sum_postings(posting for entry in entries for posting in entry.postings)


def sum_postings(postings: Iterable[Posting]) -> Balances:
    total: Balances = Counter()
    for posting in postings:
        total[posting.account] += posting.centimos
    return total


def municipal_held(balance: Balances) -> int:
    """Céntimos of municipal money charged in cash and not yet confirmed as remitted: what the guarantee must cover."""
    return -(balance[Account.MUNICIPAL] + balance[Account.ROUNDING])


def cash_expected(balance: Balances) -> int:
    """Céntimos that should lie in the drawer."""
    return balance[Account.CASH]


def from_own_pocket(expected_centimos: int) -> int:
    """Céntimos handed back that the drawer did not hold, where `expected_centimos` should lie in it: the partner's own money."""
    return max(0, -expected_centimos)


def change_fund(balance: Balances) -> int:
    """Céntimos of the partner's own that lie in the drawer to give change with."""
    return -balance[Account.CHANGE_FUND]


def own_service_in_drawer(balance: Balances) -> int:
    """Céntimos of the cabin's service that citizens paid and nobody has taken out of the drawer."""
    earned = -(balance[Account.COMMISSION] + balance[Account.SERVICE_RECEIVABLE])
    return earned - balance[Account.OWN_TAKEN]


def charge(
    subject: str,
    *,
    fee_centimos: int,
    rounding_centimos: int = 0,
    service_centimos: int = 0,
    fee_in_cash: bool = True,
    service_borne_by_citizen: bool = True,
) -> Entry | None:
    """A filing's money: the municipal fee less its cash rounding, and the cabin's service.

    A fee paid by card, transfer or at the bank never passes through the cabin and is not posted. None when no money moves."""
    fee = fee_centimos if fee_in_cash else 0
    rounding = rounding_centimos if fee_in_cash else 0
    if not 0 <= rounding <= fee or service_centimos < 0:
        raise ValueError(f"{subject}: fee {fee}, rounding {rounding}, service {service_centimos}")
    service_in_cash = service_centimos if service_borne_by_citizen else 0
    postings = _postings(
        (Account.CASH, fee - rounding + service_in_cash),
        (Account.MUNICIPAL, -fee),
        (Account.ROUNDING, rounding),
        (Account.SERVICE_RECEIVABLE, service_centimos - service_in_cash),
        (Account.COMMISSION, -service_centimos),
    )
    return Entry(EntryKind.CHARGE, subject, postings) if postings else None


def declare_remittance(subject: str, centimos: int) -> Entry:
    """The cash leaves the drawer for the treasury; nothing owed is reduced yet."""
    _refuse_unless_positive(centimos)
    return Entry(
        EntryKind.REMITTANCE_DECLARED,
        subject,
        _postings((Account.REMITTANCE_IN_TRANSIT, centimos), (Account.CASH, -centimos)),
    )


def confirm_remittance(subject: str, *, declared_centimos: int, received_centimos: int) -> Entry:
    """Treasury has the money: that much is no longer owed. What was declared and did not arrive goes back to the drawer's account."""
    _refuse_unless_positive(declared_centimos)
    _refuse_unless_positive(received_centimos)
    return Entry(
        EntryKind.REMITTANCE_CONFIRMED,
        subject,
        _postings(
            (Account.MUNICIPAL, received_centimos),
            (Account.REMITTANCE_IN_TRANSIT, -declared_centimos),
            (Account.CASH, declared_centimos - received_centimos),
        ),
    )


def confirm_by_code(declared: Entry) -> Entry:
    """Treasury's word came over the phone: all that was declared is no longer owed, until its signed word takes this entry's place."""
    sent = declared.amount(Account.REMITTANCE_IN_TRANSIT)
    postings = _postings((Account.MUNICIPAL, sent), (Account.REMITTANCE_IN_TRANSIT, -sent))
    return Entry(EntryKind.REMITTANCE_BY_CODE, declared.subject, postings)


def reject_remittance(declared: Entry) -> Entry:
    """Treasury did not receive it: the declaration is undone and the drawer answers for the cash again."""
    return reverse(declared, EntryKind.REMITTANCE_REJECTED)


def declare_extorno(subject: str, charged: Entry) -> Entry:
    """The citizen got the cash of `charged` back. What is owed stays until treasury confirms with the surrendered receipt."""
    returned = charged.amount(Account.CASH)
    _refuse_unless_positive(returned)
    return Entry(
        EntryKind.EXTORNO_DECLARED,
        subject,
        _postings((Account.EXTORNO_PENDING, returned), (Account.CASH, -returned)),
    )


def confirm_extorno(subject: str, charged: Entry) -> Entry:
    """Treasury accepted it: every line of the charge is undone; its cash had left with the declaration."""
    postings = tuple(
        Posting(Account.EXTORNO_PENDING if posting.account == Account.CASH else posting.account, -posting.centimos)
        for posting in charged.postings
    )
    return Entry(EntryKind.EXTORNO_CONFIRMED, subject, postings, undoes=charged.ref)


def reject_extorno(declared: Entry) -> Entry:
    """Treasury refused it: the drawer answers for that cash again; if it is not there the next count says so."""
    return reverse(declared, EntryKind.EXTORNO_REJECTED)


def count_difference(subject: str, *, expected_centimos: int, counted_centimos: int) -> Entry | None:
    """The drawer's account takes the counted value; None when the count agrees."""
    short = expected_centimos - counted_centimos
    if not short:
        return None
    return Entry(
        EntryKind.COUNT_DIFFERENCE, subject, _postings((Account.COUNT_DIFFERENCE, short), (Account.CASH, -short))
    )


def put_change_fund(subject: str, centimos: int) -> Entry:
    """The partner puts coins of its own in the drawer."""
    _refuse_unless_positive(centimos)
    postings = _postings((Account.CASH, centimos), (Account.CHANGE_FUND, -centimos))
    return Entry(EntryKind.CHANGE_FUND_PUT, subject, postings)


def take_change_fund(subject: str, centimos: int) -> Entry:
    """The partner takes them out again."""
    _refuse_unless_positive(centimos)
    postings = _postings((Account.CHANGE_FUND, centimos), (Account.CASH, -centimos))
    return Entry(EntryKind.CHANGE_FUND_TAKEN, subject, postings)


def take_own_service(subject: str, centimos: int) -> Entry:
    """The partner takes what its service earned out of the drawer."""
    _refuse_unless_positive(centimos)
    return Entry(EntryKind.OWN_TAKEN, subject, _postings((Account.OWN_TAKEN, centimos), (Account.CASH, -centimos)))


OWN_CASH_MOVES = {
    EntryKind.CHANGE_FUND_PUT: put_change_fund,
    EntryKind.CHANGE_FUND_TAKEN: take_change_fund,
    EntryKind.OWN_TAKEN: take_own_service,
}


def deposit_guarantee(subject: str, centimos: int) -> Entry:
    """The partner left the guarantee in the municipal treasury; it never was in the drawer."""
    _refuse_unless_positive(centimos)
    return Entry(
        EntryKind.GUARANTEE_DEPOSITED,
        subject,
        _postings((Account.GUARANTEE, centimos), (Account.OWN_FUNDS, -centimos)),
    )


def execute_guarantee(subject: str, centimos: int) -> Entry:
    """Treasury took what is owed from the guarantee."""
    _refuse_unless_positive(centimos)
    return Entry(
        EntryKind.GUARANTEE_EXECUTED,
        subject,
        _postings((Account.MUNICIPAL, centimos), (Account.GUARANTEE, -centimos)),
    )


def return_guarantee(subject: str, centimos: int) -> Entry:
    """Treasury gave the partner that much of its guarantee back."""
    _refuse_unless_positive(centimos)
    return Entry(
        EntryKind.GUARANTEE_RETURNED,
        subject,
        _postings((Account.OWN_FUNDS, centimos), (Account.GUARANTEE, -centimos)),
    )


GUARANTEE_MOVES = {
    EntryKind.GUARANTEE_DEPOSITED: deposit_guarantee,
    EntryKind.GUARANTEE_EXECUTED: execute_guarantee,
    EntryKind.GUARANTEE_RETURNED: return_guarantee,
}


def reverse(entry: Entry, kind: EntryKind) -> Entry:
    """The same postings with their signs turned, naming what they undo."""
    turned = tuple(replace(posting, centimos=-posting.centimos) for posting in entry.postings)
    return Entry(kind, entry.subject, turned, undoes=entry.ref)


def set_aside(place: str, entry: Entry) -> Entry:
    """The centre set the event of `entry` aside: its money is turned back. `place` names the event."""
    return replace(reverse(entry, EntryKind.SET_ASIDE), subject=place)


def counted_as(kind: EntryKind, undoes: str | None) -> EntryKind:
    """As what an entry counts in the sums of a period: one that turns back what was set aside, against the kind of that."""
    return EntryKind(undoes.partition(":")[0]) if kind == EntryKind.SET_ASIDE and undoes else kind


def _postings(*lines: tuple[Account, int]) -> tuple[Posting, ...]:
    return tuple(Posting(account, centimos) for account, centimos in lines if centimos)


def _refuse_unless_positive(centimos: int) -> None:
    if centimos <= 0:
        raise ValueError(f"an amount of money must be positive, not {centimos}")
