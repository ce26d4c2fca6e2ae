"""What a cabin and the centre say to each other: the only thing they share besides the rules. Pure: no I/O, no clock.

Everything travels as JSON over HTTP; every signature is Ed25519 over `canonical({"what": <name>, "body": <body>})`, so a
lease can never pass for a confirmation. A public key is its 32 raw bytes in base64url without padding. Instants are
ISO 8601 in UTC; money is integer céntimos; there are no floats. Unknown fields are kept, hashed and ignored.

**Pairing.** `POST /api/v1/cabinas/emparejamientos` (public, limited; needs `Idempotency-Key`), body `PairingRequest`: the secret
part of the one-time code, the device key made on the cabin, the machine's fingerprint. 201 with `Sealed[PairingAnswer]` signed by
the centre: its key, the lease, the catalogue. A person types `pairing_code(secret, centre_key)` = `K7Q4-M2XD-<12 characters of the
centre key's fingerprint>`; the cabin posts only the secret, and refuses an answer whose key has another fingerprint. The same
secret with the same device key gets the same answer again (a lost reply); with another key, 409 `cabina.codigo_usado`. An
unknown or expired secret: 404 `cabina.codigo_desconocido`.

**Batches.** `POST /api/v1/cabinas/{code}/lotes`, body `Sealed[Batch]` signed by the device key; 200 with `Sealed[BatchReply]` signed by
the centre. It carries events of one series epoch, oldest first, none at all when the cabin only asks for news (every
`POLL_S` at the latest). The batch is its own idempotency key: the same events again get the same answer, so no
`Idempotency-Key` is required. `nonce` comes back in the reply: an old reply is never taken for a new one.

- Batch signature false or key unknown: 401 `sync.firma_invalida`, nothing held. `cabina` unlike the path: 422. Too large: 413 `sync.lote_excedido`.
  A revoked or suspended device's batches are received and flagged, never refused.
- Each event of an authentic batch is *held*, keyed (cabina, epoch, seq). Same key and hash: already held. Same key, other
  hash: fork; nothing is overwritten, the epoch freezes and the reply says `frozen`. An event that does not verify (`check_event`)
  or whose payload cannot be applied is held in quarantine and named in `quarantined`; it blocks no later one.
- An event that does not chain to its held neighbours (`check_follows`) is quarantined and freezes the epoch, as a fork does: one key wrote
  two histories. A frozen epoch gets no lease; its cabin is paired again, with another key.
- `quarantined` names all that is still in quarantine of the cabin, of any epoch, oldest first, 100 at most.
- `last_seq` is the contiguous held sequence of the batch's epoch, quarantine included; the cabin goes on from it. A gap is not
  an error: what lies beyond it may be held, `last_seq` stays before it.
- `centre_epoch` unlike the one the cabin knew (the centre was restored): the cabin offers every epoch again from what `last_seq` says.
- `confirmations`: all whose acceptance event is not held yet, oldest first, `MAX_CONFIRMATIONS` at most. The cabin's
  acceptance is an event carrying the sealed confirmation, so a restored centre rebuilds it.
- `settlements`: those treasury closed whose acceptance is not held yet, by their numbers, as `confirmations` are.
- `lease`: a new one when the series is half spent or a day old, or with a new `epoch` and `series` when the centre opens one. `None`:
  keep what you have. A renewal keeps epoch and series and raises `last` and `valid_until`. `need` in the batch asks for one.
  The letters follow from the epoch: the n-th has the n-th of `core.ids.series_letters`. A renewal's `first` passes the highest number
  that the centre holds. A suspended, replaced or revoked device gets neither lease nor confirmations.
- `catalogue`: the whole of it when `catalogue_version` in the batch is not the current one. In it go whom the operator may call and the version
  of the program that the centre approved, by the hash of its commit: a till fetches no other.
- `suspension`: the word in force, always sent. A suspended cabin files nothing new and goes on sending.
- `verification`: whose keys sign receipts and which numbers are void, when `verification_version` in the batch is not the current one.
- `stationery`: the municipality's own words and logo for the cabin's papers, when `stationery_version` in the batch is not the current one; `logo`
  is then its picture, which must have the SHA-256 that the signed message names. A cabin that sends no `stationery_version` is told none. What a till
  cannot print it refuses whole: its papers stay as they were, the rest of the reply is taken, and its `alarms` say why.
- `series`: every series of the cabin that the centre knows, with how far it is held. A cabin that has less (its database was put
  back from a copy, or its PC is new) pulls the rest.
- `news`: what happened at the centre to the cabin's cases and bags after `news_after`, oldest first, `MAX_NEWS` at most; `news_last` is how far
  they go. Each is a `CureNews` or a `ValijaNews` by its `kind`; a till skips a kind it does not know, and one told again changes nothing. A
  cabin that sends no `news_after` is told none; one that sees a new `centre_epoch` begins again at 0.
- `machine` in the batch is the PC's fingerprint now. Unlike the one that was paired, the device is heard and gets neither lease nor
  confirmations until a person at the centre says that it is the same PC with another part.
- `lease` in the batch is the one its epoch was granted by. A centre restored from before that knows by its own signature whose events they
  are, though it has forgotten the device; a device it has forgotten is heard as a revoked one is, until it is paired again.
- A body may be sent with `Content-Encoding: gzip`; its limits are of the body unpacked.

**Pulling back.** `POST /api/v1/cabinas/{code}/recuperaciones`, body `Sealed[PullRequest]` signed by a device that is not revoked; 200 with
`Sealed[PullReply]`: the next events of an epoch after `after_seq` as they were received, those in quarantine too; none when the centre has no
more. It changes nothing.

**Attachments.** `POST /api/v1/cabinas/{code}/adjuntos`, body `Sealed[AttachmentPiece]`, 200 with `Sealed[AttachmentHeld]`: the bytes of an
announced file, in order and in pieces of `MAX_PIECE_BYTES` at most; an empty piece asks how far it is. `held` is where to go on from: a
piece that is held already, or lies beyond, changes nothing. A file is whole when its SHA-256 is the announced one; else it begins again
at 0. A file that no event of the cabin announced yet: 404 `sync.adjunto_no_anunciado`. Data go first: bytes wait until no event does.

**Numbers.** `Lease.bounds(year)`: in the lease's year first..last; in a later year the series begins at 1 and has as many numbers."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.ids import CROCKFORD, random_token
from core.ledger import Account, Entry, EntryKind, Posting
from core.phone import SLOTS_GIVEN
from core.settlement import ADDED, STOOD, Settlement
from core.workdays import Calendar, Holiday

SCHEMA = 1  # of payloads; a higher one is quarantined by a centre that does not know it
MAX_BATCH_EVENTS = 100  # in one batch
MAX_BATCH_BYTES = 1_000_000  # of a batch's canonical JSON
MAX_EVENT_BYTES = 64_000  # of one event's canonical JSON
MAX_CONFIRMATIONS = 100  # in one reply
MAX_ATTACHMENT_BYTES = 20_000_000  # of one attachment
MAX_PIECE_BYTES = 512_000  # of one piece of it
MAX_SETTLEMENTS = 12  # in one reply
MAX_REMITTANCES = 200  # listed in one settlement
MAX_VALIJA_ITEMS = 100  # cases of one bag
MAX_WRITTEN = 100  # events of a series, and series, that a pairing shows
MAX_LOST = 20  # losses told in a batch
MAX_NEWS = 50  # in one reply
POLL_S = 20  # an idle cabin asks for news this often
MAX_BACKOFF_S = 30  # between tries, whatever goes wrong
LEASE_NUMBERS = 500
LEASE_DAYS = 7
TRAINING_CABINA = "C00"  # what a till calls itself where people practise; no cabin of a centre has this code
GENESIS = "0" * 64  # prev_hash of an epoch's first event

FINGERPRINT_CHARS = 12  # 60 bits of the centre key's SHA-256, in the pairing code

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]  # of git, whole
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]
CabinaCode = Annotated[str, Field(pattern=r"^C[0-9]{2,3}$")]
Series = Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")]
Centimos = Annotated[int, Field(strict=True)]
Sequence1 = Annotated[int, Field(ge=1, strict=True)]


class WireError(ValueError):
    """What arrived is not what was signed, chained or agreed. `code` is stable; the event is quarantined under it."""

    code: ClassVar[str] = "sync.mensaje_invalido"


class BadSignature(WireError):
    code = "sync.firma_invalida"


class BadChain(WireError):
    code = "sync.cadena_rota"


class BadPayload(WireError):
    code = "sync.contenido_invalido"


class TooLarge(WireError):
    code = "sync.lote_excedido"


class BadPairingCode(WireError):
    code = "cabina.codigo_desconocido"


# --- canonical JSON, hashes, signatures


_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value: sorted keys, no spaces, UTF-8. Raises BadPayload on a float or a foreign type."""
    _refuse_floats(value)
    try:
        return _as_json(value).encode()
    except (TypeError, ValueError) as error:  # ValueError: a lone surrogate cannot be encoded
        raise BadPayload(str(error)) from error


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def new_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def public_text(key: Ed25519PrivateKey) -> str:
    return _b64(key.public_key().public_bytes_raw())


