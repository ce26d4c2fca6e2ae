from __future__ import annotations

from sqlalchemy.orm import Session

from cabinas.verification.models import VerificationRow
from core.wire import Sealed, Verification, unsealed


def take_verification(session: Session, sealed: Sealed[Verification]) -> None:
    """Its signature was verified by who talked with the centre."""
    row = session.get(VerificationRow, 1) or VerificationRow(id=1)
    row.version, row.sealed = unsealed(sealed, Verification).version, sealed.model_dump_json()
    session.add(row)
