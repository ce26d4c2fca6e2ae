"""Another version of the program under the same data, with real processes: a later migration, one that fails, one cut short."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from click.testing import CliRunner
from sqlcipher3 import dbapi2 as sqlcipher

from cabinas.app import create_app
from cabinas.cli import cabina as cabin_cli
from cabinas.copies import fault_of
from cabinas.install.versions import rehearse, settle, update
from cabinas.serve import make_till, read_settings, till_store
from cabinas.sync.queries import sync_state
from cabinas.till import Till
from core import clock
from core.wire import Release
from storage import Store
from storage.lock import DataLock
from storage.migrations import SchemaNewer
from tests.cabinas.conftest import filing
from tests.cabinas.stand_in import StandIn
from tests.databases import free_port
from tests.demo import Api, eventually
from tests.servers import ROOT, LiveServer, environment_with
from web.server import Refused
from web.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.timeout(600)]

# of a version only `cabinas` is its own; the rest is this tree's, compiled once for all of them
LINKED = ("core", "intake", "storage", "ticketing", "printing", "web", "cac", "kiosks", "static", "templates", "data")
WITHIN_S = 120
LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade():
    {before}
    with op.batch_alter_table("expediente") as expediente:
        expediente.add_column(sa.Column("colour", sa.String(), nullable=False, server_default="azul"))
    {after}


def downgrade():
    {down}
"""
DOWN = 'op.drop_column("expediente", "colour")'
WAITS = (
    "import pathlib, sys, time; 'ensayo-' in ' '.join(sys.argv) or (pathlib.Path({flag!r}).touch(), time.sleep(600))"
)


@pytest.fixture(autouse=True)
def lima_friday() -> None:
    """Processes of their own keep the true hour."""


FAKE_MAKE = """.venv/.cabina:
\tmkdir -p .venv/bin
\tprintf '#!/bin/sh\\nexec "{python}" "$$@"\\n' > .venv/bin/python
\tchmod +x .venv/bin/python
\ttouch $@
"""
# a systemd of three words: what it starts is the version that the link names
FAKE_SYSTEMCTL = """#!/bin/sh
running() {{ test -s {pid} && readlink "/proc/$(cat {pid})/exe" > /dev/null; }}
case "$*" in
*is-active*) running ;;
*stop*) kill "$(cat {pid})"; while running; do sleep 0.1; done ;;
*start*) cd {program}; nohup {python} run.py cabina --dir {data} > {said} 2>&1 < /dev/null & echo $! > {pid} ;;
esac
"""


ON_SYSTEMD = """import pathlib, sys
sys.path.insert(0, "")
from cabinas.install import service
service.SYSTEMD = pathlib.Path("{}")
sys.argv[0] = "run.py"
import run
sys.exit(run.main())
"""


def copy_program(folder: Path) -> None:
    shutil.copytree(ROOT / "cabinas", folder / "cabinas")
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "run.py", folder)


def a_version(folder: Path, *, before: str = "", after: str = "", down: str = DOWN, serves: str = "") -> Path:
    """The program of this tree with a migration that came later."""
    folder.mkdir()
    copy_program(folder)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    later = LATER.format(before=before or "pass", after=after or "pass", down=down)
    (folder / "cabinas/migrations/versions/0002_later.py").write_text(later)
    if serves:
        module = folder / "cabinas/app.py"
        module.write_text(
            f"{module.read_text()}\n_first = create_app\n\n\ndef create_app(till, settings):\n    {serves}\n"
        )
    return folder


