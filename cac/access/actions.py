"""Sign-in, tokens and devices. Verbs never commit; secrets are returned once and stored only as hashes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from cac.access.models import ApiToken, Device, SignInFailure, Staff
from cac.access.roles import ROLES, STAFF_ROLES, TABLETA
from cac.audit.actions import record
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from web.access import Principal

SIGN_IN_WINDOW = timedelta(minutes=15)
TRIES_PER_NAME = 8
TRIES_PER_ADDRESS = 60
PAIRING_VALID = timedelta(hours=24)
MIN_PASSWORD = 8
CLOCK_CHANGED_S = 5
MAX_CLOCK_S = 2_000_000_000  # a clock of another century is still an integer of the column
SEEN_EVERY = timedelta(seconds=15)  # a device that calls more often is noted as alive once

SYSTEM = Principal("system", 0, "sistema", "")  # who acts when nobody asked: loops and the command line

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked when the name is unknown, so that a wrong name takes as long as a wrong password."""
    return _hasher.hash(secrets.token_hex(16))


class WrongSignIn(Forbidden):
    code = "acceso.clave_incorrecta"
    detail = "El usuario o la contraseña no coinciden. Revise mayúsculas y vuelva a intentar."


class TooManySignIns(TooMany):
    detail = "Hubo muchos intentos fallidos. Espere quince minutos o pida al administrador otra contraseña."


class DemoOnNetwork(Forbidden):
    code = "acceso.demo_en_red"
    detail = "Las cuentas de demostración solo funcionan en este mismo equipo. Cree cuentas propias con «staff add»."


class UsernameTaken(Conflict):
    code = "personal.usuario_repetido"
    detail = "Ese usuario ya existe. Elija otro."


class PairingUnknown(NotFound):
    code = "equipo.enlace_vencido"
    detail = "Este enlace ya se usó o venció. Pida uno nuevo con «device pair»."


class TabletNowhere(Invalid):
    code = "equipo.sin_ventanilla"
    detail = "Una tableta pregunta por una ventanilla: indique la sala y el número."


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def add_staff(
    session: Session,
    *,
    username: str,
    name: str,
    role: str,
    password: str,
    now: datetime,
    sala: str | None = None,
    area: str | None = None,
    demo: bool = False,
    principal: Principal = SYSTEM,
) -> int:
    """A person who may sign in; returns its id. `principal` is who adds it. Raises Invalid, UsernameTaken."""
    if role not in STAFF_ROLES:
        raise Invalid(f"El rol debe ser uno de: {', '.join(STAFF_ROLES)}.", field="role")
    if len(password) < MIN_PASSWORD:
        raise Invalid(f"La contraseña necesita al menos {MIN_PASSWORD} caracteres.", field="password")
    if session.scalar(select(Staff.id).where(Staff.username == username)):
        raise UsernameTaken(field="username")
    person = Staff(
        username=username,
        name=name,
        role=role,
        password_hash=_hasher.hash(password),
        sala=sala,
        area=area,
        demo=demo,
        created_at=now,
    )
    session.add(person)
    session.flush()
    record(session, principal=principal, action="personal.alta", subject=f"staff:{person.id}", detail=role, now=now)
    return person.id


def check_password(person: Staff | None, password: str) -> bool:
    """Slow on purpose: called outside the writer, never inside a verb."""
    try:
        return _hasher.verify(person.password_hash if person else _nobody(), password) and person is not None
    except VerifyMismatchError:
        return False


def too_many_failures(session: Session, username: str, address: str, *, now: datetime) -> bool:
    """Whether this name or this address has used up its wrong tries."""
    since = now - SIGN_IN_WINDOW
    of_name, of_address = (
        session.scalar(select(func.count()).select_from(SignInFailure).where(column == value, SignInFailure.at > since))
        or 0
        for column, value in ((SignInFailure.username, username), (SignInFailure.address, address))
    )
    return of_name >= TRIES_PER_NAME or of_address >= TRIES_PER_ADDRESS


def note_failure(session: Session, username: str, address: str, *, now: datetime) -> None:
    session.execute(insert(SignInFailure).values(username=username[:40], address=address[:60], at=now))
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - timedelta(days=1)))


def note_sign_in(session: Session, staff_id: int, *, now: datetime) -> None:
    person = session.get_one(Staff, staff_id)
    session.execute(delete(SignInFailure).where(SignInFailure.username == person.username))
    record(
        session, principal=of_staff(person), action="acceso.ingreso", subject=f"staff:{staff_id}", detail="", now=now
    )


