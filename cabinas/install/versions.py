"""From one version of the program to another, and back, with the database kept.

A version is a folder with the program and its environment; a link in the data folder says which one the till is. A change is
written down before anything is touched, with a copy of the database and the last event in it. The moment of the change is the
link's: until then whatever happens, a power cut too, leaves the version and the database that were; after it, the new ones.
The new version has by then migrated the database, checked it and answered on it, at a port that nobody knows: so nothing can
have been filed that going back would lose."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
import requests
from sqlcipher3 import dbapi2 as sqlcipher

from cabinas import schema
from cabinas.copies import fault_of, make_copy, put_back
from cabinas.device import write_durably
from cabinas.install.place import PROGRAM
from cabinas.outbox.queries import pending
from cabinas.serve import DATABASE, LOCK, MIGRATIONS, till_store
from storage.lock import AlreadyLocked, DataLock
from storage.migrations import downgrade, upgrade
from web.server import Refused
from web.settings import Settings

FOLDER = "versiones"  # in the data folder
UNDER_WAY, LAST = "cambio.json", "anterior.json"
CHANGE_LOCK = "cambio.lock"
TRIAL = "ensayo-"
PROOF_S, MIGRATION_S, END_S = 180.0, 900.0, 30.0
DOES_NOT_START = "la versión nueva no inicia con estos datos: {}"


@dataclass(frozen=True, slots=True)
class Change:
    """`before` and `after` are folders of the program; the rest is the database as it was, whose copy is `copy`."""

    before: str
    after: str
    copy: str
    revision: str
    epoch: int
    seq: int


def update(settings: Settings, after: Path, *, now: datetime) -> None:
    """The till, which must not be working, becomes the version in `after`. Raises Refused; then all is as it was."""
    _check_program(after)
    _change(settings, after, bring=lambda change: _migrated_by(after, settings.data_dir), now=now)


def rehearse(settings: Settings, after: Path, *, now: datetime) -> None:
    """The version in `after` brings up a copy of the database while the till works on: one that cannot never stops it. Raises Refused."""
    _check_program(after)
    folder = settings.data_dir / FOLDER
    folder.mkdir(exist_ok=True, mode=0o700)
    for left in folder.glob(f"{TRIAL}*"):  # by a power cut
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=TRIAL) as trial:
        try:
            make_copy(settings.data_dir / DATABASE, Path(trial), now).path.rename(Path(trial) / DATABASE)
        except (OSError, sqlcipher.Error) as error:
            raise Refused(f"No se pudo copiar la base para probar la versión nueva: {error}. Nada cambió.") from None
        try:
            _migrated_by(after, Path(trial))
        except Refused as failure:
            raise Refused(
                f"La caja sigue con su versión, sin detenerse: con una copia de la base, {failure.message}"
            ) from None


def roll_back(settings: Settings, *, now: datetime) -> str:
    """The till becomes the version before the last change; every case stays. What was done with the database, in words.

    Raises Refused; then all is as it was."""
    last = _read(settings, LAST)
    if last is None:
        raise Refused("No hay una versión anterior a la que volver.")
    _check_program(Path(last.before))
    done: list[str] = []
    _change(settings, Path(last.before), bring=lambda _: done.append(_bring_back(settings, last, now=now)), now=now)
    return done[0]


def settle(settings: Settings, *, now: datetime) -> None:
    """At the till's start: a change cut short by a power failure is finished or undone. Raises Refused while one is under way."""
    if _read(settings, UNDER_WAY) is None:
        return
    with _alone(settings):
        change = _read(settings, UNDER_WAY)
        if change is None:
            return
        if program_in_use(settings) == Path(change.after):
            _accept(settings)
        else:
            _undo(settings, change, now=now)
            click.echo(
                "Un cambio de versión quedó a medias: la caja sigue con la versión y la base de antes.", err=True
            )


def program_in_use(settings: Settings) -> Path:
    return (settings.data_dir / PROGRAM).resolve()


def program_before(settings: Settings) -> Path | None:
    last = _read(settings, LAST)
    return Path(last.before) if last else None


def migrate(settings: Settings) -> None:
    """The database to the schema of this version, checked; nobody else has it open. Raises Refused."""
    with _till_stopped(settings):
        upgrade(settings.store_url, MIGRATIONS, metadata=schema.metadata)
        if fault := fault_of(settings.data_dir / DATABASE):
            raise Refused(f"tras migrar la base no quedó bien: {fault}")


