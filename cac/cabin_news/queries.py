from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.cabin_news.models import CabinNews
from core.wire import MAX_NEWS


def after(session: Session, cabina: str, last: int) -> tuple[list[dict[str, Any]], int]:
    """What a cabin has not read after `last`, oldest first, and how far it will have read with it."""
    rows = session.execute(
        select(CabinNews.id, CabinNews.body)
        .where(CabinNews.cabina == cabina, CabinNews.id > last)
        .order_by(CabinNews.id)
        .limit(MAX_NEWS)
    ).all()
    return [row.body for row in rows], rows[-1].id if rows else last
