"""Copies of the till's database and what is done when it is damaged."""

from __future__ import annotations

import errno
import re
import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlcipher3 import dbapi2 as sqlcipher

from cabinas.copies import MAX_COPIES, copies, fault_of, make_copy, set_aside, was_set_aside
from cabinas.rescue.app import create_rescue
from cabinas.rescue.routes import Rescue
from cabinas.sync.models import Condition
from cabinas.upkeep_loop import keep_copies
from core import clock
from tests.cabinas.conftest import Cabin, later
from web.settings import Settings


def condition(cabin: Cabin) -> Condition:
    with cabin.store.read() as session:
        return session.scalars(select(Condition)).one()


def database(cabin: Cabin) -> Path:
    return cabin.folder / "cabina.db"


def copy_now(cabin: Cabin, folder: Path) -> Path:
    return make_copy(database(cabin), folder, clock.now_utc()).path


def break_it(path: Path) -> None:
    """Flip a bit at the head of every page but the first, as a dying disk does."""
    data = bytearray(path.read_bytes())
    for at in range(4096, len(data), 4096):
        data[at] ^= 0x40
    path.write_bytes(data)


def change(path: Path, *statements: str) -> None:
    """As somebody with a database browser would, triggers out of the way."""
    link = sqlcipher.connect(str(path), isolation_level=None)
    for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        link.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        link.execute(statement)
    link.close()


def test_a_copy_is_whole_sound_and_private(cabin: Cabin, tmp_path: Path):
    numbers = [cabin.file().json["number"] for _ in range(3)]
    copy = copy_now(cabin, tmp_path / "usb")
    assert fault_of(copy) == "" and copy.stat().st_mode & 0o777 == 0o600
    link = sqlcipher.connect(str(copy))
    assert [row[0] for row in link.execute("SELECT number FROM expediente ORDER BY id")] == numbers
    link.close()


def test_a_copy_is_looked_through_whatever_its_folder_is_called(cabin: Cabin, tmp_path: Path):
    cabin.file()
    assert fault_of(copy_now(cabin, tmp_path / "100% mía? #2 (%20)")) == ""


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE ledger_posting SET centimos = centimos + 1 WHERE id = 1", "no cuadran"),
        ("UPDATE balance SET centimos = centimos + 1", "no cuadran"),
        ("UPDATE event SET signed = replace(signed, 'Chuquimango', 'Otra') WHERE seq = 2", "el hecho 2 no es"),
        ("UPDATE catalogue SET sealed = replace(sealed, 'a', 'b')", "el catálogo no es"),
        ("UPDATE event SET hash = upper(hash) WHERE seq = 1", "el hecho"),
        ("UPDATE event SET signed = 'nada' WHERE seq = 1", "no se puede leer"),
    ],
)
def test_a_database_that_somebody_changed_is_not_sound(cabin: Cabin, tmp_path: Path, statement: str, words: str):
    for _ in range(3):
        cabin.file()
    copy = copy_now(cabin, tmp_path)
    change(copy, statement)
    assert words in fault_of(copy)


def test_flipped_bits_are_found(cabin: Cabin, tmp_path: Path):
    cabin.file()
    copy = copy_now(cabin, tmp_path)
    break_it(copy)
    assert fault_of(copy)


def test_a_copy_is_made_each_day_and_only_so_many_are_kept(cabin: Cabin, tmp_path: Path):
    for _ in range(MAX_COPIES + 2):
        keep_copies(cabin.store, database(cabin), tmp_path / "usb", now=clock.now_utc())
        keep_copies(cabin.store, database(cabin), tmp_path / "usb", now=clock.now_utc())
        later(days=1)
    kept = copies(tmp_path / "usb")
    assert len(kept) == MAX_COPIES
    assert (kept[0].made_at - kept[-1].made_at).days == MAX_COPIES - 1
    assert condition(cabin).copy_problem == ""


def test_a_disk_that_is_not_there_is_told_on_the_till_and_at_the_centre(cabin: Cabin, centre, tmp_path: Path):
    (tmp_path / "usb").write_text("no es una carpeta")
    keep_copies(cabin.store, database(cabin), tmp_path / "usb", now=clock.now_utc())
    assert "no se pudo copiar" in condition(cabin).copy_problem and condition(cabin).copied_at is None
    cabin.talk()
    assert any(alarm.startswith("copias: no se pudo") for alarm in centre.batches[-1].alarms)
    (tmp_path / "usb").unlink()
    keep_copies(cabin.store, database(cabin), tmp_path / "usb", now=clock.now_utc())
    assert condition(cabin).copy_problem == ""


def test_a_usb_taken_out_is_told_at_once_and_no_copy_goes_to_the_disk_under_its_place(cabin: Cabin, tmp_path: Path):
    usb = tmp_path / "usb"
    keep_copies(cabin.store, database(cabin), usb, now=clock.now_utc())
    usb.rename(tmp_path / "en otra parte")
    keep_copies(cabin.store, database(cabin), usb, now=later(hours=1))
    assert "la carpeta no está" in condition(cabin).copy_problem and not usb.exists()
    (tmp_path / "en otra parte").rename(usb)
    keep_copies(cabin.store, database(cabin), usb, now=later(hours=1))
    assert condition(cabin).copy_problem == "" and len(copies(usb)) == 2, "one at once: the day has been long"