@dataclass
class Cabin:
    folder: Path
    centre: StandIn
    token: str

    @property
    def settings(self) -> Settings:
        return read_settings(self.folder)

    @property
    def program(self) -> Path:
        return (self.folder / "programa").resolve()

    @property
    def revision(self) -> str:
        return self.ask("SELECT version_num FROM alembic_version")[0]

    @property
    def numbers(self) -> list[str]:
        return self.ask("SELECT number FROM expediente ORDER BY id")

    def ask(self, query: str) -> list[str]:
        link = sqlcipher.connect(str(self.folder / "cabina.db"))
        try:
            return [row[0] for row in link.execute(query)]
        finally:
            link.close()

    def update(self, program: Path) -> None:
        update(self.settings, program, now=clock.now_utc())

    @contextmanager
    def till(self) -> Iterator[Till]:
        """This tree's till on the database as it is, in this process; none of its loops runs."""
        settle(self.settings, now=clock.now_utc())
        store = Store(self.settings.store_url)
        try:
            yield make_till(store, self.settings)
        finally:
            store.close()

    def file(self) -> str:
        with self.till() as till:
            app = create_app(till, self.settings)
            headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid4().hex}
            answer = app.test_client().post("/api/v1/expedientes", json=filing(), headers=headers)
            assert answer.status_code == 201, answer.text
            return str(answer.json["number"])

    def hear(self, release: Release) -> None:
        """The centre approves a version and the till is told."""
        self.centre.catalogue = self.centre.catalogue.model_copy(update={"version": "2", "release": release})
        with self.till() as till:
            while till.sync.exchange():
                pass

    def run(self, *words: str, status: int = 0) -> str:
        """A command of the version in use, as a process."""
        done = subprocess.run(
            self.command(*words),
            cwd=self.program,
            env=environment_with({}),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=400,
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def command(self, *words: str) -> list[str]:
        program = () if words[0] == "-c" else ("run.py", "cabina")
        return [sys.executable, *program, *words, "--dir", str(self.folder)]

    @contextmanager
    def serving(self) -> Iterator[Api]:
        """The till of the version in use, as a process."""
        server = LiveServer("cabina", "--dir", str(self.folder), "--port", "0", program=self.program)
        try:
            yield Api(server.url, self.token)
        finally:
            server.stop()


@pytest.fixture
def cabin(tmp_path: Path) -> Iterator[Cabin]:
    centre = StandIn(clock=clock.now_utc)
    centre.start()
    folder = tmp_path / "cabina"
    folder.mkdir()
    (folder / "programa").symlink_to(ROOT)
    said = [
        CliRunner().invoke(cabin_cli, [*words, "--dir", str(folder)], catch_exceptions=False)
        for words in (("pair", "--centre", centre.url, "--code", centre.code), ("token",))
    ]
    yield Cabin(folder, centre, said[1].output.strip())
    centre.stop()


@dataclass
class Repository:
    """What cabins are installed from, with two hands: `work`, where somebody publishes, and `clone`, on the cabin's PC."""

    bare: Path
    work: Path
    clone: Path

    def publish(self, tag: str, **faults: str) -> str:
        """The hash of a version made of this tree with a later migration (none: the tree itself)."""
        git(self.work, "rm", "-rqf", "--ignore-unmatch", ".")
        if tag == "v1.0":
            copy_program(self.work)
        else:
            shutil.copytree(a_version(self.work.with_name(tag), **faults), self.work, dirs_exist_ok=True, symlinks=True)
            (self.work / ".venv").unlink()
        (self.work / "Makefile").write_text(FAKE_MAKE.format(python=sys.executable))
        shutil.copy(ROOT / ".gitignore", self.work)
        git(self.work, "add", "--all")
        git(self.work, "-c", "user.name=CAC", "-c", "user.email=cac@example.pe", "commit", "-qm", tag)
        git(self.work, "tag", tag)
        git(self.work, "push", "-q", "origin", "HEAD:main", tag)
        return git(self.work, "rev-parse", "HEAD")


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, cabin: Cabin) -> Repository:
    """The cabin is its version 1.0, out of its clone."""
    of = Repository(tmp_path / "mesa.git", tmp_path / "work", tmp_path / "mesa-cac")
    git(tmp_path, "init", "-q", "--bare", "--initial-branch=main", str(of.bare))
    git(tmp_path, "clone", "-q", str(of.bare), str(of.work))
    of.publish("v1.0")
    git(tmp_path, "clone", "-q", str(of.bare), str(of.clone))
    subprocess.run(["make", "-sC", of.clone, ".venv/.cabina"], check=True)
    (cabin.folder / "programa").unlink()
    (cabin.folder / "programa").symlink_to(of.clone)
    return of


