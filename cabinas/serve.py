"""The till as a process: its folder, its store, its lock, its loops, its server."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
import gevent
import gevent.event
import gevent.os
from sqlalchemy import select

from cabinas import machine, schema
from cabinas.app import create_app
from cabinas.attachments.loop import AttachmentLoop
from cabinas.copies import fault_of, was_set_aside
from cabinas.device import Device, load_key
from cabinas.enrolment.queries import NotPaired, terms
from cabinas.operators.models import Operator
from cabinas.paper.queries import printer_url
from cabinas.paper.worker import Spooler
from cabinas.rescue.app import create_rescue
from cabinas.rescue.routes import Rescue
from cabinas.sync import actions as sync
from cabinas.sync.client import Talk
from cabinas.sync.loop import SyncLoop
from cabinas.till import Till
from cabinas.upkeep_loop import UpkeepLoop
from core.clock import set_start
from printing import Profile
from storage import Store, upgrade
from storage.lock import AlreadyLocked, DataLock
from web.server import Refused, listen
from web.serving import open_store, own_thread, serve_until_stopped
from web.settings import Settings

MIGRATIONS = Path(__file__).with_name("migrations")
DATABASE = "cabina.db"
LOCK = "cabina.lock"
AUTHORITY = "centro-ca.pem"
SETTINGS_FILE = "ajustes.env"  # written by `cabina install`, read by each command on the folder
PORT = 8100
HOST = "127.0.0.1"  # the till never listens to other PCs
READY = f"Caja lista en http://{HOST}:{{}}"
ANSWERED_S = 0.5  # the page that says so goes out before the server stops


def read_settings(folder: Path) -> Settings:
    """The settings of the till in `folder`; starts the process clock. CAC_CLOCK needs a demo's data."""
    folder = folder.resolve()
    try:
        own = folder / SETTINGS_FILE
        files: dict[str, Any] = {"_env_file": (".env", own)} if own.exists() else {}
        settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / DATABASE}", **files)
    except PermissionError:
        raise Refused(f"Este usuario no puede leer {folder}. Ejecútelo como el de la caja: sudo -u cabina …") from None
    if settings.clock is not None:
        if not _is_demo(settings):
            raise Refused("CAC_CLOCK solo se admite con datos creados por «run.py demo».")
        set_start(settings.clock)
    return settings


def port_of(settings: Settings, told: int | None = None) -> int:
    """The till's port: told now, else at its installation, else the usual one."""
    if told is not None:
        return told
    return settings.port if "port" in settings.model_fields_set else PORT


def marker_dir(settings: Settings) -> Path:
    return settings.marker_dir or settings.data_dir / "marca"


def copies_dir(settings: Settings) -> Path:
    return settings.copies_dir or settings.data_dir / "copias"


def authority(settings: Settings) -> Path:
    """The centre's own certificate authority, when it has one: then only it is believed."""
    return settings.keys_dir / AUTHORITY


@contextmanager
def till_store(settings: Settings) -> Iterator[Store]:
    """The till's store for one command, its schema up to date."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.store_url, MIGRATIONS, metadata=schema.metadata)
    store = open_store(settings.store_url)
    try:
        yield store
    finally:
        store.close()


def has_operator(folder: Path) -> bool:
    with till_store(read_settings(folder)) as store, store.read() as session:
        return session.scalar(select(Operator.id).where(Operator.left_at.is_(None)).limit(1)) is not None


def serve_till(folder: Path, port: int | None, *, proof: bool = False) -> None:
    """Run the till until told to stop. It needs no link, no sign-in and nobody to start it.

    `proof`: only to see whether it serves these data; nothing is sent, printed or copied, and it ends with its standard input."""
    settings = read_settings(folder)
    port = port_of(settings, port)
    if not (settings.data_dir / DATABASE).exists() and not was_set_aside(settings.data_dir):
        raise Refused(f"En {folder} no hay una cabina emparejada. Ejecute primero «run.py cabina pair».")
    try:
        lock = DataLock(settings.data_dir / LOCK)
    except AlreadyLocked as other:
        raise Refused(
            f"Otra caja (proceso {other.pid or 'desconocido'}) ya usa los datos de {settings.data_dir}."
        ) from None
    listener = rescued(settings, port)
    if listener is None:
        lock.release()
        return
    with till_store(settings) as store:
        till = make_till(store, settings)
        app = create_app(till, settings)
        if proof:
            stop = gevent.event.Event()
            gevent.spawn(_until_end_of_input, stop)
            serve_until_stopped(app, listener, ready=lambda bound: click.echo(READY.format(bound)), stop=stop)
        else:
            database = settings.data_dir / DATABASE
            upkeep = UpkeepLoop(store, database, copies_dir(settings), till.files_dir, settings.attachment_days)
            _serve_with_loops(till, app, listener, upkeep)
    lock.release()


def _serve_with_loops(till: Till, app: Any, listener: socket.socket, upkeep: UpkeepLoop) -> None:
    assert till.sync is not None and till.spooler is not None and till.attachments is not None
    till.sync.start()
    till.spooler.start()
    till.attachments.start()
    upkeep.start()
    serve_until_stopped(app, listener, ready=lambda bound: click.echo(READY.format(bound)))
    till.attachments.stop()
    till.sync.stop()
    till.spooler.stop()
    upkeep.stop()


def _until_end_of_input(stop: gevent.event.Event) -> None:
    while gevent.os.tp_read(sys.stdin.fileno(), 1):
        pass
    stop.set()


def rescued(settings: Settings, port: int) -> socket.socket | None:
    """The till's listener, once its database is sound: a damaged one is first led through rescue, on the same address. None: the
    process was told to stop meanwhile."""
    database = settings.data_dir / DATABASE
    while True:
        listener = listen(HOST, port)
        fault = fault_of(database)
        if not fault:
            return listener
        click.echo(f"La base de datos está dañada: {fault}. La caja abre en rescate.", err=True)
        port = listener.getsockname()[1]
        stop = gevent.event.Event()
        rescue = Rescue(database, copies_dir(settings), fault, done=partial(gevent.spawn_later, ANSWERED_S, stop.set))
        app = create_rescue(rescue, settings)
        serve_until_stopped(app, listener, ready=lambda bound: click.echo(READY.format(bound)), stop=stop)
        if not rescue.restored:
            return None


def make_till(store: Store, settings: Settings) -> Till:
    """The till with its loops, not yet started. Raises Refused when nothing is paired here."""
    with store.read() as session:
        try:
            held = terms(session)
        except NotPaired as unpaired:
            raise Refused(unpaired.detail) from None
        url = printer_url(session)
    key = load_key(settings.keys_dir, held.identity.device_key)
    profile = Profile.from_url(url) if url else Profile()
    device = Device(key, marker_dir(settings), machine.fingerprint(), profile)
    store.write(sync.check_mark, device.read_mark(), device_key=device.public_key)
    store.write(sync.check_machine, device.machine)
    ca = authority(settings)
    verify = str(ca) if ca.exists() else True
    loop = SyncLoop(store, device, talk=Talk(device.key, verify=verify))
    till = Till(store, device, settings.data_dir, loop, Spooler(store, device, url=url, run=own_thread()))
    till.verify = verify
    till.attachments = AttachmentLoop(store, device, talk=Talk(device.key, verify=verify), folder=till.files_dir)
    return till


def _is_demo(settings: Settings) -> bool:
    if settings.demo:
        return True
    if not (settings.data_dir / DATABASE).exists():
        return False
    with till_store(settings) as store, store.read() as session:
        try:
            return terms(session).catalogue.demo
        except NotPaired:
            return False
