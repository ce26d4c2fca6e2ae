"""A cabin's ledger as plain-text accounting: files that beancount and hledger read. Pure.

Each file ends by asserting the balance of each account, so the program that reads it checks the sums again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from core.ledger import Account, Balances, sum_postings
from core.ledger import Posting as _Posting
from core.money import soles
from core.settlement import Line

CURRENCY = "PEN"
NAMES = {
    Account.CASH: ("Assets", "Caja:Efectivo"),
    Account.MUNICIPAL: ("Liabilities", "Municipalidad:PorRemitir"),
    Account.ROUNDING: ("Liabilities", "Municipalidad:Redondeo"),
    Account.COMMISSION: ("Income", "Servicio"),
    Account.SERVICE_RECEIVABLE: ("Assets", "Municipalidad:ServicioPorCobrar"),
    Account.GUARANTEE: ("Assets", "Garantia:EnTesoreria"),
    Account.OWN_FUNDS: ("Equity", "Aporte"),
    Account.REMITTANCE_IN_TRANSIT: ("Assets", "Remesas:EnCamino"),
    Account.EXTORNO_PENDING: ("Assets", "Extornos:PorConfirmar"),
    Account.CHANGE_FUND: ("Equity", "FondoDeCambio"),
    Account.OWN_TAKEN: ("Equity", "Retirado"),
    Account.COUNT_DIFFERENCE: ("Expenses", "DiferenciasDeArqueo"),
}


def account_name(account: Account, cabina: str) -> str:
    """`Assets:C01:Caja:Efectivo`."""
    root, name = NAMES[account]
    return f"{root}:{cabina}:{name}"


def beancount(ledgers: Mapping[str, Sequence[Line]], *, title: str) -> str:
    """The ledgers of some cabins, by code, as a beancount file."""
    text = [f'option "title" "{_quoted(title)}"', f'option "operating_currency" "{CURRENCY}"', ""]
    for cabina, lines in ledgers.items():
        first, last = _days(lines)
        text += [f"{first} open {account_name(account, cabina)} {CURRENCY}" for account in Account]
        for entry in _entries(lines):
            head = entry[0]
            text += ["", f'{head.on} * "{head.kind}" "{_quoted(head.subject)}"']
            text += [f"  {account_name(line.account, cabina)}  {soles(line.centimos)} {CURRENCY}" for line in entry]
        text.append("")
        after = last + timedelta(days=1)  # beancount asserts a balance at the beginning of its day
        for account, centimos in _sums(lines).items():
            text.append(f"{after} balance {account_name(account, cabina)}  {soles(centimos)} {CURRENCY}")
        text.append("")
    return "\n".join(text)


def hledger(ledgers: Mapping[str, Sequence[Line]], *, title: str) -> str:
    """The same as an hledger journal; it passes `hledger check --strict`."""
    text = [f"; {' '.join(title.split())}", f"commodity 1000.00 {CURRENCY}", ""]
    for cabina, lines in ledgers.items():
        text += [f"account {account_name(account, cabina)}" for account in Account]
        for entry in _entries(lines):
            head = entry[0]
            text += ["", f"{head.on} * {head.kind} | {_plain(head.subject)}"]
            text += [f"    {account_name(line.account, cabina)}  {soles(line.centimos)} {CURRENCY}" for line in entry]
        sums = _sums(lines)
        if sums:
            text += ["", f"{_days(lines)[1]} * saldos | {cabina}"]
        for account, centimos in sums.items():
            text.append(f"    {account_name(account, cabina)}  0.00 {CURRENCY} = {soles(centimos)} {CURRENCY}")
        text.append("")
    return "\n".join(text)


FORMATS = {"beancount": beancount, "journal": hledger}


def _entries(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each entry, in the order of their days."""
    entries = [list(group) for _, group in groupby(lines, key=lambda line: (line.kind, line.subject))]
    yield from sorted(entries, key=lambda entry: entry[0].on)


def _sums(lines: Iterable[Line]) -> Balances:
    return sum_postings(_Posting(line.account, line.centimos) for line in lines)


def _days(lines: Sequence[Line]) -> tuple[date, date]:
    days = [line.on for line in lines] or [date(2000, 1, 1)]
    return min(days), max(days)


def _quoted(text: str) -> str:
    return " ".join(text.split()).replace("\\", " ").replace('"', "'")


def _plain(text: str) -> str:
    return " ".join(text.split()).replace(";", ",").replace("|", "/")
