"""What a technician looks at first: is everything here that the centre needs, and does it answer?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlcipher3 import dbapi2 as sqlcipher

from storage import Store
from web.settings import Settings

MIN_FREE_BYTES = 1024**3
MIN_SQLITE = (3, 53, 0)  # older ones may corrupt a WAL file
VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"


@dataclass(frozen=True, slots=True)
class Finding:
    state: str  # ok | warning | bad
    what: str
    detail: str


def examine(settings: Settings) -> list[Finding]:
    """Everything looked at, good or bad; nothing is changed."""
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (_programs, _data, _database, _queue, _network)
    return [finding for check in checks for finding in check(settings)]


def _programs(settings: Settings) -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding("ok" if sys.version_info >= (3, 11) else "bad", "Python", version)
    sqlite = sqlcipher.sqlite_version
    recent = tuple(int(part) for part in sqlite.split(".")) >= MIN_SQLITE
    yield Finding("ok" if recent else "bad", "SQLite", sqlite if recent else f"{sqlite}: se necesita 3.53 o posterior")
    ready = (VENDOR / "htmx.min.js").exists()
    yield Finding(
        "ok" if ready else "bad", "Archivos de pantalla", "completos" if ready else "faltan: ejecute «make setup»"
    )


def _data(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.exists():
        yield Finding("warning", "Carpeta de datos", f"{folder} aún no existe; se creará al iniciar")
        return
    yield Finding("ok", "Carpeta de datos", f"{folder.resolve()}{' (demostración)' if settings.demo else ''}")
    free = shutil.disk_usage(folder).free
    state = "ok" if free >= MIN_FREE_BYTES else "bad"
    yield Finding(state, "Espacio libre", f"{free // 1024**2} MiB")
    exposed = [path.name for path in settings.keys_dir.glob("*.key") if path.stat().st_mode & 0o077]
    if exposed:
        yield Finding("bad", "Claves", f"otros usuarios pueden leer {', '.join(exposed)}: chmod 600")


def _database(settings: Settings) -> Iterator[Finding]:
    sqlite = settings.store_url.startswith("sqlite")
    if sqlite and not Path(settings.store_url.removeprefix("sqlite:///")).exists():
        yield Finding("warning", "Base de datos", "aún no existe; «run.py db upgrade» la crea")
        return
    store = Store(settings.store_url)
    try:
        with store.read() as session:
            if sqlite:
                word = str(session.execute(text("PRAGMA quick_check(1)")).scalar())
                yield Finding("ok" if word == "ok" else "bad", "Base de datos", f"SQLite: {word}")
            else:
                yield Finding("ok", "Base de datos", str(session.execute(text("SELECT version()")).scalar())[:40])
    except SQLAlchemyError as error:
        yield Finding("bad", "Base de datos", f"no responde: {str(error).splitlines()[0]}")
    finally:
        store.close()


def _queue(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url:
        yield Finding("ok", "Redis", "no se usa: un solo proceso")
        return
    try:
        redis.Redis.from_url(settings.redis_url, socket_timeout=3).ping()
        yield Finding("ok", "Redis", "responde")
    except (RedisError, ValueError) as error:
        yield Finding("bad", "Redis", f"no responde: {error}")


def _network(settings: Settings) -> Iterator[Finding]:
    local = "127.0.0.1" in settings.public_url or "localhost" in settings.public_url
    yield Finding(
        "warning" if local and not settings.demo else "ok",
        "Dirección pública",
        f"{settings.public_url}{': los QR no abrirán en un teléfono; defina CAC_PUBLIC_URL' if local else ''}",
    )
