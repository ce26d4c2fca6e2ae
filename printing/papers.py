"""The papers: plain values, complete, ready to print. A job keeps its paper, so that a reprint is the same paper, marked.

Instants are aware; templates show them in Lima. A ticket carries no name, document or phone; a cargo only the last four
characters of a document (`mask_document`)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar

from pydantic import TypeAdapter

from printing.wording import SPANISH, say


@dataclass(frozen=True, slots=True)
class Reprint:
    """Copy number from 1, when it was asked for, and by whom ("Ventanilla 2")."""

    number: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Charge:
    label: str
    centimos: int


@dataclass(frozen=True, slots=True)
class Payment:
    """Lines as charged, one a concept, never added together; the total is all of them. `method` in words ("Efectivo").
    `received_centimos` is the cash handed over, and then `change_centimos` what was given back. `cash_centimos`: the part that was
    paid in cash when the rest goes by another method; what is `pending` is the rest."""

    lines: tuple[Charge, ...]
    total_centimos: int
    method: str
    received_centimos: int | None = None
    change_centimos: int | None = None
    reference: str | None = None
    pending: bool = False
    cash_centimos: int = 0

    @property
    def rest_centimos(self) -> int:
        return self.total_centimos - self.cash_centimos

    @property
    def owed_centimos(self) -> int:
        """What its total line says: all of it, or what is still to be paid."""
        return self.rest_centimos if self.pending else self.total_centimos

    @property
    def charged(self) -> tuple[Charge, ...]:
        """Above the total: the lines, and what of a pending payment was handed over already."""
        handed = (Charge("Pagado en efectivo", -self.cash_centimos),) if self.pending and self.cash_centimos else ()
        return (*self.lines, *handed)

    @property
    def paid(self) -> tuple[Charge, ...]:
        """Below the total: by which methods, when there is more to say than one name."""
        if self.cash_centimos and self.rest_centimos and not self.pending:
            return Charge("Efectivo", self.cash_centimos), Charge(self.method, self.rest_centimos)
        if self.received_centimos is not None:
            return Charge(self.method, self.received_centimos), Charge("Vuelto", self.change_centimos or 0)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What every paper may carry. `texts` are the sentences the municipality says in its own words when it is made; `logo`
    the SHA-256 of its logo, whose picture is kept elsewhere. `kind` names the class, in rows, addresses and `wording`."""

    kind: ClassVar[str]
    demo: bool = False
    reprint: Reprint | None = None
    texts: dict[str, str] = field(default_factory=dict, hash=False)
    logo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPaper(Printed):
    """`language` as chosen at the kiosk; the service keeps the name that the room calls it by."""

    kind: ClassVar[str] = "ticket"
    site: str
    office: str
    code: str
    service: str
    issued_at: datetime
    ahead: int
    wait_minutes: tuple[int, int] | None = None
    preferente: bool = False
    slot_at: datetime | None = None  # of an appointment
    follow_url: str
    calls: int = 3
    ask_at: str = "Informes"
    foot: str = ""  # the sala's own words, last
    language: str = SPANISH


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoPaper(Printed):
    """Proof of filing, at the centre and at a cabin: what TUO 27444 art. 135 asks for, the payment and how to track it.
    `office` is the line under the municipality's name, `place` where it was received. `due_on` None: the term is to be
    confirmed, or stopped by `missing` (texts of the requisites that lack), which are to be brought by `cure_on`."""

    kind: ClassVar[str] = "cargo"
    title: str = "Cargo de recepción"
    site: str
    office: str
    number: str
    received_at: datetime
    place: str
    tramite_code: str
    tramite: str
    applicant: str
    applicant_document: str
    representative: str | None = None
    subject: str | None = None
    folios: int
    annexes: tuple[str, ...] = ()
    copy_returned: bool = True
    due_on: date | None = None
    term_business_days: int | None = None
    missing: tuple[str, ...] = ()
    cure_on: date | None = None
    cure_business_days: int | None = None
    legal_note: str | None = None
    payment: Payment | None = None
    track_url: str
    track_key: str
    proof: str | None = None  # the signed code in a QR of its own, by which anybody tells a true paper from a false one
    received_by: str
    check_code: str
    hour_unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPaper(Printed):
    """A payment alone: a fee charged later, a remittance, an extorno, a copy. `title` says which, `rows` the rest."""

    kind: ClassVar[str] = "recibo"
    site: str
    office: str
    title: str
    number: str
    issued_at: datetime
    rows: tuple[tuple[str, str], ...] = ()
    payment: Payment
    received_by: str
    note: str | None = None
    check_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    """What one operator did between two counts of the drawer, for its Z. `operator` empty: nobody had opened a shift."""

    operator: str
    begun_at: datetime
    ended_at: datetime
    filings: int
    lines: tuple[Charge, ...]
    difference_centimos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZPaper(Printed):
    """Close of a cash day. `counts` are (coin or note in céntimos, units)."""

    kind: ClassVar[str] = "z"
    site: str
    office: str
    z: int
    operator: str
    opened_at: datetime
    closed_at: datetime
    filings: int
    lines: tuple[Charge, ...]
    shifts: tuple[ShiftLine, ...] = ()
    counts: tuple[tuple[int, int], ...] = ()
    expected_centimos: int
    counted_centimos: int
    difference_centimos: int
    first_seq: int | None
    last_seq: int | None
    hash: str