def sign(key: Ed25519PrivateKey, what: str, body: Any) -> str:
    return _b64(key.sign(canonical({"what": what, "body": body})))


def verify(public: str, what: str, body: Any, signature: str) -> None:
    """Raises BadSignature."""
    try:
        _public_key(public).verify(_unb64(signature), canonical({"what": what, "body": body}))
    except (InvalidSignature, ValueError) as error:
        raise BadSignature(f"la firma de «{what}» no corresponde") from error


@lru_cache(maxsize=64)
def _public_key(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_unb64(public))


def fingerprint(public: str) -> str:
    """What a person may compare of a key: 12 Crockford characters of its SHA-256."""
    number = int.from_bytes(hashlib.sha256(_unb64(public)).digest(), "big") >> (256 - 5 * FINGERPRINT_CHARS)
    return "".join(CROCKFORD[(number >> 5 * place) & 31] for place in reversed(range(FINGERPRINT_CHARS)))


def pairing_code(secret: str, centre_key: str) -> str:
    """What the person types at the cabin: the secret, then the centre key's fingerprint, in groups of four."""
    text = secret.replace("-", "") + fingerprint(centre_key)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def split_pairing_code(code: str) -> tuple[str, str]:
    """(secret, fingerprint) of what was typed, forgiving case, spaces, hyphens and O/I/L. Raises BadPairingCode."""
    text = code.upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))
    if len(text) <= FINGERPRINT_CHARS + 4 or set(text) - set(CROCKFORD):
        raise BadPairingCode("el código de emparejamiento está incompleto o mal escrito")
    return text[:-FINGERPRINT_CHARS], text[-FINGERPRINT_CHARS:]


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refuse_floats(value: Any) -> None:
    waiting = [
        value
    ]  # grows while it is walked: a batch has thousands of values, and a call for each would cost more than its JSON
    for item in waiting:
        kind = type(item)
        if kind is dict:
            waiting += item.values()
        elif kind is list or kind is tuple:
            waiting += item
        elif isinstance(item, float):
            raise BadPayload("no hay decimales en un mensaje: el dinero va en céntimos enteros")


