"""Who works at the till: admitted, given a PIN, let go. Nobody is deleted: what they did keeps their name."""

from __future__ import annotations

import hashlib
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cabinas.operators import rules
from cabinas.operators.models import ApiToken, Operator, OperatorChange
from core.errors import Conflict, NotFound
from core.identity import clean_text, fold
from core.ids import random_token

COMMAND = "una orden en esta PC"  # who did it, where no operator was signed in
CHANGES = {
    "alta": "Entró a trabajar",
    "readmision": "Volvió a trabajar",
    "pin": "Recibió otro PIN",
    "pin_propio": "Cambió su PIN",
    "responsable": "Quedó como responsable",
    "operador": "Dejó de ser responsable",
    "baja": "Dejó de trabajar",
}
hasher = PasswordHasher()


class LoginTaken(Conflict):
    code = "operador.ya_existe"
    detail = "Ya hay un operador con ese usuario en esta cabina."


class NameTaken(Conflict):
    code = "operador.nombre_repetido"
    detail = "Ya hay un operador con ese nombre: agregue el segundo apellido, para que el papel diga quién fue."


class LastResponsible(Conflict):
    code = "operador.ultimo_responsable"
    detail = "Alguien debe responder por la cabina. Haga responsable a otra persona antes."


class OperatorUnknown(NotFound):
    code = "operador.no_existe"
    detail = "Ese operador ya no trabaja en esta caja. Actualice la página."


def hash_pin(pin: str, *, login: str = "") -> str:
    """Argon2id; slow on purpose, so it is done before the write. Raises PinTooShort, PinTooEasy."""
    rules.check_pin(pin, login=login)
    return hasher.hash(pin)


def add_operator(session: Session, *, login: str, name: str, pin_hash: str, now: datetime, by: str = COMMAND) -> int:
    """Somebody works here, again perhaps; the first one answers for the cabin. Raises LoginInvalid, NameMissing, LoginTaken,
    NameTaken."""
    login, name = rules.check_login(login), clean_text(name)
    if not 0 < len(name) <= rules.NAME_CHARS_MAX:
        raise rules.NameMissing(field="name")
    present = list(session.scalars(select(Operator).where(Operator.left_at.is_(None))))
    if any(row.login == login for row in present):
        raise LoginTaken(field="usuario")
    if any(fold(row.name) == fold(name) for row in present):
        raise NameTaken(field="name")
    row = session.scalar(select(Operator).where(Operator.login == login))
    what = "readmision" if row else "alta"
    if row is None:
        row = Operator(login=login, name=name, pin_hash=pin_hash, since_at=now)
        session.add(row)
    row.name, row.pin_hash, row.left_at, row.wrong_pins = name, pin_hash, None, 0
    row.responsible = not any(each.responsible for each in present)
    session.flush()
    _note(session, row, what, by=by, now=now)
    return row.id


def set_pin(session: Session, operator_id: int, pin_hash: str, *, by: str, now: datetime, own: bool = False) -> None:
    """Another PIN; it opens again for whoever was shut out. Raises OperatorUnknown."""
    row = _present(session, operator_id)
    row.pin_hash, row.wrong_pins = pin_hash, 0
    _note(session, row, "pin_propio" if own else "pin", by=by, now=now)


def dismiss(session: Session, operator_id: int, *, by: str, now: datetime) -> str:
    """They may not come in any more, from their next press on; their name. Raises OperatorUnknown, LastResponsible."""
    row = _present(session, operator_id)
    if row.responsible:
        _refuse_last(session, row)
    row.left_at, row.responsible = now, False
    _note(session, row, "baja", by=by, now=now)
    return row.name


def entrust(session: Session, operator_id: int, responsible: bool, *, by: str, now: datetime) -> str:
    """They answer for the cabin, or no longer; their name. Raises OperatorUnknown, LastResponsible."""
    row = _present(session, operator_id)
    if row.responsible and not responsible:
        _refuse_last(session, row)
    if row.responsible != responsible:
        row.responsible = responsible
        _note(session, row, "responsable" if responsible else "operador", by=by, now=now)
    return row.name


def note_wrong_pin(session: Session, login: str) -> None:
    """Of a login that nobody has nothing is kept."""
    session.execute(update(Operator).where(Operator.login == login).values(wrong_pins=Operator.wrong_pins + 1))


def forget_wrong_pins(session: Session, operator_id: int) -> None:
    session.execute(update(Operator).where(Operator.id == operator_id).values(wrong_pins=0))


def make_token(session: Session, *, name: str, now: datetime) -> str:
    """A token for a program of this PC; shown once, kept as its SHA-256."""
    token = random_token()
    session.add(ApiToken(name=name, sha256=hashlib.sha256(token.encode()).hexdigest(), made_at=now))
    return token


def revoke_token(session: Session, token_id: int, *, now: datetime) -> None:
    session.execute(
        update(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None)).values(revoked_at=now)
    )


def _present(session: Session, operator_id: int) -> Operator:
    row = session.get(Operator, operator_id)
    if row is None or row.left_at is not None:
        raise OperatorUnknown()
    return row


def _refuse_last(session: Session, row: Operator) -> None:
    others = select(func.count()).where(Operator.responsible, Operator.left_at.is_(None), Operator.id != row.id)
    if not session.scalar(others):
        raise LastResponsible()


def _note(session: Session, row: Operator, what: str, *, by: str, now: datetime) -> None:
    assert what in CHANGES
    session.add(OperatorChange(operator_id=row.id, what=what, name=row.name, by=by, at=now))
