from __future__ import annotations

import hashlib
from functools import cache

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.operators.actions import hasher
from cabinas.operators.models import ApiToken, Operator


@cache
def nobody() -> str:
    """Checked for an unknown login, so that it takes as long as a wrong PIN."""
    return hasher.hash("nobody")


def by_pin(session: Session, login: str, pin: str) -> Operator | None:
    """The operator with that login and PIN."""
    found = by_login(session, login)
    try:
        hasher.verify(found.pin_hash if found else nobody(), pin)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return found


def by_login(session: Session, login: str) -> Operator | None:
    return session.scalar(select(Operator).where(Operator.login == login, Operator.left_at.is_(None)))


def by_id(session: Session, operator_id: int) -> Operator | None:
    found = session.get(Operator, operator_id)
    return found if found and found.left_at is None else None


def token(session: Session, text: str) -> ApiToken | None:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return session.scalar(select(ApiToken).where(ApiToken.sha256 == digest, ApiToken.revoked_at.is_(None)))
