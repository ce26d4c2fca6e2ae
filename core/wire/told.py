"""What the cabin tells: facts, each a signed event that follows the one before."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.wire.granted import Confirmation, Lease, LedgerEntry, Liquidacion
from core.wire.limits import (
    MAX_ATTACHMENT_BYTES,
    MAX_EVENT_BYTES,
    MAX_VALIJA_ITEMS,
    SCHEMA,
    CabinaCode,
    Centimos,
    Sequence1,
    Sha256,
    Signature,
)
from core.wire.sealing import (
    BadChain,
    BadPayload,
    Message,
    Sealed,
    TooLarge,
    _first_error,
    canonical,
    sha256,
    sign,
    verify,
)


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
