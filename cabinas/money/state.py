"""The three figures of the till."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cabinas.enrolment.queries import Terms, terms
from cabinas.filing.queries import series_state
from cabinas.money import queries
from cabinas.sync.queries import sync_state
from core import ledger
from core.clock import lima_day


@dataclass(frozen=True, slots=True)
class Cap:
    """How much of the guarantee the municipal cash here uses, against the levels of the convenio."""

    held_centimos: int
    guarantee_centimos: int
    warn_percent: int

    @property
    def percent(self) -> int:
        return self.held_centimos * 100 // self.guarantee_centimos if self.guarantee_centimos else 100

    @property
    def level(self) -> str:
        """`error` when no more cash can be taken, `aviso` from the convenio's warning on, else ""."""
        return "error" if self.percent >= 100 else "aviso" if self.percent >= self.warn_percent else ""


@dataclass(frozen=True, slots=True)
class Drawer:
    """`blocked` says in words why no cash can be taken, or no case numbered."""

    municipal_held_centimos: int
    guarantee_centimos: int
    warn_percent: int
    from_before_centimos: int  # municipal money of days before today
    commission_today_centimos: int
    pending: int
    numbers_left: int
    few_numbers: bool
    blocked: str | None

    @property
    def free_centimos(self) -> int:
        return max(0, self.guarantee_centimos - self.municipal_held_centimos)

    @property
    def cap(self) -> Cap:
        return Cap(self.municipal_held_centimos, self.guarantee_centimos, self.warn_percent)


def cap(session: Session, held: Terms) -> Cap:
    convenio = held.catalogue.convenio
    municipal = ledger.municipal_held(queries.balances(session))
    return Cap(municipal, convenio.guarantee_centimos, convenio.warn_percent)


def drawer(session: Session, *, now: datetime) -> Drawer:
    held, sync = terms(session), sync_state(session)
    series = series_state(session, held, now)
    municipal = ledger.municipal_held(queries.balances(session))
    guarantee = held.catalogue.convenio.guarantee_centimos
    today = lima_day(now)
    blocked = None
    if sync.suspended:
        blocked = "suspendida"
    elif sync.frozen:
        blocked = "serie_congelada"
    elif series.left == 0:
        blocked = "serie_agotada"
    elif municipal >= guarantee:
        blocked = "garantia_superada"
    return Drawer(
        municipal_held_centimos=municipal,
        guarantee_centimos=guarantee,
        warn_percent=held.catalogue.convenio.warn_percent,
        from_before_centimos=max(0, municipal - queries.municipal_on(session, today)),
        commission_today_centimos=queries.commission_on(session, today),
        pending=sync.pending,
        numbers_left=series.left,
        few_numbers=series.few,
        blocked=blocked,
    )
