from __future__ import annotations

import hashlib
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.operators.models import ApiToken, Operator
from core.errors import Conflict, Invalid
from core.ids import random_token

PIN_CHARS_MIN = 4
hasher = PasswordHasher()


class LoginTaken(Conflict):
    code = "operador.ya_existe"
    detail = "Ya hay un operador con ese usuario en esta cabina."


class PinTooShort(Invalid):
    code = "operador.pin_corto"
    detail = f"El PIN debe tener al menos {PIN_CHARS_MIN} caracteres."


def hash_pin(pin: str) -> str:
    """Argon2id; slow on purpose, so it is done before the write. Raises PinTooShort."""
    if len(pin) < PIN_CHARS_MIN:
        raise PinTooShort()
    return hasher.hash(pin)


def add_operator(session: Session, *, login: str, name: str, pin_hash: str, now: datetime) -> int:
    if session.scalar(select(Operator.id).where(Operator.login == login)) is not None:
        raise LoginTaken()
    row = Operator(login=login, name=name, pin_hash=pin_hash, since_at=now)
    session.add(row)
    session.flush()
    return row.id


def make_token(session: Session, *, name: str, now: datetime) -> str:
    """A token for a program of this PC; shown once, kept as its SHA-256."""
    token = random_token()
    session.add(ApiToken(name=name, sha256=hashlib.sha256(token.encode()).hexdigest(), made_at=now))
    return token
