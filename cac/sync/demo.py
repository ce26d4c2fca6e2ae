"""The demonstration's cabin."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from cac.access.actions import SYSTEM
from cac.sync.actions import Terms, add_cabina, give_pairing_code
from cac.sync.support import Support, change_support
from cac.treasury import guarantee
from core.wire import public_text

CODE = "C01"
GUARANTEE_CENTIMOS = 30_000
PHONES = Support(cac="(076) 362 201", treasury="(076) 362 201 anexo 14", support="976 000 114")


def seed_cabina(session: Session, *, key: Ed25519PrivateKey, now: datetime) -> str:
    """Cabin C01 with its guarantee in the treasury; returns the pairing code that `cabina pair` takes."""
    terms = Terms(
        code=CODE,
        name="Internet Los Sauces",
        partner="Inversiones Los Sauces S.A.C.",
        ruc="20512333797",
        place="Jr. Los Sauces 214, Cajamarca",
        hours="lunes a sábado de 8:00 a 20:00",
        guarantee_centimos=GUARANTEE_CENTIMOS,
    )
    add_cabina(session, terms, principal=SYSTEM, now=now)
    change_support(session, PHONES, principal=SYSTEM, now=now)
    guarantee.receive(
        session, CODE, centimos=GUARANTEE_CENTIMOS, reference="Recibo 0001", key=key, principal=SYSTEM, now=now
    )
    return give_pairing_code(session, CODE, centre_key=public_text(key), principal=SYSTEM, now=now)
