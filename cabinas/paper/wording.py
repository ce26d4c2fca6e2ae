"""The municipality's own words and logo on this till's papers: pulled from the centre, kept here, given to each paper as it is made."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar, cast

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cabinas.paper.models import PaperLogo, StationeryRow
from core.wire import Sealed, Stationery, WireError, sha256, unsealed
from printing.logo import LogoWrong, check_kept
from printing.papers import Printed
from printing.wording import SENTENCES, TextWrong, checked
from storage.prepared import prepared
from storage.remembered import remembered

_SEALED = prepared(select(StationeryRow.sealed))
_PICTURE = prepared(select(PaperLogo.picture).where(PaperLogo.sha256 == bindparam("sha256")))

P = TypeVar("P", bound=Printed)


def take_stationery(session: Session, sealed: Sealed[Stationery], logo: str) -> None:
    """Papers are made with it from now on; its signature was verified by who talked with the centre. What cannot be printed is
    refused whole: papers stay as they were, and the centre is told why."""
    row = session.get(StationeryRow, 1) or StationeryRow(id=1, sealed="")
    row.version, row.problem = str(sealed.body.get("version", "")), ""
    try:
        told = unsealed(sealed, Stationery)
        _check_texts(told)
        picture = _picture_of(told, logo)
    except (TextWrong, LogoWrong) as refusal:
        row.problem = refusal.detail
    except WireError:
        row.problem = "No se puede leer."
    else:
        row.sealed = sealed.model_dump_json()
        if picture:
            kept = insert(PaperLogo).values(sha256=told.logo, picture=picture)
            session.execute(kept.on_conflict_do_nothing())
    session.add(row)


def version(session: Session) -> str:
    """Of what the centre sent last, taken or not."""
    return session.scalar(select(StationeryRow.version)) or ""


def problem(session: Session) -> str:
    """Why it could not be taken; "" when it was."""
    return session.scalar(select(StationeryRow.problem)) or ""


def dressed(session: Session, paper: P) -> P:
    """The paper with the words and the logo of today."""
    told = _stationery(session)
    if told is None:
        return paper
    own = told.texts.get(paper.kind, {})
    return replace(paper, texts=own, logo=told.logo) if own or told.logo else paper


def logo_of(session: Session, paper: Printed) -> bytes | None:
    """The picture that the paper names: a copy carries the logo of its original."""
    return _picture(session, paper.logo) if paper.logo else None


def for_a4(session: Session, paper: P) -> tuple[P, bytes | None]:
    """What `printing.pdf` draws it from: the paper with the words of today, and the logo."""
    paper = dressed(session, paper)
    return paper, logo_of(session, paper)


def _check_texts(told: Stationery) -> None:
    """Raises TextWrong. A paper or a sentence that this version does not know is never printed."""
    for kind, texts in told.texts.items():
        for name in texts.keys() & SENTENCES.get(kind, {}).keys():
            if checked(kind, name, texts[name]) != texts[name]:
                raise TextWrong(field=name)


def _picture_of(told: Stationery, logo: str) -> bytes | None:
    """Raises LogoWrong."""
    if not told.logo:
        return None
    try:
        picture = base64.b64decode(logo, validate=True)
    except ValueError as error:
        raise LogoWrong("El logo no se puede leer.") from error
    if sha256(picture) != told.logo:
        raise LogoWrong("El logo que llegó no es el que firmó el centro.")
    check_kept(picture)
    return picture


@remembered(StationeryRow.__table__)
def _stationery(session: Session) -> Stationery | None:
    sealed = _SEALED(session).scalar()
    return _read(sealed) if sealed else None


@lru_cache(maxsize=4)
def _read(sealed: str) -> Stationery:
    return unsealed(Sealed[Stationery].model_validate_json(sealed), Stationery)


@remembered(PaperLogo.__table__)
def _picture(session: Session, sha256: str) -> bytes | None:
    return cast("bytes | None", _PICTURE(session, {"sha256": sha256}).scalar())
