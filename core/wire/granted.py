"""What the centre grants: leases, the catalogue, treasury's words, settlements, pairings."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from core.ledger import Account, Entry, EntryKind, Posting
from core.phone import SLOTS_GIVEN
from core.settlement import ADDED, STOOD, Settlement
from core.wire.limits import MAX_REMITTANCES, MAX_WRITTEN, CabinaCode, Centimos, Commit, Key, Sequence1, Series, Sha256
from core.wire.sealing import Message, Sealed
from core.workdays import Calendar, Holiday


class Lease(Message):
    """The right of one device to number in one series. `epoch` grows with each new series of the cabin."""

    what = "serie"
    cabina: CabinaCode
    epoch: Sequence1
    series: Series
    year: int
    first: Sequence1
    last: Sequence1
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    device_key: Key

    @property
    def point(self) -> str:
        """Intake point and series as an expediente number writes them: `C03A`."""
        return self.cabina + self.series

    def bounds(self, year: int) -> tuple[int, int]:
        """First and last sequence it grants for numbers of `year`; a later year begins again at 1."""
        return (self.first, self.last) if year <= self.year else (1, self.last - self.first + 1)


class Convenio(Message):
    """What the municipality and the partner agreed. `service_bearer` says who pays the cabin's service; trámites free by law name theirs."""

    what = "convenio"
    name: str  # as people call it: "Cabina 1"
    partner: str
    place: str = ""
    service_centimos: Annotated[Centimos, Field(ge=0)] = 400
    service_bearer: Literal["citizen", "municipality"] = "citizen"
    guarantee_centimos: Annotated[Centimos, Field(ge=0)] = 30_000
    warn_percent: int = 80
    tramites: tuple[str, ...] | None = None  # codes it may take; None: all whose channels include cabins


class HolidayRow(Message):
    what = "feriado"
    on: date
    name: str
    scope: str


class CalendarPart(Message):
    """A `core.workdays.Calendar` as it travels."""

    what = "calendario"
    version: str
    first_on: date
    last_on: date
    holidays: tuple[HolidayRow, ...]

    @classmethod
    def of(cls, calendar: Calendar) -> CalendarPart:
        rows = tuple(HolidayRow(on=row.on, name=row.name, scope=row.scope) for row in calendar.holidays)
        return cls(version=calendar.version, first_on=calendar.first_on, last_on=calendar.last_on, holidays=rows)

    def calendar(self) -> Calendar:
        holidays = tuple(Holiday(row.on, row.name, row.scope) for row in self.holidays)
        return Calendar(self.version, self.first_on, self.last_on, holidays)


class TupaVersion(Message):
    """`tramites` are rows of `intake.tramite.tramite_to_json`; pulled days ahead, in force from `valid_from` (Lima day)."""

    what = "tupa"
    version: str
    valid_from: date
    tramites: tuple[dict[str, Any], ...]


class Phones(Message):
    """Whom the operator of a cabin calls; "" where the municipality told nobody."""

    cac: str = ""
    treasury: str = ""
    support: str = ""


class Release(Message):
    """The version of the program that cabins should be: its name for people, and the whole hash of its commit."""

    name: str
    commit: Commit


class Catalogue(Message):
    """All a cabin needs to file alone. `version` changes with any part of it."""

    what = "catalogo"
    version: str
    cabina: CabinaCode
    municipality: str
    public_url: str
    demo: bool = False
    convenio: Convenio
    tupa: tuple[TupaVersion, ...]
    calendar: CalendarPart
    closing: time | None = None  # of `intake.clock.FilingHours`
    phones: Phones = Phones()
    release: Release | None = None

    def tupa_on(self, day: date) -> TupaVersion | None:
        """The version in force on a Lima day; None before the first."""
        return max(
            (version for version in self.tupa if version.valid_from <= day), key=lambda v: v.valid_from, default=None
        )


class Suspension(Message):
    what = "suspension"
    suspended: bool
    reason: str = ""
    at: AwareDatetime


class LedgerLine(Message):
    what = "asiento.linea"
    account: Account
    centimos: Centimos


class LedgerEntry(Message):
    """A ledger entry as it travels; `entry()` gives back the value, which refuses what does not balance."""

    what = "asiento"
    kind: EntryKind
    subject: str
    postings: tuple[LedgerLine, ...]
    undoes: str | None = None

    @classmethod
    def of(cls, entry: Entry) -> LedgerEntry:
        lines = tuple(LedgerLine(account=posting.account, centimos=posting.centimos) for posting in entry.postings)
        return cls(kind=entry.kind, subject=entry.subject, postings=lines, undoes=entry.undoes)

    def entry(self) -> Entry:
        return Entry(
            self.kind,
            self.subject,
            tuple(Posting(line.account, line.centimos) for line in self.postings),
            undoes=self.undoes,
        )


class ConfirmationKind:
    REMITTANCE_CONFIRMED = "remesa_confirmada"
    REMITTANCE_REJECTED = "remesa_rechazada"
    EXTORNO_CONFIRMED = "extorno_confirmado"
    EXTORNO_REJECTED = "extorno_rechazado"
    GUARANTEE_DEPOSITED = "garantia_depositada"
    GUARANTEE_EXECUTED = "garantia_ejecutada"
    GUARANTEE_RETURNED = "garantia_devuelta"
    FILING_REBUILT = "expediente_reconstruido"
    EVENT_SET_ASIDE = "hecho_apartado"


