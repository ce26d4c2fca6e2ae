"""Every void (extorno) of the cabins: what was handed back, by whom and why, what treasury said, and the case it undoes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.expedientes.models import Expediente
from cac.sync.models import Cabina
from cac.treasury.models import CabinExtorno, TreasuryWord
from cac.treasury.queries import standing_word
from core.clock import lima_midnight
from core.wire import ConfirmationKind
from web.filters import moment
from web.period import Period
from web.spreadsheets import Sheet

ROWS_MAX = 2_000
OPEN, CONFIRMED, REJECTED = "por_confirmar", "confirmado", "rechazado"
STATES = ((OPEN, "Por confirmar"), (CONFIRMED, "Confirmado"), (REJECTED, "Rechazado"))
_STATE_OF = {None: OPEN, ConfirmationKind.EXTORNO_CONFIRMED: CONFIRMED, ConfirmationKind.EXTORNO_REJECTED: REJECTED}
HEAD = ("Declarado", "Cabina", "Operador", "Expediente", "Trámite", "Soles", "Motivo", "Estado", "Tesorería", "Nota")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sought; empty asks for all."""

    period: Period
    cabina: str = ""
    operator: str = ""
    state: str = ""
    text: str = ""  # of the reason or the number


@dataclass(frozen=True, slots=True)
class Void:
    extorno: CabinExtorno
    word: TreasuryWord | None
    cabina: str
    cabina_name: str
    tramite: str  # empty while its case is not here

    @property
    def state(self) -> str:
        return _STATE_OF[self.word.kind if self.word else None]


@dataclass(frozen=True, slots=True)
class Total:
    name: str
    count: int
    centimos: int


def voids(session: Session, asked: Asked) -> list[Void]:
    """Newest first, ROWS_MAX at most."""
    found = (
        select(CabinExtorno, TreasuryWord, Cabina.code, Cabina.name, Expediente.tramite_name)
        .join(Cabina, Cabina.id == CabinExtorno.cabina_id)
        .outerjoin(TreasuryWord, standing_word(CabinExtorno))
        .outerjoin(Expediente, Expediente.number == CabinExtorno.number)
        .where(
            CabinExtorno.declared_at >= lima_midnight(asked.period.since),
            CabinExtorno.declared_at < lima_midnight(asked.period.until + timedelta(days=1)),
        )
    )
    if asked.cabina:
        found = found.where(Cabina.code == asked.cabina)
    if asked.operator:
        found = found.where(func.lower(CabinExtorno.operator).contains(asked.operator.lower(), autoescape=True))
    if asked.text:
        sought = func.lower(CabinExtorno.motivo).contains(asked.text.lower(), autoescape=True)
        found = found.where(sought | CabinExtorno.number.contains(asked.text.upper(), autoescape=True))
    if asked.state:
        kind = next((kind for kind, state in _STATE_OF.items() if state == asked.state), None)
        found = found.where(TreasuryWord.kind == kind if kind else TreasuryWord.id.is_(None))
    rows = session.execute(found.order_by(CabinExtorno.declared_at.desc(), CabinExtorno.id.desc()).limit(ROWS_MAX))
    return [Void(row[0], row[1], row[2], row[3], row[4] or "") for row in rows]


def totals(found: Sequence[Void]) -> list[Total]:
    """By state, and of all."""
    told = [(text, [void for void in found if void.state == state]) for state, text in STATES]
    return [
        Total(text, len(some), sum(void.extorno.centimos for void in some)) for text, some in (*told, ("Todos", found))
    ]


def by_operator(found: Sequence[Void]) -> list[Total]:
    """Who declared how many, the most first: one person far above the rest is worth a question."""
    groups: dict[str, list[Void]] = {}
    for void in found:
        groups.setdefault(f"{void.cabina} {void.extorno.operator}", []).append(void)
    made = [Total(name, len(some), sum(void.extorno.centimos for void in some)) for name, some in groups.items()]
    return sorted(made, key=lambda total: (-total.count, total.name))


def sheets(found: Sequence[Void]) -> list[Sheet]:
    words = dict(STATES)
    rows = tuple(
        (
            moment(void.extorno.declared_at),
            f"{void.cabina} {void.cabina_name}",
            void.extorno.operator,
            void.extorno.number,
            void.tramite,
            Decimal(void.extorno.centimos) / 100,
            void.extorno.motivo,
            words[void.state],
            f"{void.word.by}, {moment(void.word.at)}" if void.word else "",
            void.word.reason if void.word else "",
        )
        for void in found
    )
    return [Sheet("Extornos", HEAD, rows)]
