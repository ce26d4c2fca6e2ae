"""Copy the whole centre to one file while it works, and put it back on this or another machine.

The file is a tar with the database as it stood at one instant, the keys, the attachments, and a manifest with the SHA-256
of each part, checked before anything is replaced. What was there before a restore is kept aside, never deleted."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url
from sqlcipher3 import dbapi2 as sqlcipher

from cac.desk.actions import skip_numbers
from cac.expedientes.actions import restart_numbers
from cac.numbers_given import Given, given_before, given_by, note, noted
from cac.paper.actions import hold_waiting
from cac.sync.leases import open_centre_epoch
from core.clock import LIMA
from core.errors import Insufficient, Invalid, Rejected
from storage import Store
from web.settings import DEMO_MARK, Settings

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.db", "postgresql": "database.dump"}
PAGES_A_STEP = 256  # of the database; between steps the writer goes on
BLOCK = 1024 * 1024
PG_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]), reverse=True)


class NotABackup(Invalid):
    code = "copia.no_valida"
    detail = "El archivo no es una copia de seguridad completa. Use otra copia; no se cambió nada."


class ProgramMissing(Rejected):
    code = "copia.falta_programa"


def back_up(settings: Settings, target: Path, *, now: datetime) -> int:
    """Write the centre to `target`, whole or not at all; returns its size in bytes. The server may be running."""
    target = target.resolve()
    if not target.parent.is_dir():
        raise Invalid(f"La carpeta {target.parent} no existe.")
    kind = _kind(settings)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copia-") as folder:
        copy, part = Path(folder) / DATABASE[kind], Path(folder) / "part"
        _copy_database(settings, copy)
        files = {DATABASE[kind]: copy} | _kept_files(settings)
        manifest = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "database": kind,
            "sha256": {name: _sha256(path) for name, path in files.items()},
        }
        with tarfile.open(part, "w:gz", compresslevel=3) as tar:
            _add_text(tar, MANIFEST, json.dumps(manifest, indent=1))
            for name, path in files.items():
                tar.add(path, arcname=name, recursive=False)
        os.chmod(part, 0o600)  # it holds keys and personal data
        with open(part, "rb") as written:
            os.fsync(written.fileno())
        os.replace(part, target)
    return target.stat().st_size


def restore(settings: Settings, source: Path, *, now: datetime) -> Path | None:
    """Put `source` in the place of the centre's data; the caller holds its lock. Returns where the old data went."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restaurar-") as folder:
        manifest = _unpack(source, Path(folder))
        if manifest["database"] != _kind(settings):
            raise NotABackup("La copia es de otra clase de base de datos. Ajuste CAC_DATABASE_URL; no se cambió nada.")
        aside = _set_aside(settings, now)
        for name in manifest["sha256"]:
            if name not in DATABASE.values():
                (settings.data_dir / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.replace(Path(folder) / name, settings.data_dir / name)
        _put_database(settings, Path(folder) / DATABASE[_kind(settings)])
    return aside


def numbers_before(settings: Settings, *, now: datetime) -> Given:
    """The highest numbers given on this machine until now: asked before a restore replaces its database."""
    known = noted(settings.data_dir, now=now)
    if _kind(settings) == "sqlite" and not _database_file(settings).exists():
        return known
    return known.with_(given_before(settings.store_url, now=now))


def settle(store: Store, folder: Path, *, before: Given, now: datetime) -> None:
    """What the features do first in a centre that went back in time: it repeats no number and no paper that the lost days
    gave out. What it opened is noted in `folder`, the data dir, for the next time."""
    store.write(hold_waiting, now=now)
    store.write(open_centre_epoch, now=now)
    store.write(restart_numbers, series=before.series, act=before.act, now=now)
    store.write(skip_numbers, beyond=before.ticket, now=now)
    note(folder, before.with_(given_by(store, now=now)), now=now)


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.store_url.startswith("sqlite") else "postgresql"


def _database_file(settings: Settings) -> Path:
    return Path(settings.store_url.removeprefix("sqlite:///"))


def _kept_files(settings: Settings) -> dict[str, Path]:
    """Everything beside the database that cannot be made again, by its name inside the data dir."""
    found = [settings.data_dir / DEMO_MARK]
    for folder in (settings.keys_dir, settings.files_dir, settings.media_dir, settings.clips_dir):
        found += [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(settings.data_dir).as_posix(): path for path in found if path.exists()}


def _copy_database(settings: Settings, target: Path) -> None:
    if _kind(settings) == "postgresql":
        _pg("pg_dump", "--format=custom", f"--file={target}", settings=settings)
        return
    if not _database_file(settings).exists():
        raise Invalid(f"No hay datos que copiar en {settings.data_dir}.")
    origin, copy = sqlcipher.connect(str(_database_file(settings))), sqlcipher.connect(str(target))
    try:
        origin.backup(copy, pages=PAGES_A_STEP, sleep=0.01)
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise NotABackup("La base de datos está dañada: la copia no se guardó. Ejecute «run.py doctor».")
    finally:
        origin.close()
        copy.close()


def _put_database(settings: Settings, copy: Path) -> None:
    if _kind(settings) == "postgresql":
        _pg("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(copy), settings=settings)
    else:
        os.replace(copy, _database_file(settings))


def _pg(program: str, *arguments: str, settings: Settings) -> None:
    """Run PostgreSQL's own program on the centre's database, its password kept out of the command line."""
    path = next((str(folder / program) for folder in PG_PROGRAMS if (folder / program).exists()), shutil.which(program))
    if path is None:
        raise ProgramMissing(f"Falta {program}: instale el paquete postgresql-client.")
    url = make_url(settings.database_url).set(drivername="postgresql")
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    address = url.set(password=None).render_as_string()
    ended = subprocess.run(
        [path, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise Rejected(f"{program} no terminó: {(ended.stderr.strip().splitlines() or ['sin explicación'])[-1]}")


def _unpack(source: Path, folder: Path) -> dict[str, dict[str, str]]:
    """The manifest, every part beside it in `folder` and checked. Raises NotABackup."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            if sum(member.size for member in tar) > shutil.disk_usage(folder).free:
                raise Insufficient()
            for member in tar:
                _extract(tar, member, folder)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sums = manifest["sha256"]
        whole = manifest["format"] == FORMAT and all(_sha256(folder / name) == told for name, told in sums.items())
    except FileNotFoundError:
        raise NotABackup(f"No existe el archivo {source}.") if not source.exists() else NotABackup() from None
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError):
        raise NotABackup() from None
    if not whole:
        raise NotABackup()
    return dict(manifest)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """One regular file, inside `folder` whatever its name says."""
    target, content = (folder / member.name).resolve(), tar.extractfile(member)
    if content is None or not target.is_relative_to(folder.resolve()):
        raise NotABackup()
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(content, file, BLOCK)
        os.fsync(file.fileno())


def _set_aside(settings: Settings, now: datetime) -> Path | None:
    """Move what is there out of the way, so that a restore by mistake can be undone by hand."""
    present = [
        settings.keys_dir,
        settings.files_dir,
        settings.media_dir,
        settings.clips_dir,
        settings.data_dir / DEMO_MARK,
    ]
    if _kind(settings) == "sqlite":
        present += [Path(f"{_database_file(settings)}{end}") for end in ("", "-wal", "-shm")]
    present = [path for path in present if path.exists()]
    aside = settings.data_dir / f"antes-de-restaurar-{now.astimezone(LIMA):%Y%m%d-%H%M%S}"
    if _kind(settings) == "postgresql":
        aside.mkdir(mode=0o700)
        _copy_database(settings, aside / DATABASE["postgresql"])
    elif not present:
        return None
    aside.mkdir(mode=0o700, exist_ok=True)
    for path in present:
        shutil.move(path, aside / path.name)
    return aside


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
