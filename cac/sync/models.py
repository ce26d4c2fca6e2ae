"""Cabins, their devices and series, and the inbox that keeps every event for ever.

What the centre was told (`inbox_event`) and what came of it (cases, postings, `quarantined_event`) are apart: the first is
never touched again, the second can be made anew from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only


class CentreEpoch(Base):
    """A life of the centre's database: a restore begins a new one, and every cabin offers its events again."""

    __tablename__ = "centre_epoch"

    id: Mapped[Id]  # the epoch
    opened_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))


class Cabina(Base):
    """A partner's internet cabin and its convenio."""

    __tablename__ = "cabina"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(4), unique=True)  # C01
    name: Mapped[str] = mapped_column(String(120))
    partner: Mapped[str] = mapped_column(String(160))
    ruc: Mapped[str] = mapped_column(String(11))
    contact: Mapped[str] = mapped_column(String(200))  # whom to call, and where
    place: Mapped[str] = mapped_column(String(200))
    hours: Mapped[str] = mapped_column(String(200))
    service_centimos: Mapped[int]  # the cabin's own service
    service_bearer: Mapped[str] = mapped_column(String(20))  # citizen | municipality
    guarantee_centimos: Mapped[int]  # municipal cash may not pass it
    warn_percent: Mapped[int]
    tramites: Mapped[list[str] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # codes; null: all whose channels include cabins
    created_at: Mapped[datetime]
    caught_up_at: Mapped[datetime | None]  # when it last had nothing left to send


class CabinSupport(Base):
    """One row: what every cabin is told besides its convenio. Whom its operator calls, and the version of the program it should be."""

    __tablename__ = "cabin_support"

    id: Mapped[Id]
    cac: Mapped[str] = mapped_column(String(40))  # telephones; "" for none
    treasury: Mapped[str] = mapped_column(String(40))
    support: Mapped[str] = mapped_column(String(40))
    release: Mapped[str] = mapped_column(String(40))  # its name; "" when none was approved
    release_commit: Mapped[str] = mapped_column(String(64))


class CabinDocument(Base):
    """A paper of the convenio: the signed agreement, the receipt of its guarantee. The file is known by its hash."""

    __tablename__ = "cabin_document"

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    bytes: Mapped[int]
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]


class PairingCode(Base):
    """A one-time code. Its secret is typed at the cabin; here only its hash."""

    __tablename__ = "pairing_code"

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    valid_until: Mapped[datetime]
    created_at: Mapped[datetime]
    device_id: Mapped[int | None] = mapped_column(ForeignKey("cabin_device.id"))  # who used it


class CabinDevice(Base):
    """A PC of a cabin by its key, and what it last told of itself. A cabin has one that is not revoked."""

    __tablename__ = "cabin_device"

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    public_key: Mapped[str] = mapped_column(String(43), unique=True)
    machine: Mapped[str] = mapped_column(String(64))  # its fingerprint; "" where it has none
    other_machine: Mapped[str] = mapped_column(String(64), default="")  # what it shows now, unlike the paired one
    version: Mapped[str] = mapped_column(String(40))
    paired_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime | None]
    clock_offset_s: Mapped[int | None]  # its clock ahead of ours, by its last batch
    pending: Mapped[int | None]  # events it had not sent yet
    municipal_held_centimos: Mapped[int | None]  # as it counts
    alarms: Mapped[list[str]] = mapped_column(JSON)  # in its words


class CabinSeries(Base):
    """A series epoch: one device, one series of letters that no other epoch of the cabin ever has."""

    __tablename__ = "cabin_series"
    __table_args__ = (UniqueConstraint("cabina_id", "epoch"), UniqueConstraint("cabina_id", "series"))

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("cabin_device.id"))
    epoch: Mapped[int]
    series: Mapped[str] = mapped_column(String(3))
    centre_epoch: Mapped[int]  # the one it was opened in
    opened_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    year: Mapped[int]  # the lease in force: numbers of that year from `first` to `last`
    first: Mapped[int]
    last: Mapped[int]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    held_seq: Mapped[int]  # every event from 1 to here is held, and applied or in quarantine
    high_year: Mapped[int]  # the highest number among them
    high_sequence: Mapped[int]
    frozen_at: Mapped[datetime | None]
    frozen_seq: Mapped[int | None]
    frozen_why: Mapped[str | None] = mapped_column(String(200))


