"""The one metadata of the cabin's tables; `cabinas.schema` is where it is whole."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from storage.idempotency import reply_table


class Base(DeclarativeBase):
    pass


replies = reply_table(Base.metadata)