class Message(BaseModel):
    """A body that is signed under the name `what`."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    what: ClassVar[str] = ""

    def plain(self) -> dict[str, Any]:
        """As it travels."""
        return self.model_dump(mode="json")


M = TypeVar("M", bound=Message)


class Sealed(BaseModel, Generic[M]):
    """A signed body, kept as it arrived: fields that this version does not know stay in it and stay signed."""

    model_config = ConfigDict(frozen=True)
    body: dict[str, Any]
    signature: Signature

    def plain(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def seal(key: Ed25519PrivateKey, message: M) -> Sealed[M]:
    body = message.plain()
    return Sealed[M](body=body, signature=sign(key, message.what, body))


def open_sealed(public: str, sealed: Sealed[M], kind: type[M]) -> M:
    """The message, once its signature holds. Raises BadSignature, BadPayload."""
    verify(public, kind.what, sealed.body, sealed.signature)
    return unsealed(sealed, kind)


def unsealed(sealed: Sealed[M], kind: type[M]) -> M:
    """The message of something verified before. Raises BadPayload."""
    try:
        return kind.model_validate(sealed.body)
    except ValidationError as error:
        raise BadPayload(f"{kind.what}: {_first_error(error)}") from error


def _first_error(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


# --- what the centre grants


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
    history: tuple[SeriesWritten, ...] = Field(
        default=(), max_length=MAX_WRITTEN
    )  # what its folder has of earlier pairings


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


# --- what the cabin tells


class Person(Message):
    what = "persona"
    document_type: str
    document_number: str
    name: str
    phone: str | None = None
    email: str | None = None
    address: str | None = None


class Charge(Message):
    what = "cargo"
    concept: Literal["derecho", "servicio_cabina", "redondeo"]
    centimos: Centimos  # redondeo is negative: the lines sum to the total


class PaymentPart(Message):
    """As `intake.fees.Payment`."""

    what = "pago"
    method: str
    state: Literal["pagado", "pendiente", "exonerado"]
    reference: str | None = None
    motivo: str | None = None


class Notice(Message):
    what = "aviso"
    code: str
    detail: str


class ObservedPart(Message):
    what = "observacion"
    missing: tuple[str, ...]
    due_on: date | None


class Fact(Message):
    """Of every payload. `at` is the cabin's clock; `clock_doubtful`: it was behind the highest time the cabin had seen."""

    v: int = SCHEMA
    at: AwareDatetime
    clock_doubtful: bool = False
    operator: str