class EventName(Message):
    """Which event of a cabin is meant: the one in that place with that content."""

    what = "hecho.nombre"
    epoch: Sequence1
    seq: Sequence1
    payload_hash: Sha256

    @property
    def place(self) -> str:
        """As the subject of a word and of a ledger entry."""
        return f"{self.epoch}-{self.seq}-{self.payload_hash[:12]}"


class Confirmation(Message):
    """Treasury's word on money. `subject` is the id the cabin gave to the remittance or extorno (or the centre's own, for the guarantee).

    A filing that the centre registered from its paper, or from the later branch of a fork, is told so too: `subject` is its number and
    `filed` all of it, an ExpedienteFiled; `printed` the number on its paper, where that is another. The cabin takes the case and its
    charge unless it has them.

    An event in quarantine that moved money and that two people set aside is told so: `subject` is the place of `event`, `about` what it
    was in words, `ledger` its entry with the signs turned (None where the centre cannot read it). The cabin posts that entry when it is
    what undoes its own event's, nothing where it posted none, and its acceptance says which."""

    what = "confirmacion"
    id: str
    cabina: CabinaCode
    kind: Literal[
        "remesa_confirmada",
        "remesa_rechazada",
        "extorno_confirmado",
        "extorno_rechazado",
        "garantia_depositada",
        "garantia_ejecutada",
        "garantia_devuelta",
        "expediente_reconstruido",
        "hecho_apartado",
    ]
    subject: str
    centimos: Annotated[Centimos, Field(ge=0)]
    by: str
    at: AwareDatetime
    reason: str = ""
    filed: dict[str, Any] | None = None
    printed: str | None = None
    event: EventName | None = None
    about: str = ""
    ledger: LedgerEntry | None = None


class PhoneCodes(Message):
    """Hashes of the one-time codes of `core.phone`, of the slots from `first` on in one series epoch."""

    what = "codigos"
    cabina: CabinaCode
    epoch: Sequence1
    first: Sequence1
    hashes: Annotated[tuple[str, ...], Field(max_length=SLOTS_GIVEN)]


class RemittancePart(Message):
    what = "liquidacion.remesa"
    on: date
    reference: str
    centimos: Centimos
    state: str


class AsidePart(Message):
    """An event set aside, as its word names it. `centimos`: what it had moved."""

    what = "liquidacion.apartado"
    on: date
    about: str
    centimos: Centimos


class Liquidacion(Message):
    """A settlement as treasury closed it: numbered without gaps, the same for ever at both ends. `figures` are those of
    `core.settlement.Settlement` by their names."""

    what = "liquidacion"
    cabina: CabinaCode
    name: str
    municipality: str
    n: Sequence1
    from_on: date
    to_on: date
    figures: dict[str, Centimos]
    check_code: str
    remittances: Annotated[tuple[RemittancePart, ...], Field(max_length=MAX_REMITTANCES)] = ()
    asides: Annotated[tuple[AsidePart, ...], Field(max_length=MAX_REMITTANCES)] = ()  # said in the period
    by: str
    at: AwareDatetime

    @classmethod
    def of(cls, told: Settlement, **said: Any) -> Liquidacion:
        figures = {name: getattr(told, name) for name in (*ADDED, *STOOD)}
        plain = {name: getattr(told, name) for name in ("cabina", "n", "from_on", "to_on", "check_code")}
        return cls(**plain, figures=figures, **said)

    def settlement(self) -> Settlement:
        return Settlement(cabina=self.cabina, from_on=self.from_on, to_on=self.to_on, n=self.n, **self.figures)


class SeriesWritten(Message):
    """Some events of a series as the PC that asks wrote them: sequence and hash."""

    what = "serie_escrita"
    epoch: Sequence1
    events: Annotated[tuple[tuple[Sequence1, str], ...], Field(max_length=MAX_WRITTEN)]


class PairingRequest(Message):
    what = "emparejamiento"
    secret: str
    device_key: Key
    machine: str = ""  # SHA-256 of what identifies the PC
    version: str = ""
    nonce: str
    history: tuple[SeriesWritten, ...] = Field(default=(), max_length=MAX_WRITTEN)  # of earlier pairings, in its folder


class SeriesHeld(Message):
    """A series of the cabin as the centre holds it: all its events up to `held_seq`, signed by `device_key`."""

    what = "serie_retenida"
    epoch: Sequence1
    series: Series
    device_key: Key
    held_seq: int
    lease: Sealed[Lease] | None = None  # the last one granted; told at pairing


class PairingAnswer(Message):
    what = "emparejada"
    nonce: str
    cabina: CabinaCode
    centre_key: Key
    centre_epoch: int
    lease: Sealed[Lease]
    catalogue: Sealed[Catalogue]
    now: AwareDatetime
    tls_ca: str | None = None  # PEM of the centre's own authority, when it serves TLS by it
    series: tuple[SeriesHeld, ...] = ()  # what the cabin did before: it files nothing until it has that back
