"""What an administrator does that no other feature has a verb for. Each leaves its audit row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cac.access import actions as access
from cac.access.models import ApiToken, Staff
from cac.audit.actions import record
from core.errors import Conflict, Invalid, NotFound
from web.access import Principal


class LastAdmin(Conflict):
    code = "personal.ultimo_administrador"
    detail = "Es la única cuenta de administración activa. Cree otra antes de desactivarla."


class NameMissing(Invalid):
    code = "solicitud.invalida"
    detail = "Escriba un nombre que permita reconocerlo."


def add_staff(session: Session, *, principal: Principal, now: datetime, **person: Any) -> dict[str, Any]:
    """A new account. Raises NameMissing and what `access.add_staff` raises."""
    if not person["name"]:
        raise NameMissing(field="name")
    if not person["username"]:
        raise NameMissing("Escriba el usuario con el que entrará.", field="username")
    return {"id": access.add_staff(session, principal=principal, now=now, **person), "name": person["name"]}


def disable_staff(session: Session, staff_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The account can no longer sign in; what it did stays. Raises NotFound, LastAdmin."""
    person = _staff(session, staff_id)
    if person.disabled_at is None:
        if person.role == "admin" and not _another_admin(session, person):
            raise LastAdmin()
        person.disabled_at = now
        _note(session, principal, "personal.baja", f"staff:{staff_id}", person.role, now)
    return {"id": staff_id, "name": person.name}


def enable_staff(session: Session, staff_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """Undo `disable_staff`. Raises NotFound."""
    person = _staff(session, staff_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        _note(session, principal, "personal.reactivacion", f"staff:{staff_id}", person.role, now)
    return {"id": staff_id, "name": person.name}


def create_token(session: Session, *, token: str, name: str, principal: Principal, **rest: Any) -> dict[str, Any]:
    """Keep a token's hash; the answer tells which token was kept, never the token. Raises NameMissing, Invalid."""
    if not name:
        raise NameMissing(field="name")
    access.create_token(session, token=token, name=name, principal=principal, **rest)
    return {"sha256": access.sha256(token), "name": name}


def revoke_token(session: Session, token_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The token opens nothing more. Raises NotFound."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotFound()
    if token.revoked_at is None:
        token.revoked_at = now
        _note(session, principal, "token.revocado", f"token:{token_id}", token.role, now)
    return {"id": token_id, "name": token.name}


def create_device(session: Session, *, secret: str, name: str, principal: Principal, **rest: Any) -> dict[str, Any]:
    """A device that waits to be paired by its one-time address; the answer never holds it. Raises NameMissing."""
    if not name:
        raise NameMissing(field="name")
    access.create_device(session, secret=secret, name=name, principal=principal, **rest)
    return {"sha256": access.sha256(secret), "name": name}


def revoke_device(session: Session, device_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    access.revoke_device(session, device_id, principal=principal, now=now)
    return {"id": device_id}


def _staff(session: Session, staff_id: int) -> Staff:
    person = session.get(Staff, staff_id)
    if person is None:
        raise NotFound()
    return person


def _another_admin(session: Session, person: Staff) -> bool:
    others = session.query(Staff).filter(Staff.role == "admin", Staff.disabled_at.is_(None), Staff.id != person.id)
    return others.first() is not None


def _note(session: Session, principal: Principal, action: str, subject: str, detail: str, now: datetime) -> None:
    record(session, principal=principal, action=action, subject=subject, detail=detail, now=now)