class ExpedienteFiled(Fact):
    what = "expediente"
    kind: Literal["expediente"] = "expediente"
    id: str
    number: str
    track_key: str
    tramite: str
    tupa_version: str
    calendar_version: str
    lease_expired: bool = False
    state: Literal["recibido", "observado"]
    received_on: date
    clock_start_on: date | None
    due_on: date | None
    sap_on: date | None = None
    observed: ObservedPart | None = None
    applicant: Person
    representative: Person | None = None
    notify: dict[str, Any] | None = None
    subject: str
    sheets: int
    annexes: tuple[str, ...] = ()
    fee_variant: str | None = None
    quantity: int = 1
    related: str | None = None
    payment: PaymentPart | None = None
    charges: tuple[Charge, ...]
    total_centimos: Annotated[Centimos, Field(ge=0)]
    cabin_borne_centimos: Centimos = 0  # the cabin's service, when the municipality bears it
    warnings: tuple[Notice, ...] = ()
    ledger: LedgerEntry | None = None


class RemittanceDeclared(Fact):
    what = "remesa"
    kind: Literal["remesa_declarada"] = "remesa_declarada"
    id: str
    centimos: Annotated[Centimos, Field(gt=0)]
    reference: str
    slot: int | None = None  # of `core.phone`, in the epoch of its event
    ledger: LedgerEntry


class RemittanceByCode(Fact):
    """The cabin was read the code of a remittance's slot: its own ledger took it as confirmed. Treasury's signed word replaces it."""

    what = "remesa.codigo"
    kind: Literal["remesa_por_codigo"] = "remesa_por_codigo"
    id: str
    slot: Sequence1
    code: str
    centimos: Annotated[Centimos, Field(gt=0)]
    ledger: LedgerEntry


class ExtornoDeclared(Fact):
    what = "extorno"
    kind: Literal["extorno_declarado"] = "extorno_declarado"
    id: str
    number: str
    centimos: Annotated[Centimos, Field(ge=0)]
    motivo: str
    ledger: LedgerEntry


class OwnCashMoved(Fact):
    """The partner put in the drawer, or took out of it, what is its own: coins for change, its service. Never municipal."""

    what = "efectivo_propio"
    kind: Literal["efectivo_propio"] = "efectivo_propio"
    id: str
    move: Literal["fondo_de_cambio_puesto", "fondo_de_cambio_retirado", "servicio_retirado"]
    centimos: Annotated[Centimos, Field(gt=0)]
    ledger: LedgerEntry


