from __future__ import annotations

import hashlib
from functools import cache

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.operators.actions import hasher
from cabinas.operators.models import ApiToken, Operator, OperatorChange
from cabinas.operators.rules import shut_out

CHANGES_SHOWN = 50


@cache
def nobody() -> str:
    """Checked for an unknown login, so that it takes as long as a wrong PIN."""
    return hasher.hash("nobody")


def by_pin(session: Session, login: str, pin: str) -> Operator | None:
    """The operator with that login and PIN, unless shut out."""
    found = by_login(session, login)
    try:
        hasher.verify(found.pin_hash if found else nobody(), pin)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return found if found and not shut_out(found.wrong_pins) else None


def by_login(session: Session, login: str) -> Operator | None:
    return session.scalar(select(Operator).where(Operator.login == login, Operator.left_at.is_(None)))


def named(session: Session, name: str) -> list[Operator]:
    """Who works here under that name."""
    return list(session.scalars(select(Operator).where(Operator.name == name, Operator.left_at.is_(None))))


def by_id(session: Session, operator_id: int) -> Operator | None:
    found = session.get(Operator, operator_id)
    return found if found and found.left_at is None else None


def pin_mark(operator: Operator) -> str:
    """Tells one PIN from the next without telling anything of it: an open session ends when the PIN changes."""
    return hashlib.sha256(operator.pin_hash.encode()).hexdigest()[:16]


def operators(session: Session) -> list[Operator]:
    """Who works here, then who worked here, by name."""
    return list(session.scalars(select(Operator).order_by(Operator.left_at.is_not(None), Operator.name)))


def changes(session: Session) -> list[OperatorChange]:
    """The last ones, newest first."""
    return list(session.scalars(select(OperatorChange).order_by(OperatorChange.id.desc()).limit(CHANGES_SHOWN)))


def tokens(session: Session) -> list[ApiToken]:
    """Programs that may, oldest first."""
    return list(session.scalars(select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id)))


def token(session: Session, text: str) -> ApiToken | None:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return session.scalar(select(ApiToken).where(ApiToken.sha256 == digest, ApiToken.revoked_at.is_(None)))
