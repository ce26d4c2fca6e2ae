from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cac.cabin_news.models import CabinNews
from core import wire


def tell(session: Session, cabina: str, news: wire.CureNews | wire.ValijaNews, *, now: datetime) -> None:
    """Its till hears of it with the answer to its next batch."""
    session.execute(insert(CabinNews), {"cabina": cabina, "body": news.plain(), "at": now})