class ShiftBegun(Fact):
    """`operator` answers for the drawer from this blind count on, until the next shift or the Z. `handed_by` gave it over; empty
    when nobody had it."""

    what = "turno"
    kind: Literal["turno"] = "turno"
    id: str
    handed_by: str = ""
    counts: dict[str, int]  # value in céntimos -> how many
    expected_centimos: Centimos
    counted_centimos: Centimos
    difference_centimos: Centimos
    fund_centimos: Centimos  # of it, the partner's own to give change with
    ledger: LedgerEntry | None = None


class ShiftPart(Message):
    """What one operator did between two counts of the drawer. `operator` empty: nobody had opened a shift."""

    what = "turno.parte"
    operator: str
    begun_at: AwareDatetime
    ended_at: AwareDatetime
    filings: Annotated[int, Field(ge=0)]
    municipal_centimos: Centimos  # charged in cash, less its rounding
    service_centimos: Centimos
    remitted_centimos: Centimos
    returned_centimos: Centimos  # by extornos declared
    own_centimos: Centimos  # put (+) or taken (-) by the partner
    undone_centimos: Centimos = 0  # what the centre set aside and the drawer answers for no more (-), or again (+)
    difference_centimos: Centimos  # what the count at its end had over (+) or lacked (-)


class DayClosed(Fact):
    what = "cierre"
    kind: Literal["cierre_z"] = "cierre_z"
    z: Sequence1
    counts: dict[str, int]  # value in céntimos -> how many
    expected_centimos: Centimos
    counted_centimos: Centimos
    difference_centimos: Centimos
    municipal_held_centimos: Centimos
    first_seq: int | None  # of the events since the close before; None when there were none
    last_seq: int | None
    prev_hash: Sha256  # of the close before; GENESIS for the first
    hash: Sha256
    fund_centimos: Centimos = 0  # of what should be there, the partner's own to give change with
    shifts: tuple[ShiftPart, ...] = ()  # since the close before, oldest first
    ledger: LedgerEntry | None = None


def z_hash(fact: DayClosed, *, epoch: int, last_event_hash: str) -> str:
    """What a close's `hash` must be: over its figures, the close before it and the event before it, which its own header names."""
    body = {
        "z": fact.z,
        "prev_hash": fact.prev_hash,
        "epoch": epoch,
        "first_seq": fact.first_seq,
        "last_seq": fact.last_seq,
        "last_event_hash": last_event_hash,
        "counts": fact.counts,
        "expected_centimos": fact.expected_centimos,
        "counted_centimos": fact.counted_centimos,
        "municipal_held_centimos": fact.municipal_held_centimos,
        "fund_centimos": fact.fund_centimos,
        "shifts": [shift.plain() for shift in fact.shifts],
    }
    return sha256(canonical(body))


class ConfirmationAccepted(Fact):
    what = "aceptacion"
    kind: Literal["confirmacion_aceptada"] = "confirmacion_aceptada"
    confirmation: Sealed[Confirmation]
    ledger: LedgerEntry | None = None


class LiquidacionAccepted(Fact):
    """The cabin has a closed settlement, and what its own ledger gives for it."""

    what = "liquidacion_aceptada"
    kind: Literal["liquidacion_aceptada"] = "liquidacion_aceptada"
    liquidacion: Sealed[Liquidacion]
    own_check: str


class AttachmentAnnounced(Fact):
    """The data follow by their hash; a case with bytes missing shows "adjunto en camino"."""

    what = "adjunto"
    kind: Literal["adjunto"] = "adjunto"
    id: str
    number: str
    name: str
    sheets: Annotated[int, Field(ge=0)] = 0  # folios it adds to the case: 0 for the scan of a paper already counted
    media_type: str
    sha256: Sha256
    bytes: Annotated[int, Field(gt=0, le=MAX_ATTACHMENT_BYTES)]