@dataclass(frozen=True, slots=True)
class Closing:
    """A close of a cash day inside a settlement: its Z, its Lima day, what it collected for the municipality."""

    z: int
    closed_on: date
    filings: int
    centimos: int


@dataclass(frozen=True, slots=True)
class Remittance:
    """Money a cabin handed over: when, by which operation, how much, and its state in words ("confirmada")."""

    on: date
    reference: str
    centimos: int
    state: str


@dataclass(frozen=True, slots=True)
class Aside:
    """What the municipality set aside of what a cabin sent, the Lima day it did: no figure has it."""

    on: date
    about: str
    centimos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPaper(Printed):
    """What a cabin owes the municipality for a period, both days included. `lines` add up to `total_centimos`: above zero
    the cabin still owes it, below it is in its favour. `notes` hold what is not the municipality's (the cabin's own S/ 4.00)."""

    kind: ClassVar[str] = "liquidacion"
    site: str
    office: str
    number: str
    cabina: str
    from_on: date
    to_on: date
    issued_at: datetime
    filings: int
    lines: tuple[Charge, ...]
    total_centimos: int
    notes: tuple[Charge, ...] = ()
    closings: tuple[Closing, ...] = ()
    remittances: tuple[Remittance, ...] = ()
    asides: tuple[Aside, ...] = ()
    prepared_by: str
    check_code: str


@dataclass(frozen=True, slots=True)
class ValijaItem:
    """A case whose papers travel: its number, what it is, how many folios."""

    number: str
    what: str
    folios: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValijaPaper(Printed):
    """The list that goes inside and outside the bag of papers a cabin sends to the centre. `seal` is the number on its
    strap; who receives reads `receive_url` with a phone, or types `number`."""

    kind: ClassVar[str] = "valija"
    site: str
    office: str
    number: str
    seal: str | None = None
    destination: str
    closed_at: datetime
    items: tuple[ValijaItem, ...]
    closed_by: str
    carried_by: str | None = None
    receive_url: str | None = None
    check_code: str | None = None
    item_codes: bool = False  # a QR for each case, to be read when it comes out of the bag

    @property
    def folios(self) -> int:
        return sum(item.folios for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPaper(Printed):
    """What a clerk prints to see that a printer works: accents, width, QR sizes, one cut."""

    kind: ClassVar[str] = "calibracion"
    site: str
    printer: str
    printed_at: datetime


Paper = TicketPaper | CargoPaper | ReceiptPaper | ZPaper | SettlementPaper | ValijaPaper | CalibrationPaper

KINDS: dict[str, type[Paper]] = {
    cls.kind: cls
    for cls in (TicketPaper, CargoPaper, ReceiptPaper, ZPaper, SettlementPaper, ValijaPaper, CalibrationPaper)
}
REPORTS = (ZPaper, SettlementPaper, ValijaPaper, CalibrationPaper)  # nobody stands waiting for one
FIRST, SOON, LAST = range(3)


def said(paper: Printed, name: str, **places: str) -> str:
    """A sentence of the paper: the municipality's own words, else the program's; "" where the paper has none."""
    return say(paper.kind, name, getattr(paper, "language", SPANISH), paper.texts, **places)


def priority_of(paper: Paper) -> int:
    """What a printer prints first: who waits standing at the kiosk, then who waits at a desk, then what nobody waits for."""
    if isinstance(paper, TicketPaper):
        return FIRST
    return LAST if isinstance(paper, REPORTS) else SOON


def title_of(paper: Paper) -> str:
    """What the paper is, for a person: `ticket A-047`."""
    match paper:
        case TicketPaper():
            return f"ticket {paper.code}"
        case CargoPaper():
            return f"cargo {paper.number}"
        case ReceiptPaper():
            return f"recibo {paper.number}"
        case ZPaper():
            return f"cierre Z {paper.z}"
        case SettlementPaper():
            return f"liquidación {paper.number}"
        case ValijaPaper():
            return f"lista de la valija {paper.number}"
        case CalibrationPaper():
            return f"página de prueba de {paper.printer}"


def mask_document(document_type: str, number: str) -> str:
    """The document as paper may show it: `DNI ****7410`."""
    return f"{document_type} ****{number[-4:]}" if number else document_type


def reprinted(paper: Paper, *, number: int, at: datetime, by: str) -> Paper:
    """The same paper with its mark REIMPRESIÓN `number`."""
    return replace(paper, reprint=Reprint(number, at, by))


def dump(paper: Paper) -> str:
    """The paper as JSON, for its job's row."""
    return f'{{"kind":"{paper.kind}","paper":{_adapter(paper.kind).dump_json(paper).decode()}}}'


def load(text: str) -> Paper:
    """The paper that `dump` wrote."""
    stored = json.loads(text)
    paper: Paper = _adapter(stored["kind"]).validate_python(stored["paper"])
    return paper


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])
