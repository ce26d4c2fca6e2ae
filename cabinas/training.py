"""The till to practise on: a cabin that does not exist, in a folder, a database and a series of its own, that talks with nobody.

It takes from the real till what it may charge and who may sign in, and gives nothing back. Its pages and its papers say
CAPACITACIÓN: it is the name of its municipality, so no paper can leave it out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.app import create_app
from cabinas.device import Device, key_to_pair, load_key
from cabinas.enrolment.actions import enrol
from cabinas.enrolment.queries import terms
from cabinas.operators.actions import add_operator
from cabinas.operators.models import Operator
from cabinas.operators.queries import by_login
from cabinas.paper.actions import set_printer
from cabinas.paper.queries import printer_url
from cabinas.paper.worker import Spooler
from cabinas.serve import DATABASE, HOST, LOCK, marker_dir, read_settings, till_store
from cabinas.till import Till
from core import wire
from core.ids import random_token
from printing import Profile
from storage import Store
from storage.lock import AlreadyLocked, DataLock
from web.server import Refused, listen
from web.serving import own_thread, serve_until_stopped
from web.settings import Settings

FOLDER = "capacitacion"  # beside the real data, never among them
NAME = "CAPACITACIÓN"
NUMBERS, VALID = 9_999, timedelta(days=3_650)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the real till lends."""

    catalogue: wire.Catalogue
    operators: tuple[tuple[str, str, str], ...]  # login, name, hash of the PIN


def lesson(store: Store) -> Lesson:
    with store.read() as session:
        held = terms(session).catalogue
        present = select(Operator).where(Operator.left_at.is_(None))
        people = tuple((row.login, row.name, row.pin_hash) for row in session.scalars(present))
    convenio = held.convenio.model_copy(update={"name": NAME, "partner": "SIN VALOR"})
    practice = {
        "version": FOLDER,
        "cabina": wire.TRAINING_CABINA,
        "municipality": NAME,
        "public_url": "https://capacitacion.invalid",
        "convenio": convenio,
    }
    return Lesson(held.model_copy(update=practice), people)


def make_training_till(store: Store, settings: Settings, taught: Lesson, *, printer: str | None, now: datetime) -> Till:
    """The practice till, begun or gone on with. It has no loop that talks: there is nobody to talk to."""
    with store.read() as session:
        begun = session.scalar(select(Operator.id).limit(1)) is not None
    if not begun:
        key = key_to_pair(settings.keys_dir, ())
        store.write(_begin, taught.catalogue, device_key=wire.public_text(key), now=now)
    store.write(_admit, taught.operators, now=now)
    if printer:
        store.write(set_printer, printer)
    with store.read() as session:
        public, url = terms(session).identity.device_key, printer_url(session)
    profile = Profile.from_url(url) if url else Profile()
    device = Device(load_key(settings.keys_dir, public), marker_dir(settings), profile=profile)
    return Till(store, device, settings.data_dir, None, Spooler(store, device, url=url, run=own_thread()))


def serve_training(folder: Path, port: int, *, fresh: bool, printer: str | None, now: datetime) -> None:
    """Serve the practice till beside the real one, whether that runs or not."""
    real = read_settings(folder)
    if not (real.data_dir / DATABASE).exists():
        raise Refused(f"En {folder} no hay una cabina emparejada. Ejecute primero «run.py cabina pair».")
    with till_store(real) as store:
        taught = lesson(store)
    settings = read_settings(folder / FOLDER)
    try:
        lock = DataLock(settings.data_dir / LOCK)
    except AlreadyLocked:
        raise Refused("La capacitación ya está abierta en esta PC.") from None
    if fresh:
        _forget(settings.data_dir)
    listener = listen(HOST, port)
    with till_store(settings) as store:
        till = make_training_till(store, settings, taught, printer=printer, now=now)
        assert till.spooler is not None
        till.spooler.start()
        app = create_app(till, settings)
        serve_until_stopped(app, listener, ready=lambda bound: click.echo(f"Capacitación en http://{HOST}:{bound}"))
        till.spooler.stop()
    lock.release()


def _forget(folder: Path) -> None:
    """All that was practised; its lock is held and stays."""
    assert folder.name == FOLDER
    for path in folder.iterdir():
        if path.name == LOCK:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _begin(session: Session, catalogue: wire.Catalogue, *, device_key: str, now: datetime) -> None:
    nobody = wire.new_key()  # signs this once and is forgotten: what follows can come from no one
    lease = wire.Lease(
        cabina=wire.TRAINING_CABINA,
        epoch=1,
        series="A",
        year=now.year,
        first=1,
        last=NUMBERS,
        valid_from=now,
        valid_until=now + VALID,
        device_key=device_key,
    )
    answer = wire.PairingAnswer(
        nonce=random_token(),
        cabina=wire.TRAINING_CABINA,
        centre_key=wire.public_text(nobody),
        centre_epoch=1,
        lease=wire.seal(nobody, lease),
        catalogue=wire.seal(nobody, catalogue),
        now=now,
    )
    enrol(session, centre_url=catalogue.public_url, answer=answer, device_key=device_key, now=now)


def _admit(session: Session, people: tuple[tuple[str, str, str], ...], *, now: datetime) -> None:
    """Who works at the real till now, with the name and PIN they have there; nobody else."""
    working = {login for login, _, _ in people}
    for row in session.scalars(select(Operator).where(Operator.left_at.is_(None))):
        if row.login not in working:
            row.left_at, row.responsible = now, False
    for login, name, pin_hash in people:
        known = by_login(session, login)
        if known is None:
            add_operator(session, login=login, name=name, pin_hash=pin_hash, now=now)
        else:
            known.name, known.pin_hash, known.wrong_pins = name, pin_hash, 0