class ObservationCured(Fact):
    """What was missing was brought. The dates are those the paper told; null while something lacks or the till could not tell."""

    what = "subsanacion"
    kind: Literal["subsanacion"] = "subsanacion"
    id: str
    number: str
    presented: Annotated[tuple[str, ...], Field(min_length=1)]  # requisito codes
    missing: tuple[str, ...] = ()  # what lacks still
    sheets: Annotated[int, Field(ge=0)]
    clock_start_on: date | None = None
    due_on: date | None = None
    sap_on: date | None = None


class ValijaPart(Message):
    what = "valija.parte"
    number: str
    folios: Annotated[int, Field(ge=0)]


class ValijaSent(Fact):
    """A bag of paper originals leaves the cabin. `seal` is the number on its strap."""

    what = "valija"
    kind: Literal["valija"] = "valija"
    id: str
    code: Annotated[str, Field(pattern=r"^V-C[0-9]{2,3}[A-Z]{1,2}-[0-9]{4,6}$")]
    seal: Annotated[str, Field(max_length=60)] = ""
    carried_by: Annotated[str, Field(max_length=120)] = ""
    items: Annotated[tuple[ValijaPart, ...], Field(min_length=1, max_length=MAX_VALIJA_ITEMS)]


Payload = Annotated[
    ExpedienteFiled
    | RemittanceDeclared
    | RemittanceByCode
    | ExtornoDeclared
    | OwnCashMoved
    | ShiftBegun
    | DayClosed
    | ConfirmationAccepted
    | LiquidacionAccepted
    | AttachmentAnnounced
    | ObservationCured
    | ValijaSent,
    Field(discriminator="kind"),
]
_payload: TypeAdapter[Payload] = TypeAdapter(Payload)


class EventHeader(Message):
    """What the device signs of an event; its `hash` is what the next one chains to."""

    what = "evento"
    cabina: CabinaCode
    epoch: Sequence1
    seq: Sequence1
    prev_hash: Sha256
    payload_hash: Sha256

    @cached_property
    def hash(self) -> str:
        return sha256(canonical(self.plain()))