def test_the_monthly_drill_finds_a_copy_that_would_not_serve(cabin: Cabin, tmp_path: Path):
    keep_copies(cabin.store, database(cabin), tmp_path, now=clock.now_utc())
    first = condition(cabin).drilled_at
    later(days=29)
    keep_copies(cabin.store, database(cabin), tmp_path, now=clock.now_utc())
    assert condition(cabin).drilled_at == first
    break_it(copies(tmp_path)[0].path)
    later(minutes=1)
    for copy in copies(tmp_path)[1:]:
        copy.path.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cabinas.upkeep_loop.DRILL_EVERY", timedelta(days=1))
        keep_copies(cabin.store, database(cabin), tmp_path, now=clock.now_utc())
    assert condition(cabin).copy_problem.startswith("la copia no serviría")


# --- rescue


@pytest.fixture
def damaged(cabin: Cabin, tmp_path: Path) -> Rescue:
    """A folder as the till left it, its database damaged, one sound copy and one that is not."""
    for _ in range(3):
        cabin.file()
    folder, usb = tmp_path / "pc", tmp_path / "usb"
    folder.mkdir()
    copy_now(cabin, usb)
    shutil.copy(copies(usb)[0].path, folder / "cabina.db")
    later(minutes=1)
    break_it(copy_now(cabin, usb))
    break_it(folder / "cabina.db")
    return Rescue(folder / "cabina.db", usb, fault_of(folder / "cabina.db"), done=lambda: None)


@pytest.fixture
def page(damaged: Rescue) -> FlaskClient:
    app = create_rescue(damaged, Settings(data_dir=damaged.database.parent, secret_key="only for tests"))
    app.testing = True
    return app.test_client()


def test_c7_a_damaged_till_says_so_and_takes_nothing(page: FlaskClient):
    assert page.get("/health").status_code == 503
    shown = page.get("/")
    assert shown.status_code == 503 and "La caja está detenida" in shown.text
    assert shown.text.count("Sana") == 1 and shown.text.count("Dañada") == 1
    assert page.post("/api/v1/expedientes", json={}).status_code == 404
    unknown = page.get("/caja")
    assert unknown.status_code == 404 and "en rescate" in unknown.text and "de-cabina" in unknown.text


def test_c7_putting_a_sound_copy_back_keeps_the_damaged_one_aside(page: FlaskClient, damaged: Rescue):
    done: list[bool] = []
    damaged.done = lambda: done.append(True)
    shown = page.get("/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)[1]
    bad, good = (copy.path.name for copy in copies(damaged.copies_dir))
    refused = page.post("/restauraciones", data={"csrf_token": token, "copia": bad}, follow_redirects=True)
    assert "también está dañada" in refused.text and not done
    assert page.post("/restauraciones", data={"csrf_token": token, "copia": "../../x.db"}).status_code == 404
    assert page.post("/restauraciones", data={"copia": good}).status_code == 403
    assert "Copia puesta" in page.post("/restauraciones", data={"csrf_token": token, "copia": good}).text
    assert done == [True] and fault_of(damaged.database) == ""
    assert "detenida" not in page.get("/").text, "asked again over the kept connection, before the till is there"
    aside = next(damaged.database.parent.glob("apartada-*"))
    assert fault_of(aside / "cabina.db")


def test_c7_a_full_disk_while_a_copy_is_put_back_changes_nothing(page: FlaskClient, damaged: Rescue, monkeypatch):
    def no_room(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No queda espacio")

    shown, before = page.get("/").text, damaged.database.read_bytes()
    form = {
        "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', shown)[1],
        "copia": copies(damaged.copies_dir)[1].path.name,
    }
    with monkeypatch.context() as full:
        full.setattr("cabinas.copies.shutil.copyfile", no_room)
        refused = page.post("/restauraciones", data=form, follow_redirects=True)
    assert "Nada cambió: libere espacio" in refused.text and not damaged.restored
    assert damaged.database.read_bytes() == before and not damaged.database.with_suffix(".nueva").exists()
    assert "Copia puesta" in page.post("/restauraciones", data=form).text


def test_c7_a_power_cut_while_a_copy_is_put_back_leads_to_rescue_again(damaged: Rescue, tmp_path: Path):
    set_aside(damaged.database, now=clock.now_utc())
    assert not damaged.database.exists() and was_set_aside(damaged.database.parent)
    assert "no se puede abrir" in fault_of(damaged.database), "so the till opens in rescue"
    assert not was_set_aside(tmp_path), "a folder where no cabin ever was is another matter"


def test_a_disk_that_fills_up_is_told_before_a_person_fills_in_a_form(operator: FlaskClient, monkeypatch):
    assert "disco de esta PC" not in operator.get("/").text
    for free, words in ((100 << 20, "quedan 100 MB"), (1 << 20, "no se puede registrar")):
        monkeypatch.setattr("cabinas.till.shutil.disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert words in operator.get("/").text
