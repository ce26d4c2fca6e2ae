"""Another version of the program under the same data, with real processes: a later migration, one that fails, one cut short."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlcipher3 import dbapi2 as sqlcipher

from cabinas.app import create_app
from cabinas.cli import cabina
from cabinas.copies import fault_of
from cabinas.install.versions import settle, update
from cabinas.serve import make_till, read_settings, till_store
from cabinas.sync.queries import sync_state
from cabinas.till import Till
from core import clock
from storage import Store
from storage.lock import DataLock
from storage.migrations import SchemaNewer
from tests.cabinas.conftest import filing
from tests.cabinas.stand_in import StandIn
from tests.demo import Api, eventually
from tests.servers import ROOT, LiveServer, environment_with
from web.server import Refused
from web.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.timeout(600)]

PACKAGES = ("core", "intake", "storage", "ticketing", "printing", "web", "cac", "kiosks", "cabinas")
LINKED = ("static", "templates", "data", ".venv")
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
WAITS = "import pathlib, time; pathlib.Path({flag!r}).touch(); time.sleep(600)"


@pytest.fixture(autouse=True)
def lima_friday() -> None:
    """Processes of their own keep the true hour."""


def a_version(folder: Path, *, before: str = "", after: str = "", down: str = DOWN, serves: str = "") -> Path:
    """The program of this tree with a migration that came later."""
    folder.mkdir()
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (folder / name).symlink_to(Path(sys.prefix) if name == ".venv" else ROOT / name)
    shutil.copy(ROOT / "run.py", folder)
    later = LATER.format(before=before or "pass", after=after or "pass", down=down)
    (folder / "cabinas/migrations/versions/0002_later.py").write_text(later)
    if serves:
        module = folder / "cabinas/app.py"
        module.write_text(f"{module.read_text()}\n\ndef create_app(till, settings):\n    {serves}\n")
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
        return [sys.executable, "run.py", "cabina", *words, "--dir", str(self.folder)]

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
        CliRunner().invoke(cabina, [*words, "--dir", str(folder)], catch_exceptions=False)
        for words in (("pair", "--centre", centre.url, "--code", centre.code), ("token",))
    ]
    yield Cabin(folder, centre, said[1].output.strip())
    centre.stop()


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
