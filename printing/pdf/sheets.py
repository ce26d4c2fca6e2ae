"""What the A4 documents of the office hold, as plain values: a cover, a poster, a report, the TUPA."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from printing.papers import Printed


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverSheet(Printed):
    """The carátula of a case: TUO 27444 art. 157.3 asks for the organ, who is responsible and when the term ends.
    `due_on` None: the term is to be confirmed, or stopped while something lacks. `papers` are (ordinal, what, folios)."""

    kind: ClassVar[str] = "caratula"
    site: str
    office: str
    number: str
    tramite_code: str
    tramite: str
    organ: str
    responsible: str
    applicant: str
    applicant_document: str
    subject: str | None = None
    received_at: datetime
    due_on: date | None
    sap_on: date | None = None
    folios: int
    papers: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterSheet(Printed):
    """A page for the door: a QR, what it is for in few large words, and what happens then; all of them in `wording`."""

    kind: ClassVar[str] = "cartel"
    site: str
    office: str
    url: str


@dataclass(frozen=True, slots=True)
class Table:
    """`titles` of the columns, first the row's name; cells are ready to show. All but the first are figures."""

    name: str
    titles: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSheet(Printed):
    kind: ClassVar[str] = "reporte"
    site: str
    office: str
    title: str
    period: str
    made_at: datetime
    tables: tuple[Table, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class TupaEntry:
    """`facts` are (label, value): fee, term, silence, where."""

    code: str
    name: str
    facts: tuple[tuple[str, str], ...]
    requisitos: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TupaSheet(Printed):
    """`areas` are (name, entries), in TUPA order."""

    kind: ClassVar[str] = "tupa"
    site: str
    office: str
    version: str
    made_on: date
    areas: tuple[tuple[str, tuple[TupaEntry, ...]], ...]
    note: str = ""


Sheet = CoverSheet | PosterSheet | ReportSheet | TupaSheet