@pytest.fixture
def systemctl(tmp_path: Path, cabin: Cabin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A PC with a systemd of three words, as its user's; the file of the till's pid."""
    pid, units = tmp_path / "pid", tmp_path / "config/systemd/user"
    units.mkdir(parents=True)
    (units / "cabina.service").touch()
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin/systemctl"
    names = {"program": cabin.folder / "programa", "data": cabin.folder, "python": sys.executable, "pid": pid}
    fake.write_text(FAKE_SYSTEMCTL.format(**names, said=tmp_path / "said"))
    fake.chmod(0o755)
    (cabin.folder / "ajustes.env").write_text(f"CAC_PORT={free_port()}\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    yield pid
    with suppress(OSError):
        os.kill(int(pid.read_text()), signal.SIGKILL)


def in_series(numbers: list[str]) -> list[int]:
    return [int(number.split("-")[2]) for number in numbers]


def test_an_update_keeps_every_case_and_rolling_back_keeps_those_filed_since(cabin: Cabin, tmp_path: Path):
    first = [cabin.file() for _ in range(3)]
    later = a_version(tmp_path / "later")
    working = DataLock(cabin.folder / "cabina.lock")
    with pytest.raises(Refused, match="Detenga primero la caja"):
        cabin.update(later)
    working.release()
    cabin.update(later)
    assert cabin.program == later and cabin.revision == "0002" and cabin.numbers == first
    cabin.centre.answering = False  # what is filed now is nowhere else
    with cabin.serving() as till:
        assert till.post("/expedientes", filing()).status_code == 201
    assert "con todo lo registrado" in cabin.run("rollback")
    assert cabin.program == ROOT and cabin.revision == "0001" and cabin.numbers[:3] == first
    cabin.file()
    assert in_series(cabin.numbers) == [1, 2, 3, 4, 5]
    assert fault_of(cabin.folder / "cabina.db") == ""


def test_a_version_that_cannot_bring_up_a_copy_of_the_database_never_stops_the_till(cabin: Cabin, tmp_path: Path):
    cabin.file()
    later = a_version(tmp_path / "later", after="raise RuntimeError('se rompió')")
    working = DataLock(cabin.folder / "cabina.lock")
    with pytest.raises(Refused, match="sin detenerse: con una copia de la base, la base no se pudo migrar"):
        rehearse(cabin.settings, later, now=clock.now_utc())
    working.release()
    assert cabin.revision == "0001" and list((cabin.folder / "versiones").iterdir()) == []


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({"after": "raise RuntimeError('se rompió')"}, "no se pudo migrar"),
        ({"after": "op.execute('UPDATE balance SET centimos = centimos + 1')"}, "no cuadran"),
        ({"serves": "raise RuntimeError('no arranca')"}, "no inicia con estos datos"),
    ],
    ids=["the migration fails", "the database comes out wrong", "the new version does not serve"],
)
def test_an_update_that_fails_leaves_the_version_and_the_database_that_were(
    cabin: Cabin, tmp_path: Path, faults: dict[str, str], words: str
):
    cabin.file()
    with pytest.raises(Refused, match=words) as refused:
        cabin.update(a_version(tmp_path / "later", **faults))
    assert "Se volvió a la versión y la base de antes" in refused.value.message
    assert cabin.program == ROOT and cabin.revision == "0001"
    cabin.file()
    assert in_series(cabin.numbers) == [1, 2]


def test_an_update_by_git_brings_what_the_centre_approved_and_takes_back_what_does_not_come_up(
    cabin: Cabin, repository: Repository, systemctl: Path
):
    def updated(*told: str, status: int = 0) -> str:
        """By the version in use, as a process that finds a systemd."""
        return cabin.run("-c", ON_SYSTEMD.format(systemctl.parent), "cabina", "update", *told, status=status)

    def health() -> int:
        return requests.get(f"http://127.0.0.1:{cabin.settings.port}/health", timeout=30).status_code

    good = repository.publish("v1.1")
    mute = repository.publish("v1.2", serves="import sys; assert '--proof' in sys.argv; return _first(till, settings)")
    cabin.hear(Release(name="v1.1", commit=good))
    first = cabin.file()
    subprocess.run(["systemctl", "start"], check=True)
    eventually(lambda: is_open(cabin.settings.port), within_s=WITHIN_S, what="the till")

    assert "La caja es ahora" in updated()
    assert cabin.program == repository.clone.with_name(f"mesa-cac-{good[:10]}") and cabin.revision == "0002"
    assert cabin.numbers == [first] and health() == 200
    assert "se vuelve a la anterior" in updated(mute, status=2)
    assert cabin.program.name == f"mesa-cac-{good[:10]}" and cabin.numbers == [first]
    eventually(lambda: is_open(cabin.settings.port), within_s=WITHIN_S, what="the till of before")


def is_open(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("where", ["after", "serves"])
def test_a_power_cut_in_the_middle_of_an_update_is_as_if_it_had_not_been(cabin: Cabin, tmp_path: Path, where: str):
    cabin.file()
    flag = tmp_path / "there"
    later = a_version(tmp_path / "later", **{where: WAITS.format(flag=str(flag))})
    updating = subprocess.Popen(
        cabin.command("update", "--from", str(later)), cwd=ROOT, env=environment_with({}), start_new_session=True
    )
    try:
        eventually(flag.exists, within_s=WITHIN_S, what="the update in its middle")
    finally:
        os.killpg(updating.pid, signal.SIGKILL)  # the whole PC, as a power cut
        updating.wait()
    assert (cabin.revision == "0002") == (where == "serves"), "each place of the cut leaves another database behind"
    cabin.file()
    assert cabin.program == ROOT and cabin.revision == "0001" and in_series(cabin.numbers) == [1, 2]
    assert not (cabin.folder / "versiones/cambio.json").exists()


def test_a_power_cut_right_after_the_moment_of_the_change_leaves_the_new_version(cabin: Cabin, tmp_path: Path):
    cabin.update(a_version(tmp_path / "later"))
    under_way, last = (cabin.folder / "versiones" / name for name in ("cambio.json", "anterior.json"))
    last.rename(under_way)
    settle(cabin.settings, now=clock.now_utc())
    assert cabin.revision == "0002" and json.loads(last.read_text())["before"] == str(ROOT)
    with pytest.raises(SchemaNewer), till_store(cabin.settings):
        pass  # this tree's program, which is the version before


def test_a_version_that_cannot_go_back_waits_until_the_centre_holds_all(cabin: Cabin, tmp_path: Path):
    cabin.update(a_version(tmp_path / "later", down="raise RuntimeError('no se vuelve')"))
    cabin.centre.answering = False
    cabin.file()
    assert "el centro aún no tiene" in cabin.run("rollback", status=2)
    assert cabin.revision == "0002" and len(cabin.numbers) == 1
    cabin.centre.answering = True
    with cabin.till() as till:
        while till.sync.exchange():
            pass
    assert "vuelve del centro" in cabin.run("rollback")
    assert cabin.program == ROOT and cabin.revision == "0001" and cabin.numbers == []
    with cabin.till() as till, till.store.read() as session:
        assert sync_state(session).frozen, "no number until the centre gave back what it holds"
