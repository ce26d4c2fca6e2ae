"""What goes over the link: batches and their replies, history handed back, attachments in pieces."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from core.ids import random_token
from core.wire.granted import Catalogue, Confirmation, Lease, Liquidacion, PhoneCodes, SeriesHeld, Suspension
from core.wire.limits import (
    MAX_ATTACHMENT_BYTES,
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_CONFIRMATIONS,
    MAX_LOST,
    MAX_NEWS,
    MAX_PIECE_BYTES,
    MAX_SETTLEMENTS,
    CabinaCode,
    Key,
    Sequence1,
    Series,
    Sha256,
)
from core.wire.sealing import BadPayload, Message, Sealed, canonical
from core.wire.told import Event


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
