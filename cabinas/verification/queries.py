from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.verification.models import VerificationRow
from core.wire import Sealed, Verification, unsealed


def version(session: Session) -> str:
    return session.scalar(select(VerificationRow.version)) or ""


def verification(session: Session) -> Verification | None:
    """None before the first talk with the centre."""
    sealed = session.scalar(select(VerificationRow.sealed))
    return unsealed(Sealed[Verification].model_validate_json(sealed), Verification) if sealed else None
