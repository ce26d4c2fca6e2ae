"""A lease in the database: of all the processes that could run a loop, one does, and its late writes are refused.

The fencing number grows each time a lease changes hands. A holder checks it inside each write (`still_holds`): one that was
asleep while another took over finds a higher number and stops."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict
from storage.prepared import Prepared, prepared
from storage.types import UtcDateTime


class LeaseLost(Conflict):
    code, title = "proceso.relevado", "Otro proceso tomó el relevo"
    detail = "Otro proceso tomó esta tarea. No hace falta hacer nada."


def lease_table(metadata: MetaData) -> Table:
    """The table of leases, to be declared once in each database's metadata."""
    return Table(
        "loop_lease",
        metadata,
        Column("name", String(80), primary_key=True),
        Column("holder", String(80), nullable=False),
        Column("fence", Integer, nullable=False),
        Column("until", UtcDateTime, nullable=False),
    )


def take(session: Session, table: Table, *, name: str, holder: str, now: datetime, lasts: timedelta) -> int | None:
    """The fencing number if `holder` has the lease until `now + lasts`; None while another has it.

    One that ends later than `now + lasts` was taken by a clock ahead of ours (a demo that ran in the future): it is over."""
    held = session.execute(select(table).where(table.c.name == name)).first()
    if held is None:
        session.execute(insert(table).values(name=name, holder=holder, fence=1, until=now + lasts))
        return 1
    if held.holder != holder and now < held.until <= now + lasts:
        return None
    fence: int = held.fence if held.holder == holder else held.fence + 1
    session.execute(update(table).where(table.c.name == name).values(holder=holder, fence=fence, until=now + lasts))
    return fence


def still_holds(session: Session, table: Table, *, name: str, fence: int) -> None:
    """Raises LeaseLost when another has taken the lease since."""
    if _fence_of(table)(session, {"lease": name}).scalar() != fence:
        raise LeaseLost()


@cache
def _fence_of(table: Table) -> Prepared:
    return prepared(select(table.c.fence).where(table.c.name == bindparam("lease")))


def release(session: Session, table: Table, *, name: str, holder: str, now: datetime) -> None:
    """Let another take it at once; nothing if it is no longer ours."""
    session.execute(update(table).where(table.c.name == name, table.c.holder == holder).values(until=now, holder=""))
