"""Tables of the queue. What happened is appended to ticket_move, ventanilla_move and llamado; ticket and ventanilla keep where things stand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only
from ticketing.rules import DEFAULT

WAITS = text("state = 'en_espera'")
RESERVED = text("state = 'en_espera' AND only_ventanilla_id IS NOT NULL")
OPEN_TURN = text("state IN ('llamado', 'en_atencion')")
HELD = text("state = 'en_pausa'")
UNFINISHED = text("state IN ('en_espera', 'llamado', 'en_atencion', 'en_pausa', 'ausente')")


class Site(Base):
    """A building with its own series of tickets."""

    __tablename__ = "site"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))  # first line of the ticket: the municipality
    office: Mapped[str] = mapped_column(String(120))  # second line


class Sala(Base):
    """A waiting room with its screens. Its row is locked by each call, and counts the calls."""

    __tablename__ = "sala"

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    timetable: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # null: open day and night
    policy: Mapped[dict[str, Any]] = mapped_column(JSON, default=DEFAULT.as_json)  # ticketing.rules.Policy
    preferente_series: Mapped[str | None] = mapped_column(String(3))  # null: a preferente stays in its service's series
    recalls: Mapped[int] = mapped_column(default=3)  # calls before "ausente" is the thing to press
    return_minutes: Mapped[int] = mapped_column(default=30)  # an absent person may come back for so long
    alert_minutes: Mapped[int] = mapped_column(default=60)  # a longer wait is told to the supervisor
    alert_waiting: Mapped[int] = mapped_column(default=40)  # so are more people waiting
    tickets_per_phone: Mapped[int] = mapped_column(default=3)  # an hour
    # what people read; empty: the software's own words
    kiosk_welcome: Mapped[str] = mapped_column(String(80), default="")
    closed_message: Mapped[str] = mapped_column(String(120), default="")
    ticket_foot: Mapped[str] = mapped_column(String(120), default="")
    kiosk_languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["es", "qu", "en"])
    last_seq: Mapped[int] = mapped_column(default=0)


class Service(Base):
    """What a citizen queues for. `code` is its letter, unique in the site."""

    __tablename__ = "service"
    __table_args__ = (UniqueConstraint("site_id", "code"),)

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"), index=True)
    code: Mapped[str] = mapped_column(String(3))
    name: Mapped[str] = mapped_column(String(60))
    example: Mapped[str] = mapped_column(String(120))
    icon: Mapped[str] = mapped_column(String(40))
    group_name: Mapped[str] = mapped_column(String(40), default="")  # services of one group stand together at the kiosk
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class Ventanilla(Base):
    __tablename__ = "ventanilla"
    __table_args__ = (UniqueConstraint("sala_id", "number"),)

    id: Mapped[Id]
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))  # cerrada | abierta | en_pausa
    attends: Mapped[str] = mapped_column(String(20))
    since_general: Mapped[int] = mapped_column(default=0)  # preferentes it called in a row
    clerk: Mapped[str | None] = mapped_column(String(40))  # Principal.key
    clerk_name: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(String(120))  # of the pause
    state_at: Mapped[datetime]


class VentanillaService(Base):
    """Which services a ventanilla attends, its own first."""

    __tablename__ = "ventanilla_service"

    ventanilla_id: Mapped[int] = mapped_column(ForeignKey("ventanilla.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    position: Mapped[int]


class VentanillaMove(Base):
    __tablename__ = "ventanilla_move"

    id: Mapped[Id]
    ventanilla_id: Mapped[int] = mapped_column(ForeignKey("ventanilla.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    attends: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(120))
    principal: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class TicketCounter(Base):
    """The last number of a series on a Lima day."""

    __tablename__ = "ticket_counter"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    series: Mapped[str] = mapped_column(String(3), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class LineCount(Base):
    """How many wait in a sala, by service, class and the ventanilla they were sent to (0: any).

    Kept by each move, so that telling a newcomer how many go before costs the same however long the line is."""

    __tablename__ = "line_count"

    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    preferente: Mapped[bool] = mapped_column(primary_key=True)
    only_ventanilla_id: Mapped[int] = mapped_column(primary_key=True)
    waiting: Mapped[int]


class Ticket(Base):
    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("site_id", "series", "day", "number"),
        # the queue, in calling order, and nothing else: years of history do not slow a call
        Index("ix_ticket_line", "sala_id", "preferente", "turn_at", "id", sqlite_where=WAITS, postgresql_where=WAITS),
        Index(
            "ix_ticket_waiting",
            "sala_id",
            "service_id",
            "preferente",
            "only_ventanilla_id",
            "turn_at",
            "id",
            sqlite_where=WAITS,
            postgresql_where=WAITS,
        ),
        Index("ix_ticket_reserved", "only_ventanilla_id", sqlite_where=RESERVED, postgresql_where=RESERVED),
        # a ventanilla has one person in front of it, whatever two clerks press at once
        Index("uq_ticket_open_turn", "ventanilla_id", unique=True, sqlite_where=OPEN_TURN, postgresql_where=OPEN_TURN),
        Index("ix_ticket_held", "ventanilla_id", sqlite_where=HELD, postgresql_where=HELD),
        Index("ix_ticket_unfinished", "sala_id", "state_at", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        Index("ix_ticket_day", "day", "sala_id", "service_id"),
    )

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    series: Mapped[str] = mapped_column(String(3))
    number: Mapped[int]
    day: Mapped[date]
    code: Mapped[str] = mapped_column(String(12))
    preferente: Mapped[bool]
    channel: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(5), default="es")  # chosen at the kiosk; of the page that follows it
    state: Mapped[str] = mapped_column(String(24))
    state_at: Mapped[datetime]
    issued_at: Mapped[datetime]
    turn_at: Mapped[datetime]
    slot_at: Mapped[datetime | None]  # of an appointment: its hour
    ventanilla_id: Mapped[int | None] = mapped_column(ForeignKey("ventanilla.id"))  # where it is, or was attended
    only_ventanilla_id: Mapped[int | None] = mapped_column(ForeignKey("ventanilla.id"))  # forwarded to this one
    calls: Mapped[int] = mapped_column(default=0)  # since it last began to wait
    called_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    attended_s: Mapped[int] = mapped_column(default=0)  # at ventanillas so far, without what it was held
    token: Mapped[str] = mapped_column(String(64), unique=True)  # of the page that follows it; never its code
    print_job: Mapped[int | None]


class TicketMove(Base):
    __tablename__ = "ticket_move"
    __table_args__ = (
        Index("ix_ticket_move_seconds", "move", "service_id", "id"),
        Index("ix_ticket_move_at", "at", "move"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    move: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(24))
    to_state: Mapped[str] = mapped_column(String(24))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    ventanilla_id: Mapped[int | None] = mapped_column(ForeignKey("ventanilla.id"))
    principal: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # outcome, trámites
    seconds: Mapped[int | None]  # of the first call: waited since its turn_at; of a finish: attended
    at: Mapped[datetime]


class Llamado(Base):
    """The log of calls of a sala, numbered without gaps. Screens show it; `reason` says why this ticket."""

    __tablename__ = "llamado"
    __table_args__ = (UniqueConstraint("sala_id", "seq"),)

    id: Mapped[Id]
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"))
    seq: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    ventanilla_id: Mapped[int] = mapped_column(ForeignKey("ventanilla.id"))
    called_at: Mapped[datetime]
    called_on: Mapped[date]
    reason: Mapped[dict[str, Any]] = mapped_column(JSON)


append_only(VentanillaMove.__table__)
append_only(TicketMove.__table__)
append_only(Llamado.__table__)
