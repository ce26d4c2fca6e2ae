"""The municipality's own words and logo, for the papers that its cabins print."""

from __future__ import annotations

import base64

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.paper.models import PaperText
from cac.paper.wording import current_logo, kept_picture
from core import wire
from printing.wording import OF_THE_CENTRE, SPANISH

VERSION_CHARS = 16

_TEXTS = select(PaperText.kind, PaperText.name, PaperText.text).where(
    PaperText.language == SPANISH,
    PaperText.kind.not_in(OF_THE_CENTRE),
)


def stationery(session: Session) -> wire.Stationery:
    """The words and the logo of today."""
    texts: dict[str, dict[str, str]] = {}
    for row in session.execute(_TEXTS):
        texts.setdefault(row.kind, {})[row.name] = row.text
    told = wire.Stationery(version="", texts=texts, logo=current_logo(session))
    return told.model_copy(update={"version": wire.sha256(wire.canonical(told.plain()))[:VERSION_CHARS]})


def picture_text(session: Session, told: wire.Stationery) -> str:
    """Its logo as it travels."""
    picture = kept_picture(session, told.logo) if told.logo else None
    return base64.b64encode(picture or b"").decode()
