"""Tables of appointments. A cita holds one seat of a slot; what happened to it is appended to cita_move."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only

HOLDS_SEAT = text("state IN ('reservada', 'presentada')")
TO_COME = text("state = 'reservada'")


class Agenda(Base):
    """What a sala gives from a distance: its slots, and turns to phones. Without one it gives nothing."""

    __tablename__ = "agenda"

    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"), primary_key=True)
    slot_minutes: Mapped[int] = mapped_column(default=20)
    from_hour: Mapped[str] = mapped_column(String(5), default="08:00")  # Lima; within the sala's own hours
    until_hour: Mapped[str] = mapped_column(String(5), default="16:00")
    days_ahead: Mapped[int] = mapped_column(default=14)
    early_minutes: Mapped[int] = mapped_column(default=60)  # how long before its hour a cita may check in
    citas_per_phone: Mapped[int] = mapped_column(default=2)  # to come at once
    phone_turns: Mapped[bool] = mapped_column(
        default=True
    )  # whether phones may take a ticket; how many is a limit of the sala


class AgendaService(Base):
    """A service that takes appointments, and how many in each slot."""

    __tablename__ = "agenda_service"

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    capacity: Mapped[int]


class AgendaException(Base):
    """A day with another capacity: 0, nobody. `service_id` null: every service of the sala."""

    __tablename__ = "agenda_exception"
    __table_args__ = (Index("ix_agenda_exception_day", "sala_id", "day"),)

    id: Mapped[Id]
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"))
    day: Mapped[date]
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    capacity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(120))


class Cita(Base):
    """One seat of a slot, kept for whoever has its code. No name, no document: who comes with the code is who booked."""

    __tablename__ = "cita"
    __table_args__ = (
        UniqueConstraint("token"),
        # whatever two callers do at once, a seat is sold once
        Index(
            "uq_cita_seat",
            "service_id",
            "slot_at",
            "seat",
            unique=True,
            sqlite_where=HOLDS_SEAT,
            postgresql_where=HOLDS_SEAT,
        ),
        Index("uq_cita_code", "code", unique=True, sqlite_where=TO_COME, postgresql_where=TO_COME),
        Index("ix_cita_day", "sala_id", "slot_at"),
        Index("ix_cita_phone", "phone_mark", sqlite_where=TO_COME, postgresql_where=TO_COME),
    )

    id: Mapped[Id]
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    slot_at: Mapped[datetime]
    seat: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    state_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(8), index=True)  # eight digits, typed at the kiosk
    token: Mapped[str] = mapped_column(String(64))  # of its page
    channel: Mapped[str] = mapped_column(String(12))
    preferente: Mapped[bool]
    phone_mark: Mapped[str | None] = mapped_column(String(64))  # for the limit only; forgotten when the cita is over
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))


class CitaMove(Base):
    __tablename__ = "cita_move"

    id: Mapped[Id]
    cita_id: Mapped[int] = mapped_column(ForeignKey("cita.id"), index=True)
    move: Mapped[str] = mapped_column(String(20))
    slot_at: Mapped[datetime]
    principal: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime]


class Aviso(Base):
    """A notice to be sent: queued, never said to be sent before somebody answers for it. The address is forgotten at its end."""

    __tablename__ = "aviso"
    __table_args__ = (Index("ix_aviso_due", "state", "due_at"),)

    id: Mapped[Id]
    cita_id: Mapped[int] = mapped_column(ForeignKey("cita.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(80))
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    state_at: Mapped[datetime]


class PhoneTurn(Base):
    """That a phone took a ticket, for the limit of an hour; which ticket is not kept, and the row is gone soon after."""

    __tablename__ = "phone_turn"
    __table_args__ = (Index("ix_phone_turn_mark", "phone_mark", "at"),)

    id: Mapped[Id]
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"))
    phone_mark: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


append_only(CitaMove.__table__)