def _change(settings: Settings, after: Path, *, bring: Callable[[Change], object], now: datetime) -> None:
    if not (settings.data_dir / PROGRAM / "run.py").exists():
        raise Refused("Esta caja no se instaló con «make cabina»: instálela así una vez, y luego actualice.")
    if after == program_in_use(settings):
        raise Refused(f"La caja ya es la versión de {after}.")
    database, folder = settings.data_dir / DATABASE, settings.data_dir / FOLDER
    with _alone(settings):
        with _till_stopped(settings):
            try:
                copy = make_copy(database, folder, now).path
            except (OSError, sqlcipher.Error) as error:
                raise Refused(f"No se pudo copiar la base antes de cambiar: {error}. Nada cambió.") from None
            before = str(program_in_use(settings))
            change = Change(before, str(after), copy.name, _revision(database), *_last_event(database))
            _write(settings, UNDER_WAY, change)
        try:
            bring(change)
            _prove(after, settings.data_dir)
            _point_to(settings, after)
        except (Refused, OSError, sqlcipher.Error) as failure:
            _undo(settings, change, now=now)
            reason = failure.message if isinstance(failure, Refused) else str(failure)
            raise Refused(f"Se volvió a la versión y la base de antes, sin perder nada: {reason}") from None
        _accept(settings)


def _bring_back(settings: Settings, last: Change, *, now: datetime) -> str:
    """The database to the schema of the version before, with all that was filed since. Raises Refused."""
    database = settings.data_dir / DATABASE
    with _till_stopped(settings):
        if _revision(database) == last.revision:
            return "La base sigue igual."
        seen = _last_event(database)
        try:
            downgrade(settings.store_url, MIGRATIONS, metadata=schema.metadata, revision=last.revision)
            if _last_event(database) == seen and not fault_of(database):
                return "La base volvió a su forma anterior, con todo lo registrado."
            fault = "la base no quedó bien al volver"
        except Exception as error:  # a migration may raise anything; the database is then as it was
            fault = str(error).splitlines()[0] if str(error) else type(error).__name__
        copy = settings.data_dir / FOLDER / last.copy
        if not copy.exists() or fault_of(copy):
            raise Refused(f"la versión anterior no entiende esta base ({fault}) y su copia ya no está")
        if seen != (last.epoch, last.seq) and _waiting(settings):
            raise Refused(
                "la versión anterior no entiende esta base y hay trámites que el centro aún no tiene. "
                "Conecte la caja a internet hasta que diga «al día» y repita"
            )
        put_back(copy, database, now=now)
        if seen == (last.epoch, last.seq):
            return "Se puso la copia de antes; no se había registrado nada desde entonces."
        return "Se puso la copia de antes; lo registrado desde entonces vuelve del centro, con otra letra de serie."


def _undo(settings: Settings, change: Change, *, now: datetime) -> None:
    """The database of before the change, where that is needed. Raises Refused rather than lose an event."""
    database = settings.data_dir / DATABASE
    if fault_of(database) or _revision(database) != change.revision:
        try:
            filed = _last_event(database) not in ((change.epoch, change.seq), (0, 0))
        except sqlcipher.Error:
            filed = False
        if filed:
            raise Refused("La base tiene hechos posteriores al cambio de versión. Avise a soporte; no se tocó nada.")
        put_back(settings.data_dir / FOLDER / change.copy, database, now=now)
    (settings.data_dir / FOLDER / UNDER_WAY).unlink()
    _sync(settings.data_dir / FOLDER)


def _accept(settings: Settings) -> None:
    """The change is the last one now; what is kept of older ones goes."""
    folder = settings.data_dir / FOLDER
    change = _read(settings, UNDER_WAY)
    assert change is not None
    (folder / UNDER_WAY).replace(folder / LAST)
    _sync(folder)
    for copy in folder.glob("cabina-*.db"):
        if copy.name != change.copy:
            copy.unlink(missing_ok=True)


