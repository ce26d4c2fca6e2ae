"""The centre as a process: its settings, its store, its lock, its server."""

from __future__ import annotations

import socket
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
from web.server import Refused, listen
from web.serving import open_store, serve_until_stopped
from web.settings import Settings
from web.tls import authority_pin, certificate

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = "serve.lock"
ADDRESS = "direccion"  # in the data dir: where the last server listened, so that other commands print true links

Extension = Callable[[APIFlask, Store, Settings], None]


def read_settings(**given: Any) -> Settings:
    """`CAC_*` and what the command line gives; starts the process clock. CAC_CLOCK needs a demo's data."""
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    address = settings.data_dir / ADDRESS
    if "public_url" not in settings.model_fields_set and address.exists():
        settings = settings.model_copy(update={"public_url": address.read_text(encoding="utf-8").strip()})
    if settings.clock is not None:
        if not settings.demo:
            raise Refused("CAC_CLOCK solo se admite con datos creados por «run.py demo».")
        set_start(settings.clock)
    return settings


@contextmanager
def centre_store(settings: Settings | None = None) -> Iterator[Store]:
    """The centre's store for one command, its schema up to date."""
    settings = settings or read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
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
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = lock_data(settings) if settings.store_url.startswith("sqlite") else None
    listener = listen(settings.host, settings.port)
    scheme = "https" if tls else "http"
    settings = _at_an_address(settings, scheme, port=listener.getsockname()[1])
    with centre_store(settings) as store:
        app = create_app(store, settings)
        for extend in extensions:
            extend(app, store, settings)
        runner = make_runner(app, store)
        runner.start()
        ssl = certificate(settings.keys_dir, settings.host, now=now) if tls else None
        serve_until_stopped(
            app,
            listener,
            ssl=ssl,
            ready=lambda port: _announce(f"{scheme}://{settings.host}:{port}", settings, tls=tls),
        )
        runner.stop()
        for finish in app.extensions.get("at_stop", ()):
            finish()
        app.extensions["reads"].flush()
    if lock:
        lock.release()


def _announce(address: str, settings: Settings, *, tls: bool) -> None:
    click.echo(f"Atendiendo en {address}")
    if tls:
        click.echo(f"Huella de la autoridad, para los agentes de impresión: {authority_pin(settings.keys_dir)}")


def _at_an_address(settings: Settings, scheme: str, *, port: int) -> Settings:
    """`settings` with its port, and with the public URL that leads to it unless one was set; the data dir remembers it."""
    known = Settings(data_dir=settings.data_dir)
    public = settings.public_url
    if "public_url" not in known.model_fields_set:
        host = machine_address() if settings.host in ("0.0.0.0", "::") else settings.host
        public = f"{scheme}://{host}:{port}"
    (settings.data_dir / ADDRESS).write_text(public + "\n", encoding="utf-8")
    return settings.model_copy(update={"port": port, "public_url": public})


def machine_address() -> str:
    """This machine's address on its network, as phones reach it; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])
