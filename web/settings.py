"""Every setting of a process, read once from `CAC_*` environment variables (or `.env`) into one frozen object."""

from __future__ import annotations

import os
import secrets
from datetime import datetime, time
from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_MARK = "DEMOSTRACION"  # a file in the data dir: made by `run.py demo`, never by hand


class Settings(BaseSettings):
    """`Settings()` reads the environment; keyword arguments win over it. docs/operations.md lists each one."""

    model_config = SettingsConfigDict(env_prefix="CAC_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Path("var")
    database_url: str = ""  # empty: SQLite in the data dir
    redis_url: str = ""  # empty: one process, no message queue
    secret_key: str = ""  # empty: made once and kept in the data dir
    timezone: str = "America/Lima"
    public_url: str = "http://127.0.0.1:8000"
    marker_dir: Path | None = None  # where a cabin keeps its mark outside the database
    copies_dir: Path | None = None  # where a cabin copies its database every day
    attachment_days: int = Field(default=30, ge=7)  # a cabin keeps attachments this long after the centre has them
    clock: datetime | None = None  # the process clock starts here and runs on; demo data only
    holiday_scopes: str = "national,public_sector"  # of data/holidays_pe.csv; a local one needs a norm of its own
    closing_hour: time | None = None  # filings from outside count for their day until then; empty: until 23:59
    payment_late_days: int = Field(default=5, ge=1, le=365)  # business days a fee left for the bank may wait
    host: str = "127.0.0.1"
    port: int = 8000
    proxies: int = Field(default=0, ge=0, le=5)  # trusted ones in front, each of which tells who asked

    @field_validator("clock")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("CAC_CLOCK necesita zona horaria, por ejemplo 2026-11-20T10:00:00-05:00")
        return value

    @cached_property
    def demo(self) -> bool:
        """Whether the data was made by `run.py demo`; then every page and paper says DEMOSTRACIÓN."""
        return (self.data_dir / DEMO_MARK).exists()

    @property
    def loopback(self) -> bool:
        return self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def store_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'cac.db'}"

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def files_dir(self) -> Path:
        """Attachments, kept by the hash of their content."""
        return self.data_dir / "adjuntos"

    @property
    def media_dir(self) -> Path:
        """Pictures and videos of the screens' playlists, kept by the hash of their content."""
        return self.data_dir / "medios"

    @property
    def clips_dir(self) -> Path:
        """Recorded voices: a folder a language, with its manifest."""
        return self.data_dir / "voces"

    def session_secret(self) -> str:
        """The key that signs session cookies: the setting, else one made once and kept 0600 in the data dir."""
        if self.secret_key:
            return self.secret_key
        path = self.keys_dir / "session"
        if not path.exists():
            self.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return path.read_text().strip()
