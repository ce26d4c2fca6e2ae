"""The municipality's own words and logo, for the papers that its cabins print."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.paper.models import PaperText
from cac.paper.wording import current_logo, kept_picture
from core import wire
from printing.wording import OF_THE_CENTRE, SPANISH
from storage.prepared import prepared

VERSION_CHARS = 16

_TEXTS = prepared(
    select(PaperText.kind, PaperText.name, PaperText.text).where(
        PaperText.language == SPANISH,
        PaperText.kind.not_in(OF_THE_CENTRE),
    )
)


def stationery(session: Session) -> wire.Stationery:
    """The words and the logo of today."""
    return _told(tuple(_TEXTS(session)), current_logo(session))


@lru_cache(maxsize=2)
def _told(rows: tuple[Any, ...], logo: str) -> wire.Stationery:
    """Every batch asks whether it is still the same: its text is made and hashed when it is another."""
    texts: dict[str, dict[str, str]] = {}
    for row in rows:
        texts.setdefault(row.kind, {})[row.name] = row.text
    told = wire.Stationery(version="", texts=texts, logo=logo)
    return told.model_copy(update={"version": wire.sha256(wire.canonical(told.plain()))[:VERSION_CHARS]})


def picture_text(session: Session, told: wire.Stationery) -> str:
    """Its logo as it travels."""
    picture = kept_picture(session, told.logo) if told.logo else None
    return base64.b64encode(picture or b"").decode()
