"""Staff, API tokens and hall devices. A secret is never stored: passwords as Argon2id, random tokens as SHA-256."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id


class Staff(Base):
    __tablename__ = "staff"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    sala: Mapped[str | None] = mapped_column(String(40))  # code of the sala it works in; null: any
    area: Mapped[str | None] = mapped_column(String(160))  # unidad orgánica of a `unidad` user
    demo: Mapped[bool] = mapped_column(default=False)  # sign-in known to everybody: loopback only
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class ApiToken(Base):
    __tablename__ = "api_token"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    sala: Mapped[str | None] = mapped_column(String(40))
    area: Mapped[str | None] = mapped_column(String(160))
    printer: Mapped[str | None] = mapped_column(String(60))  # the one an `agente` prints for
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Device(Base):
    """A kiosk, a TV or the tablet of a ventanilla. `pairing_sha256` opens it once; `cookie_sha256` is what the browser keeps."""

    __tablename__ = "device"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))  # kiosko | pantalla | tableta, which is also its role
    name: Mapped[str] = mapped_column(String(60))
    sala: Mapped[str | None] = mapped_column(String(40))
    ventanilla: Mapped[int | None]  # number of the one a tablet stands at
    pairing_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    pairing_until: Mapped[datetime | None]
    cookie_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    paired_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    clock_offset_s: Mapped[int | None]  # how far ahead of ours its own clock was when it last told
    revoked_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Wrong tries, counted per user name and per address within a quarter of an hour."""

    __tablename__ = "sign_in_failure"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(String(40), index=True)
    address: Mapped[str] = mapped_column(String(60), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