def _migrated_by(program: Path, data: Path) -> None:
    """The database brought up by the version that knows how. Raises Refused."""
    with tempfile.TemporaryFile("w+") as said:
        try:
            ended = subprocess.run(
                _command(program, "migrate", data),
                cwd=program,
                stdout=said,
                stderr=said,
                timeout=MIGRATION_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Refused("la base tardó demasiado en migrar") from None
        if ended.returncode:
            raise Refused(f"la base no se pudo migrar: {_last_line(said)}")


def _prove(program: Path, data: Path) -> None:
    """That version serves this database: its sign-in opens, which a till in rescue has not. Raises Refused.

    It sends, prints and copies nothing, and ends when its standard input does: with this process, however that ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryFile("w+") as said:
        command = [*_command(program, "", data), "--port", str(port), "--proof"]
        child = subprocess.Popen(command, cwd=program, stdin=subprocess.PIPE, stdout=said, stderr=said)
        try:
            until = time.monotonic() + PROOF_S
            while child.poll() is None and time.monotonic() < until:
                if (status := _status(f"http://127.0.0.1:{port}/entrar")) == 200:
                    return
                if status:
                    break  # it opened in rescue, or answers with an error
                time.sleep(0.1)
        finally:
            assert child.stdin
            child.stdin.close()
            try:
                child.wait(END_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        raise Refused(DOES_NOT_START.format(_last_line(said)))


def _status(url: str) -> int:
    """0 while nobody answers."""
    try:
        return requests.get(url, timeout=30).status_code
    except requests.RequestException:
        return 0


def _command(program: Path, word: str, data: Path) -> list[str]:
    words = [word] if word else []
    return [str(program / ".venv" / "bin" / "python"), "run.py", "cabina", *words, "--dir", str(data)]


def _last_line(said: IO[str]) -> str:
    said.seek(0)
    lines = said.read().strip().splitlines()
    return lines[-1].removeprefix("run.py: ").rstrip(".") if lines else "no dijo por qué"


def _point_to(settings: Settings, program: Path) -> None:
    """The moment of the change: the link names the other version, all at once."""
    link, beside = settings.data_dir / PROGRAM, settings.data_dir / f"{PROGRAM}.nuevo"
    beside.unlink(missing_ok=True)
    beside.symlink_to(program)
    beside.replace(link)
    _sync(settings.data_dir)


def _check_program(program: Path) -> None:
    if not (os.access(program / "run.py", os.R_OK) and os.access(program / ".venv" / "bin" / "python", os.X_OK)):
        raise Refused(
            f"En {program} no hay una versión del programa con su entorno, que el usuario de la caja pueda usar."
        )


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    try:
        lock = DataLock(settings.data_dir / FOLDER / CHANGE_LOCK)
    except AlreadyLocked:
        raise Refused("Se está cambiando la versión de la caja. Espere unos minutos.") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _till_stopped(settings: Settings) -> Iterator[None]:
    try:
        lock = DataLock(settings.data_dir / LOCK)
    except AlreadyLocked as till:
        raise Refused(f"Detenga primero la caja (proceso {till.pid or 'desconocido'}).") from None
    try:
        yield
    finally:
        lock.release()


def _revision(database: Path) -> str:
    return str(_asked(database, "SELECT version_num FROM alembic_version", ("",))[0])


def _last_event(database: Path) -> tuple[int, int]:
    epoch, seq = _asked(database, "SELECT epoch, seq FROM event ORDER BY epoch DESC, seq DESC LIMIT 1", (0, 0))
    return int(epoch), int(seq)


def _asked(database: Path, query: str, none: tuple[Any, ...]) -> tuple[Any, ...]:
    link = sqlcipher.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)
    try:
        return tuple(link.execute(query).fetchone() or none)
    finally:
        link.close()


def _waiting(settings: Settings) -> bool:
    """Whether the till has told something that the centre is not known to hold."""
    with till_store(settings) as store, store.read() as session:
        return pending(session) > 0


def _read(settings: Settings, name: str) -> Change | None:
    try:
        return Change(**json.loads((settings.data_dir / FOLDER / name).read_text()))
    except FileNotFoundError:
        return None


def _write(settings: Settings, name: str, change: Change) -> None:
    folder = settings.data_dir / FOLDER
    write_durably(folder / name, json.dumps(asdict(change)).encode())
    _sync(folder)


def _sync(folder: Path) -> None:
    """What a folder names is on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
