"""Tables of a case. What happened is appended (movimiento, documento, acto, charge); the expediente keeps where it stands
and the rules it was filed under."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import DDL, JSON, ForeignKey, Index, String, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only

Json = JSON(none_as_null=True)
OBSERVED = text("state = 'observado'")
OPEN = text("state IN ('recibido', 'observado', 'en_tramite', 'suspendido')")


class IntakeSeries(Base):
    """The series open at an intake point of the centre. A restored centre opens the next one."""

    __tablename__ = "intake_series"

    point: Mapped[str] = mapped_column(String(8), primary_key=True)
    series: Mapped[str] = mapped_column(String(3))


class NumberCounter(Base):
    """The last sequence given in a year and series; for acts, in a year, kind and unidad."""

    __tablename__ = "number_counter"

    year: Mapped[int] = mapped_column(primary_key=True)
    point: Mapped[str] = mapped_column(String(20), primary_key=True)
    series: Mapped[str] = mapped_column(String(12), primary_key=True)
    last: Mapped[int]


class Expediente(Base):
    __tablename__ = "expediente"
    __table_args__ = (
        UniqueConstraint("year", "point", "series", "sequence"),
        Index("ix_expediente_person", "person_id", "tramite_code"),
        Index("ix_expediente_state", "state", "id"),
        Index("ix_expediente_area", "area_code", "id"),
        Index("ix_expediente_observed", "observed_due_on", sqlite_where=OBSERVED, postgresql_where=OBSERVED),
        Index("ix_expediente_due", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_expediente_ticket", "ticket"),
        Index("ix_expediente_unpaid", "received_on", sqlite_where=text("unpaid = 1"), postgresql_where=text("unpaid")),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True)
    year: Mapped[int]
    point: Mapped[str] = mapped_column(String(8))
    series: Mapped[str] = mapped_column(String(3))
    sequence: Mapped[int]
    track_key: Mapped[str] = mapped_column(String(9))

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    applicant_name: Mapped[str] = mapped_column(String(160))  # as the cargo says it
    representative_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    subject: Mapped[str] = mapped_column(Text)
    sheets: Mapped[int]  # folios of the whole case, the last one's number
    annexes: Mapped[list[str]] = mapped_column(Json)
    channel: Mapped[str] = mapped_column(String(12))
    cabina: Mapped[str | None] = mapped_column(String(8))
    ticket: Mapped[str | None] = mapped_column(String(60))
    related: Mapped[str | None] = mapped_column(String(60))
    notify: Mapped[dict[str, Any] | None] = mapped_column(Json)
    receiver: Mapped[str] = mapped_column(String(40))  # Principal.key
    receiver_name: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120))

    # what it was filed under: the TUPA may change, this does not
    tramite_code: Mapped[str] = mapped_column(String(20))
    tramite_name: Mapped[str] = mapped_column(String(300))
    tupa_version: Mapped[str] = mapped_column(String(40))
    calendar_version: Mapped[str] = mapped_column(String(20))
    term_business_days: Mapped[int]
    silence: Mapped[str | None] = mapped_column(String(3))
    qualification: Mapped[str] = mapped_column(String(20))
    requisitos: Mapped[list[dict[str, Any]]] = mapped_column(Json)  # [{code, text, presented}] as filed
    fee_centimos: Mapped[int]  # published, for the variant and quantity asked for
    total_centimos: Mapped[int]  # what was charged
    payment: Mapped[dict[str, Any] | None] = mapped_column(Json)
    unpaid: Mapped[bool] = mapped_column(default=False)  # left for the bank or the CAC, and not seen paid yet
    warnings: Mapped[list[dict[str, str]]] = mapped_column(Json)

    received_at: Mapped[datetime]
    registered_at: Mapped[datetime]  # at the centre: later than received_at for what came from a cabin
    received_on: Mapped[date]
    clock_start_on: Mapped[date | None]
    due_on: Mapped[date | None]
    sap_on: Mapped[date | None]
    observed_due_on: Mapped[date | None]

    state: Mapped[str] = mapped_column(String(16))
    area_code: Mapped[str] = mapped_column(String(12))  # where it is, or is on its way to
    area: Mapped[str] = mapped_column(String(160))
    home_area_code: Mapped[str] = mapped_column(String(12))  # the unidad that decides it
    home_area: Mapped[str] = mapped_column(String(160))
    on_its_way: Mapped[bool] = mapped_column(default=False)  # forwarded and not yet received
    since_at: Mapped[datetime]  # in this place and state


class Alias(Base):
    """A number printed for a case that had to be registered under another one. It is found with its key."""

    __tablename__ = "expediente_alias"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), index=True)
    expediente_id: Mapped[int] = mapped_column(ForeignKey("expediente.id"))


class Movimiento(Base):
    """One step of a case: who, when, from where to where, in which state it left it."""

    __tablename__ = "movimiento"

    id: Mapped[Id]
    expediente_id: Mapped[int] = mapped_column(ForeignKey("expediente.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    from_area: Mapped[str | None] = mapped_column(String(160))
    to_area: Mapped[str | None] = mapped_column(String(160))
    note: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any] | None] = mapped_column(Json)
    due_on: Mapped[date | None]  # of what was asked of the receiving area
    principal: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]


class Documento(Base):
    """A paper of the case, numbered from 1, with its folios and, when scanned, the hash of its bytes."""

    __tablename__ = "documento"
    __table_args__ = (UniqueConstraint("expediente_id", "ordinal"),)

    id: Mapped[Id]
    expediente_id: Mapped[int] = mapped_column(ForeignKey("expediente.id"), index=True)
    ordinal: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(300))
    sheets: Mapped[int]
    first_folio: Mapped[int]
    tramite_code: Mapped[str | None] = mapped_column(String(20))  # of a remedy or defence that joined the case
    due_on: Mapped[date | None]  # term of that remedy
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    media_type: Mapped[str | None] = mapped_column(String(60))
    bytes: Mapped[int | None]
    received_at: Mapped[datetime]
    principal: Mapped[str] = mapped_column(String(40))
    name_of_receiver: Mapped[str] = mapped_column(String(120))


class Charge(Base):
    """A line of what was charged at filing. `redondeo` is negative: the lines add up to the total."""

    __tablename__ = "charge"
    __table_args__ = (Index("ix_charge_principal", "principal", "id"),)

    id: Mapped[Id]
    expediente_id: Mapped[int] = mapped_column(ForeignKey("expediente.id"), index=True)
    concept: Mapped[str] = mapped_column(String(20))
    centimos: Mapped[int]
    method: Mapped[str] = mapped_column(String(20))
    charged_at: Mapped[datetime]
    principal: Mapped[str] = mapped_column(String(40))


class RefundOrder(Base):
    """What the till owes back for a case treated as not filed (125.4): the municipal lines, reversed."""

    __tablename__ = "refund_order"

    id: Mapped[Id]
    expediente_id: Mapped[int] = mapped_column(ForeignKey("expediente.id"), unique=True)
    centimos: Mapped[int]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(12))  # pendiente | pagada | cancelada
    ordered_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Observacion(Base):
    """What a case lacks. `kind`: `ingreso` (the desk, art. 125.1) or `area` (the area's one request, 126.2)."""

    __tablename__ = "observacion"

    id: Mapped[Id]
    expediente_id: Mapped[int] = mapped_column(ForeignKey("expediente.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    items: Mapped[list[dict[str, str]]] = mapped_column(Json)  # [{code, text}]
    cured: Mapped[list[str]] = mapped_column(Json)  # codes brought so far
    observed_at: Mapped[datetime]
    due_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))  # subsanada | no_subsanada


class Acto(Base):
    """What an area decided or reported, numbered by year, kind and unidad."""

    __tablename__ = "acto"

    id: Mapped[Id]
    expediente_id: Mapped[int] = mapped_column(ForeignKey("expediente.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(60), unique=True)
    resultado: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(String(160))
    issued_at: Mapped[datetime]
    principal: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str | None] = mapped_column(String(64))


class SearchWord(Base):
    """Every word that can be searched, once: a piece of a surname is looked up here, not in millions of cases."""

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(
        String(60).with_variant(String(60, collation="C"), "postgresql"), primary_key=True
    )


for _table in (Movimiento, Documento, Charge, Acto, Alias):
    append_only(_table.__table__)


def search_sql(dialect: str) -> list[str]:
    """The word index of cases, run after CREATE TABLE and by migrations. It is no table of the metadata."""
    if dialect == "sqlite":
        options = "content='', contentless_delete=1, detail=none, prefix='3', tokenize='unicode61'"
        return [f"CREATE VIRTUAL TABLE IF NOT EXISTS expediente_search USING fts5(words, {options})"]
    return [
        "CREATE TABLE IF NOT EXISTS expediente_search (id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_expediente_search ON expediente_search USING gin (words) WITH (fastupdate = off)",
    ]


for _dialect in ("sqlite", "postgresql"):
    for _statement in search_sql(_dialect):
        event.listen(Expediente.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))
