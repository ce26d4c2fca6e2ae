"""The centre as a process: its settings, its store, its lock, its server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from apiflask import APIFlask

from cac.app import create_app
from cac.base import Base
from cac.loops import make_runner
from core.clock import set_start
from storage import Store, upgrade
from storage.lock import AlreadyLocked, DataLock
from web.serving import open_store, serve_until_stopped
from web.settings import Settings
from web.tls import certificate

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = "serve.lock"

Extension = Callable[[APIFlask, Store, Settings], None]


class Refused(click.ClickException):
    """One clear line, exit 2."""

    exit_code = 2


def read_settings(**given: Any) -> Settings:
    """`CAC_*` and what the command line gives; starts the process clock. CAC_CLOCK needs a demo's data."""
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    if settings.clock is not None:
        if not settings.demo:
            raise Refused("CAC_CLOCK solo se admite con datos creados por «run.py demo».")
        set_start(settings.clock)
    return settings


@contextmanager
def centre_store(settings: Settings | None = None) -> Iterator[Store]:
    """The centre's store for one command, its schema up to date."""
    settings = settings or read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.store_url, MIGRATIONS, metadata=Base.metadata)
    store = open_store(settings.store_url)
    try:
        yield store
    finally:
        store.close()


def lock_data(settings: Settings) -> DataLock:
    """Only one server writes one SQLite file; PostgreSQL takes any number."""
    try:
        return DataLock(settings.data_dir / LOCK)
    except AlreadyLocked as other:
        raise Refused(
            f"Otro servidor (proceso {other.pid or 'desconocido'}) ya usa los datos de {settings.data_dir}."
        ) from None


def serve_centre(settings: Settings, extensions: Sequence[Extension], *, tls: bool, now: datetime) -> None:
    """Run the centre until told to stop. `extensions` add what other packages bring to it."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = lock_data(settings) if settings.store_url.startswith("sqlite") else None
    scheme = "https" if tls else "http"
    with centre_store(settings) as store:
        app = create_app(store, settings)
        for extend in extensions:
            extend(app, store, settings)
        runner = make_runner(app, store)
        runner.start()
        ssl = certificate(settings.keys_dir, settings.host, now=now) if tls else None
        serve_until_stopped(
            app,
            host=settings.host,
            port=settings.port,
            ssl=ssl,
            ready=lambda port: click.echo(f"Atendiendo en {scheme}://{settings.host}:{port}"),
        )
        runner.stop()
        app.extensions["reads"].flush()
    if lock:
        lock.release()
