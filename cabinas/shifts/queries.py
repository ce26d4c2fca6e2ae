"""Whose drawer it is now, and what each operator did since the last Z."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cabinas.filing.models import Expediente
from cabinas.money.models import Cierre, LedgerEntry, LedgerPosting
from cabinas.shifts.models import Shift, ShiftRule
from core.errors import Conflict
from core.ledger import OWN_CASH_MOVES, Account, EntryKind
from core.wire import ShiftPart
from storage.prepared import prepared
from storage.remembered import remembered
from web.access import Principal
from web.filters import moment


class DrawerOfAnother(Conflict):
    code = "turno.de_otro"
    detail = "La caja está a cargo de otra persona. Reciba la caja en «Turno» antes de cobrar."


class NoShift(Conflict):
    code = "turno.sin_abrir"
    detail = "Nadie tiene la caja a su cargo. Abra su turno en «Turno», contando el dinero, y vuelva a intentar."


_shift, _cierre, _rule = Shift.__table__, Cierre.__table__, ShiftRule.__table__
_LAST_SHIFT = prepared(select(_shift.c.id, _shift.c.operator, _shift.c.at).order_by(_shift.c.id.desc()).limit(1))
_LAST_CLOSED = prepared(select(_cierre.c.last_shift_id).order_by(_cierre.c.z.desc()).limit(1))
_LAST_RULE = prepared(select(_rule.c.compulsory).order_by(_rule.c.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the ledger and the cases went at a count."""

    entry_id: int
    expediente_id: int


def open_shift(session: Session) -> Shift | None:
    """None before the first count of the day: since the last Z nobody opened a shift."""
    last = session.scalar(select(Shift).order_by(Shift.id.desc()).limit(1))
    closed = session.scalar(select(Cierre.last_shift_id).order_by(Cierre.z.desc()).limit(1))
    return last if last is not None and last.id > (closed or 0) else None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who answers for the drawer, since when."""

    operator: str
    since_at: datetime


@remembered(_shift, _cierre)
def holder(session: Session) -> Holder | None:
    """Who has the drawer; None while nobody opened a shift since the last Z."""
    last = _LAST_SHIFT(session).first()
    closed = _LAST_CLOSED(session).scalar() or 0
    return Holder(last.operator, last.at) if last is not None and last.id > closed else None


@remembered(_rule)
def compulsory(session: Session) -> bool:
    """Whether cash moves only while somebody has the drawer."""
    return bool(_LAST_RULE(session).scalar())


def rule(session: Session) -> ShiftRule | None:
    """The one in force, with who said it; None while nobody ever did."""
    return session.scalar(select(ShiftRule).order_by(ShiftRule.id.desc()).limit(1))


def refuse_other_hands(session: Session, principal: Principal) -> None:
    """Asked by each verb that moves cash, inside its own write. A program's token works for whoever has the drawer.

    Raises DrawerOfAnother when another person has it, NoShift when nobody has and shifts are compulsory."""
    has = holder(session)
    if has is None:
        if compulsory(session):
            raise NoShift()
    elif principal.kind == "staff" and has.operator != principal.name:
        raise DrawerOfAnother(
            f"La caja está a cargo de {has.operator} desde {moment(has.since_at)}. Reciba la caja en «Turno» antes de cobrar."
        )


def marks(session: Session) -> Marks:
    entries = session.scalar(select(func.max(LedgerEntry.id))) or 0
    return Marks(entries, session.scalar(select(func.max(Expediente.id))) or 0)


def last_shift_id(session: Session) -> int:
    return session.scalar(select(func.max(Shift.id))) or 0


def parts_since(session: Session, cierre: Cierre | None, *, since: datetime, until: datetime) -> tuple[ShiftPart, ...]:
    """What each operator did since that Z, oldest first. What nobody answered for is told when anything happened in it."""
    begun = select(Shift).where(Shift.id > (cierre.last_shift_id if cierre else 0)).order_by(Shift.id)
    shifts = list(session.scalars(begun))
    starts = [Marks(cierre.last_entry_id, cierre.last_expediente_id) if cierre else Marks(0, 0)]
    starts += [Marks(shift.last_entry_id, shift.last_expediente_id) for shift in shifts]
    ends = [*starts[1:], marks(session)]
    times = [since, *(shift.at for shift in shifts), until]
    names = ["", *(shift.operator for shift in shifts)]
    told = [_part(session, name, times[n], times[n + 1], starts[n], ends[n]) for n, name in enumerate(names)]
    return tuple(part for n, part in enumerate(told) if n or _moved(part))


def history(session: Session, limit: int = 30) -> list[Shift]:
    """The last shifts, newest first."""
    return list(session.scalars(select(Shift).order_by(Shift.id.desc()).limit(limit)))


def _part(session: Session, operator: str, begun: datetime, ended: datetime, start: Marks, end: Marks) -> ShiftPart:
    rows = session.execute(
        select(LedgerEntry.kind, LedgerPosting.account, func.sum(LedgerPosting.centimos))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.id > start.entry_id, LedgerEntry.id <= end.entry_id)
        .group_by(LedgerEntry.kind, LedgerPosting.account)
    )
    moved = Counter({(EntryKind(kind), Account(account)): int(centimos) for kind, account, centimos in rows})
    filed = select(func.count()).where(Expediente.id > start.expediente_id, Expediente.id <= end.expediente_id)
    kind, account = EntryKind, Account
    return ShiftPart(
        operator=operator,
        begun_at=begun,
        ended_at=max(begun, ended),
        filings=session.scalar(filed) or 0,
        municipal_centimos=-(moved[kind.CHARGE, account.MUNICIPAL] + moved[kind.CHARGE, account.ROUNDING]),
        service_centimos=-moved[kind.CHARGE, account.COMMISSION],
        remitted_centimos=-moved[kind.REMITTANCE_DECLARED, account.CASH],
        returned_centimos=-moved[kind.EXTORNO_DECLARED, account.CASH],
        own_centimos=sum(moved[move, account.CASH] for move in OWN_CASH_MOVES),
        undone_centimos=moved[kind.SET_ASIDE, account.CASH],
        difference_centimos=moved[kind.COUNT_DIFFERENCE, account.CASH],
    )


def _moved(part: ShiftPart) -> bool:
    figures = (part.filings, part.municipal_centimos, part.service_centimos, part.remitted_centimos)
    drawer = (part.returned_centimos, part.own_centimos, part.undone_centimos, part.difference_centimos)
    return any((*figures, *drawer))
