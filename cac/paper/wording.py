"""The municipality's own words and logo: kept as rows, given to each paper as it is made, drawn before it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.paper.models import PaperLogo, PaperText
from core.errors import NotFound
from printing import Profile, build
from printing.decoder import decode
from printing.logo import rows
from printing.papers import Paper, Printed
from printing.profile import COLUMNS_80_MM
from printing.wording import LANGUAGES, SENTENCES, SPANISH, Sentence, TextWrong, checked, languages_of
from storage.prepared import prepared
from storage.remembered import remembered
from web.access import Principal

_TEXT: Table = PaperText.__table__  # type: ignore[assignment]
_LOGO: Table = PaperLogo.__table__  # type: ignore[assignment]

_OWN = select(_TEXT.c.name, _TEXT.c.text).where(
    _TEXT.c.kind == bindparam("kind"), _TEXT.c.language == bindparam("language")
)
_LAST_LOGO = prepared(select(_LOGO.c.sha256).order_by(_LOGO.c.id.desc()).limit(1))
_PICTURE = select(_LOGO.c.picture).where(_LOGO.c.sha256 == bindparam("sha256")).limit(1)

NO_LOGO = ""

P = TypeVar("P", bound=Printed)


class PaperUnknown(NotFound):
    code = "papel.no_existe"
    detail = "No hay un papel de esa clase en ese idioma."


def save_texts(
    session: Session, kind: str, language: str, typed: Mapping[str, str], *, principal: Principal, now: datetime
) -> dict[str, Any]:
    """The sentences of a paper as they were typed; what equals the program's own is no longer the municipality's. Each change is
    in the log. Raises PaperUnknown, TextWrong."""
    sentences = sentences_of(kind, language)
    texts, wrong = dict[str, str](), dict[str, str]()
    for name in (name for name in sentences if name in typed):
        try:
            texts[name] = checked(kind, name, typed[name])
        except TextWrong as refusal:
            wrong[name] = refusal.detail
    if wrong:
        raise TextWrong(fields=wrong)
    before = own_texts(session, kind, language)
    for name, text in texts.items():
        default = sentences[name].default(language)
        if text == before.get(name, default):
            continue
        session.execute(delete(_TEXT).where(_TEXT.c.kind == kind, _TEXT.c.language == language, _TEXT.c.name == name))
        if text != default:
            session.execute(_TEXT.insert().values(kind=kind, language=language, name=name, text=text))
        detail = f"{sentences[name].label}: «{before.get(name, default)}» → «{text}»"
        subject = f"papel:{kind}/{language}"
        record(session, principal=principal, action="papel.texto", subject=subject, detail=detail, now=now)
    return {"kind": kind, "language": language}


def save_logo(session: Session, picture: bytes | None, *, principal: Principal, now: datetime) -> dict[str, str]:
    """From now on papers carry this picture (of `printing.logo.prepared`), or none."""
    digest = hashlib.sha256(picture).hexdigest() if picture else NO_LOGO
    if digest != current_logo(session):
        session.add(PaperLogo(sha256=digest, picture=picture or b"", by=principal.name, at=now))
        detail = f"{len(picture)} bytes, {digest[:16]}…" if picture else "sin logo"
        record(session, principal=principal, action="papel.logo", subject="papel:logo", detail=detail, now=now)
    return {"logo": digest}


def dressed(session: Session, paper: P, typed: Mapping[str, str] | None = None) -> P:
    """The paper with the logo and the words of today; `typed` in place of those kept."""
    language = getattr(paper, "language", SPANISH)
    logo = current_logo(session)
    own = own_texts(session, paper.kind, language) if typed is None else typed
    return replace(paper, texts=dict(own), logo=logo) if own or logo else paper


def for_a4(session: Session, paper: P, typed: Mapping[str, str] | None = None) -> tuple[P, bytes | None]:
    """What `printing.pdf` draws it from: the paper with the words of today, and the logo."""
    paper = dressed(session, paper, typed)
    return paper, logo_of(session, paper)


def picture_of(
    session: Session, paper: Paper, typed: Mapping[str, str] | None = None, *, columns: int = COLUMNS_80_MM
) -> bytes:
    """A PNG of a paper that does not exist yet, from the very bytes a printer of that width would get."""
    paper = dressed(session, paper, typed)
    return decode(build(paper, Profile(columns), logo_of(session, paper)), columns=columns).png()


def logo_of(session: Session, paper: Printed) -> bytes | None:
    """The picture that the paper names: a copy of years later carries the logo of its original."""
    return kept_picture(session, paper.logo) if paper.logo else None


def logo_bytes(session: Session, sha256: str) -> int:
    """What the logo adds to a paper of 80 mm."""
    picture = kept_picture(session, sha256) if sha256 else None
    return sum(map(len, rows(picture, Profile().dots))) if picture else 0


def sentences_of(kind: str, language: str) -> Mapping[str, Sentence]:
    """Raises PaperUnknown."""
    if kind not in SENTENCES or language not in languages_of(kind):
        raise PaperUnknown()
    return SENTENCES[kind]


@remembered(_TEXT)
def own_texts(session: Session, kind: str, language: str) -> dict[str, str]:
    """The sentences of a paper that the municipality says in its own words."""
    assert language in LANGUAGES
    return {row.name: row.text for row in session.execute(_OWN, {"kind": kind, "language": language})}


@remembered(_LOGO)
def current_logo(session: Session) -> str:
    """The SHA-256 of today's logo, NO_LOGO while there is none."""
    return _LAST_LOGO(session).scalar() or NO_LOGO


@remembered(_LOGO)
def kept_picture(session: Session, sha256: str) -> bytes | None:
    return cast("bytes | None", session.scalar(_PICTURE, {"sha256": sha256}))
