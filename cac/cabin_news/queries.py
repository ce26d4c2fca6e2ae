from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cac.cabin_news.models import CabinNews
from core.wire import MAX_NEWS
from storage.prepared import prepared

_AFTER = prepared(
    select(CabinNews.id, CabinNews.body)
    .where(CabinNews.cabina == bindparam("cabina"), CabinNews.id > bindparam("last"))
    .order_by(CabinNews.id)
    .limit(MAX_NEWS)
)


def after(session: Session, cabina: str, last: int) -> tuple[list[dict[str, Any]], int]:
    """What a cabin has not read after `last`, oldest first, and how far it will have read with it."""
    rows = _AFTER(session, {"cabina": cabina, "last": last}).all()
    return [row.body for row in rows], rows[-1].id if rows else last