class CabinLease(Base):
    """Each lease ever granted, as it was signed."""

    __tablename__ = "cabin_lease"

    id: Mapped[Id]
    series_id: Mapped[int] = mapped_column(ForeignKey("cabin_series.id"), index=True)
    granted_at: Mapped[datetime]
    sealed: Mapped[str] = mapped_column(Text)


class InboxEvent(Base):
    """An event as it arrived. `flag` says what was wrong with its sender then: suspendida, revocada, vencida."""

    __tablename__ = "inbox_event"
    __table_args__ = (UniqueConstraint("cabina_id", "epoch", "seq"),)

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    epoch: Mapped[int]
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    prev_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(30))
    event: Mapped[str] = mapped_column(Text)  # canonical JSON
    flag: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime]


class InboxFork(Base):
    """An event that claims the place of one already held: evidence, never applied as it came. A person settles it: its filing is
    registered under another number, or it is set aside."""

    __tablename__ = "inbox_fork"
    __table_args__ = (UniqueConstraint("cabina_id", "epoch", "seq", "hash"),)

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    epoch: Mapped[int]
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(120))
    settled_how: Mapped[str | None] = mapped_column(String(300))


class QuarantinedEvent(Base):
    """An event held and not applied, until a person settles it. `number` and `track_key` are what it claims."""

    __tablename__ = "quarantined_event"

    event_id: Mapped[int] = mapped_column(ForeignKey("inbox_event.id"), primary_key=True)
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    detail: Mapped[str] = mapped_column(String(300))
    number: Mapped[str | None] = mapped_column(String(40), index=True)
    track_key: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(120))
    settled_how: Mapped[str | None] = mapped_column(String(300))


class AsideOrder(Base):
    """Somebody of treasury asks to set an event aside: it stays in the inbox and is never applied. Money needs a second person."""

    __tablename__ = "aside_order"

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    place: Mapped[str] = mapped_column(String(12))  # hechos: quarantine | bifurcados: a fork | perdidos: a loss
    event_id: Mapped[int]  # of that place
    motivo: Mapped[str] = mapped_column(String(300))
    asked_by: Mapped[str] = mapped_column(String(120))
    asker: Mapped[str] = mapped_column(String(40))  # Principal.key
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    approved: Mapped[bool | None]


class RebuiltFiling(Base):
    """A filing registered from its receipt, its event being lost, or from the later branch of a fork. `paper` is the SHA-256 of
    what the receipt's signature covers: one paper is one case. `event_id` is the filing's own event, once it arrives."""

    __tablename__ = "rebuilt_filing"

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    paper: Mapped[str] = mapped_column(String(64), unique=True)
    printed: Mapped[str] = mapped_column(String(32))  # the number on the paper
    number: Mapped[str] = mapped_column(String(32), unique=True)  # the case's: another where that one was taken
    cause: Mapped[str] = mapped_column(String(20))  # recibo | bifurcacion
    fact: Mapped[str] = mapped_column(Text)  # the filing as the cabin is told it
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("inbox_event.id"))
    arrived_at: Mapped[datetime | None]
    differs: Mapped[str | None] = mapped_column(String(300))  # what the event says otherwise


class LostEvents(Base):
    """Events that the cabin's own mark tells of and that neither its PC nor the centre has. `settled_*`: what no paper accounts for,
    as two people of treasury settled it."""

    __tablename__ = "lost_events"
    __table_args__ = (UniqueConstraint("cabina_id", "epoch", "last_seq"),)

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    epoch: Mapped[int]
    first_seq: Mapped[int]
    last_seq: Mapped[int]
    told_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(120))
    settled_how: Mapped[str | None] = mapped_column(String(300))


class CabinSuspension(Base):
    """Each word on whether the cabin may file; the last one is in force."""

    __tablename__ = "cabin_suspension"
    __table_args__ = (CheckConstraint("reason <> '' OR NOT suspended", name="reason"),)

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    suspended: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))


append_only(CentreEpoch.__table__)
append_only(CabinDocument.__table__)
append_only(CabinLease.__table__)
append_only(InboxEvent.__table__)
append_only(InboxFork.__table__, set_once=("settled_at", "settled_by", "settled_how"))
append_only(AsideOrder.__table__, set_once=("decided_at", "decided_by", "approved"))
append_only(RebuiltFiling.__table__, set_once=("event_id", "arrived_at", "differs"))
append_only(LostEvents.__table__, set_once=("settled_at", "settled_by", "settled_how"))
append_only(CabinSuspension.__table__)