def create_token(
    session: Session,
    *,
    role: str,
    name: str,
    now: datetime,
    sala: str | None = None,
    area: str | None = None,
    printer: str | None = None,
    token: str | None = None,
    principal: Principal = SYSTEM,
) -> str:
    """A bearer token, given once; only its hash stays. `token` is made here unless the caller made it. Raises Invalid."""
    if role not in ROLES:
        raise Invalid(f"El rol debe ser uno de: {', '.join(ROLES)}.", field="role")
    token = token or secrets.token_urlsafe(32)
    row = ApiToken(name=name, role=role, sha256=sha256(token), sala=sala, area=area, printer=printer, created_at=now)
    session.add(row)
    session.flush()
    record(session, principal=principal, action="token.alta", subject=f"token:{row.id}", detail=role, now=now)
    return token


def create_device(
    session: Session,
    *,
    kind: str,
    name: str,
    sala: str | None,
    now: datetime,
    ventanilla: int | None = None,
    secret: str | None = None,
    principal: Principal = SYSTEM,
) -> str:
    """A kiosk, screen or tablet waiting to be paired; returns the secret of its one-time URL, made here unless given.

    Raises TabletNowhere: a tablet asks about one ventanilla."""
    if kind == TABLETA and not (sala and ventanilla):
        raise TabletNowhere(field="ventanilla" if sala else "sala")
    secret = secret or secrets.token_urlsafe(24)
    row = Device(
        kind=kind,
        name=name,
        sala=sala,
        ventanilla=ventanilla if kind == TABLETA else None,
        pairing_sha256=sha256(secret),
        pairing_until=now + PAIRING_VALID,
        created_at=now,
    )
    session.add(row)
    session.flush()
    record(session, principal=principal, action="equipo.alta", subject=f"device:{row.id}", detail=kind, now=now)
    return secret


def pair_device(session: Session, secret: str, *, now: datetime) -> dict[str, str | None]:
    """Use a one-time URL: `{kind, sala, cookie}`, the cookie given once. Raises PairingUnknown."""
    device = session.scalar(select(Device).where(Device.pairing_sha256 == sha256(secret)))
    if device is None or device.revoked_at or device.pairing_until is None or device.pairing_until < now:
        raise PairingUnknown()
    cookie = secrets.token_urlsafe(32)
    device.cookie_sha256, device.pairing_sha256, device.paired_at = sha256(cookie), None, now
    record(
        session,
        principal=of_device(device),
        action="equipo.emparejado",
        subject=f"device:{device.id}",
        detail="",
        now=now,
    )
    return {"kind": device.kind, "sala": device.sala, "cookie": cookie}


def revoke_device(session: Session, device_id: int, *, principal: Principal, now: datetime) -> None:
    session.execute(update(Device).where(Device.id == device_id, Device.revoked_at.is_(None)).values(revoked_at=now))
    record(session, principal=principal, action="equipo.revocado", subject=f"device:{device_id}", detail="", now=now)


def is_signal_due(session: Session, device_id: int, *, clock_offset_s: int | None, now: datetime) -> bool:
    """Whether a device that just spoke should be noted: it is time again, or its clock is not as it last told.

    Asked before the writer is troubled with it."""
    known = session.execute(select(Device.seen_at, Device.clock_offset_s).where(Device.id == device_id)).one()
    if known.seen_at is None or now - known.seen_at >= SEEN_EVERY:
        return True
    return clock_offset_s is not None and abs(clock_offset_s - (known.clock_offset_s or 0)) > CLOCK_CHANGED_S


def seen(session: Session, device_ids: list[int], *, now: datetime) -> None:
    """These devices are alive; told now and then by whoever serves them, never at each request."""
    session.execute(update(Device).where(Device.id.in_(device_ids)).values(seen_at=now))


def note_signal(session: Session, device_id: int, *, clock_offset_s: int | None, now: datetime) -> None:
    """A device is alive, and how far ahead of ours its clock is; None leaves what it last told."""
    values: dict[str, object] = {"seen_at": now}
    if clock_offset_s is not None:
        values["clock_offset_s"] = max(-MAX_CLOCK_S, min(MAX_CLOCK_S, clock_offset_s))
    session.execute(update(Device).where(Device.id == device_id).values(values))


def of_staff(person: Staff) -> Principal:
    return Principal("staff", person.id, person.name, person.role, sala=person.sala, area=person.area)


def of_token(token: ApiToken) -> Principal:
    return Principal("token", token.id, token.name, token.role, sala=token.sala, area=token.area, printer=token.printer)


def of_device(device: Device) -> Principal:
    return Principal("device", device.id, device.name, device.kind, sala=device.sala, ventanilla=device.ventanilla)