class Event(BaseModel):
    """`payload` stays as it was written: it is hashed, not its reading."""

    model_config = ConfigDict(frozen=True)
    header: EventHeader
    payload: dict[str, Any]
    signature: Signature

    @property
    def hash(self) -> str:
        return self.header.hash

    def plain(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def make_event(key: Ed25519PrivateKey, lease: Lease, *, seq: int, prev_hash: str, payload: Fact) -> Event:
    """Raises TooLarge: the caller must not have promised anything yet."""
    body = payload.plain()
    data = canonical(body)
    if len(data) > MAX_EVENT_BYTES - 1_000:
        raise TooLarge(f"{len(data)} bytes en un solo hecho")
    header = EventHeader(
        cabina=lease.cabina, epoch=lease.epoch, seq=seq, prev_hash=prev_hash, payload_hash=sha256(data)
    )
    return Event(header=header, payload=body, signature=sign(key, EventHeader.what, header.plain()))


def check_event(event: Event, *, device_key: str) -> None:
    """Signature and payload hash. Raises BadSignature, BadPayload. The chain is `check_follows`."""
    verify(device_key, EventHeader.what, event.header.plain(), event.signature)
    if sha256(canonical(event.payload)) != event.header.payload_hash:
        raise BadPayload("el contenido no es el que se firmó")


def check_follows(event: Event, prev_hash: str) -> None:
    """Raises BadChain unless `event` chains to the hash of the event before it (GENESIS for the first)."""
    if event.header.prev_hash != prev_hash:
        raise BadChain(f"el hecho {event.header.seq} no sigue al anterior")


def parse_payload(payload: dict[str, Any]) -> Payload:
    """Raises BadPayload on an unknown kind or version, or a field of the wrong type."""
    if payload.get("v") != SCHEMA:
        raise BadPayload(f"versión de contenido desconocida: {payload.get('v')!r}")
    try:
        return _payload.validate_python(payload, strict=False)
    except ValidationError as error:
        raise BadPayload(_first_error(error)) from error


def filed_in(word: Confirmation) -> ExpedienteFiled:
    """The filing that a word of FILING_REBUILT tells. Raises BadPayload."""
    fact = parse_payload(word.filed or {})
    if not isinstance(fact, ExpedienteFiled) or fact.number != word.subject:
        raise BadPayload(f"la palabra no trae el expediente {word.subject}")
    return fact


class Lost(Message):
    """Events of a series that its PC wrote and lost before they were sent. `open`, in a reply: how many of them nobody has
    accounted for yet."""

    what = "perdidos"
    epoch: Sequence1
    first: Sequence1
    last: Sequence1
    open: Annotated[int, Field(ge=0)] = 0


def lost_range(first: int, last: int) -> str:
    """ "se perdieron los hechos 2 a 4"."""
    return f"se perdió el hecho {first}" if first == last else f"se perdieron los hechos {first} a {last}"


class Batch(Message):
    what = "lote"
    cabina: CabinaCode
    nonce: str
    sent_at: AwareDatetime  # the cabin's clock
    centre_epoch: int  # the one it knew
    epoch: Sequence1  # of every event in it
    events: tuple[Event, ...] = Field(default=(), max_length=MAX_BATCH_EVENTS)
    catalogue_version: str = ""
    lease_last: int = 0
    codes_epoch: int = 0  # of the slots it lacks, none when 0
    codes_first: int = 0
    high_sequence: int = 0  # last number issued in the epoch, in `high_year`
    high_year: int = 0
    need: Literal["", "renovar", "nueva_serie"] = ""
    need_reason: str = ""
    version: str = ""
    pending: int = 0  # events not yet held by the centre, these included
    municipal_held_centimos: int = 0
    verification_version: str = ""
    stationery_version: str | None = None  # None: it knows of none
    alarms: tuple[str, ...] = ()
    news_after: int = -1  # of the centre's news it has read so far; -1: it knows of none
    machine: str = ""  # SHA-256 of what identifies the PC; "" where it has no name
    lease: Sealed[Lease] | None = (
        None  # of its epoch: by it a centre restored from before knows whose key signed the events
    )
    asked_seq: int = 0  # the last event of a batch whose answer was lost, before sending it again; 0: nothing is asked
    asked_hash: str = ""
    lost: tuple[Lost, ...] = Field(default=(), max_length=MAX_LOST)


class Quarantined(Message):
    what = "cuarentena"
    epoch: int
    seq: int
    code: str
    detail: str = ""


class Frozen(Message):
    what = "congelada"
    epoch: int
    seq: int
    reason: str
    hash: str = ""  # of the event that is held in that place


class SeriesKey(Message):
    """Whose signature the receipts of a series bear. `until`: the PC was trusted no more from then on."""

    what = "serie.clave"
    cabina: CabinaCode
    series: Series
    key: Key
    until: AwareDatetime | None = None


class Verification(Message):
    """By what any cabin tells a true receipt from a false one, and a void one. `version` changes with any part of it."""

    what = "verificacion"
    version: str
    keys: tuple[SeriesKey, ...]
    voided: tuple[str, ...]  # numbers


class Stationery(Message):
    """What a municipality puts of its own on the papers of its cabins: sentences, by paper and by name, and a logo, known by its
    SHA-256 ("" for none). `version` changes with any part of it."""

    what = "papeleria"
    version: str
    texts: dict[str, dict[str, str]]
    logo: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class CureNews(Message):
    """What the centre took of what a case lacked. `id` is of the cabin's own event, "" when it was brought to the centre.
    `outcome` of the cabin's own: taken, or one more paper because it came too late or was cured before."""

    what = "novedad.subsanacion"
    kind: Literal["subsanacion"] = "subsanacion"
    number: str
    id: str = ""
    at: AwareDatetime
    presented: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # what lacks still
    outcome: Literal["recibida", "tarde", "ya_subsanado"] = "recibida"
    due_on: date | None = None


class ValijaNews(Message):
    """How a bag stands at the centre. `missing`, once it is `closed_at`: what was not in it and has not come since."""

    what = "novedad.valija"
    kind: Literal["valija"] = "valija"
    code: str
    cases: int
    received: int
    missing: tuple[str, ...] = ()
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    told_at: AwareDatetime


News = Annotated[CureNews | ValijaNews, Field(discriminator="kind")]
_news: TypeAdapter[CureNews | ValijaNews] = TypeAdapter(News)


def parse_news(body: dict[str, Any]) -> CureNews | ValijaNews | None:
    """None for what this version does not know."""
    try:
        return _news.validate_python(body)
    except ValidationError:
        return None


class BatchReply(Message):
    what = "respuesta"
    nonce: str
    now: AwareDatetime  # the centre's clock when it answered
    centre_epoch: int
    epoch: int
    last_seq: int
    quarantined: tuple[Quarantined, ...] = ()
    frozen: Frozen | None = None
    lease: Sealed[Lease] | None = None
    catalogue: Sealed[Catalogue] | None = None
    suspension: Sealed[Suspension] | None = None
    codes: Sealed[PhoneCodes] | None = None  # what `codes_first` asked for
    verification: Sealed[Verification] | None = None
    stationery: Sealed[Stationery] | None = None
    logo: str = ""  # of the stationery: its picture in base64
    confirmations: tuple[Sealed[Confirmation], ...] = Field(default=(), max_length=MAX_CONFIRMATIONS)
    settlements: tuple[Sealed[Liquidacion], ...] = Field(default=(), max_length=MAX_SETTLEMENTS)
    series: tuple[SeriesHeld, ...] = ()
    news: tuple[dict[str, Any], ...] = Field(default=(), max_length=MAX_NEWS)
    news_last: int = 0
    asked_held: bool = False  # the event asked about is held, with that hash: so is the whole history before it
    lost: tuple[Lost, ...] = ()  # when the batch told of some: all the cabin ever told


class PullRequest(Message):
    """What a cabin asks back of its own history."""

    what = "recuperacion"
    cabina: CabinaCode
    nonce: str
    epoch: Sequence1
    after_seq: Annotated[int, Field(ge=0, strict=True)]


class PullReply(Message):
    what = "recuperada"
    nonce: str
    epoch: int
    events: tuple[Event, ...] = Field(default=(), max_length=MAX_BATCH_EVENTS)


class AttachmentPiece(Message):
    """`data` is base64; empty only asks."""

    what = "adjunto.parte"
    cabina: CabinaCode
    nonce: str
    sha256: Sha256
    offset: Annotated[int, Field(ge=0, le=MAX_ATTACHMENT_BYTES)]
    data: Annotated[str, Field(max_length=MAX_PIECE_BYTES * 4 // 3 + 4)] = ""

    @classmethod
    def of(cls, cabina: str, *, sha256: str, offset: int, piece: bytes) -> AttachmentPiece:
        data = base64.b64encode(piece).decode()
        return cls(cabina=cabina, nonce=random_token(), sha256=sha256, offset=offset, data=data)

    @property
    def piece(self) -> bytes:
        """Raises BadPayload."""
        try:
            return base64.b64decode(self.data, validate=True)
        except ValueError as error:
            raise BadPayload("la parte de un adjunto no está en base64") from error


class AttachmentHeld(Message):
    """How many bytes the centre has of a file; `whole`: all of them, and their hash is right."""

    what = "adjunto.recibido"
    nonce: str
    sha256: Sha256
    held: Annotated[int, Field(ge=0)]
    whole: bool


def cut_batch(events: Sequence[Event]) -> tuple[Event, ...]:
    """The longest beginning of `events` that keeps both limits; at least one of a non-empty sequence."""
    total, taken = 0, 0
    for event in events[:MAX_BATCH_EVENTS]:
        total += len(canonical(event.plain())) + 1
        if taken and total > MAX_BATCH_BYTES - 4_000:
            break
        taken += 1
    return tuple(events[:taken])


def clock_offset_s(*, sent_at: datetime, received_at: datetime, centre_now: datetime) -> int:
    """Seconds the cabin's clock is ahead of the centre's (negative: behind), by the middle of the exchange."""
    middle = sent_at + (received_at - sent_at) / 2
    return round((middle - centre_now).total_seconds())
