"""A backup taken while people work is whole, and a restore never destroys anything."""

from __future__ import annotations

import tarfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cac.access.actions import SYSTEM, create_token
from cac.access.models import ApiToken
from cac.backup import NotABackup, back_up, numbers_before, restore, settle
from cac.base import Base
from cac.desk import actions as desk
from cac.desk.demo import seed as seed_desk
from cac.expedientes.actions.numbers import next_number, next_sequence
from cac.numbers_given import Given
from core.clock import now_utc
from storage import Store, upgrade
from web.settings import Settings


@pytest.fixture
def centre(store, database_url, tmp_path):
    """A centre with one token, a key and an attachment; its settings."""
    settings = Settings(data_dir=tmp_path / "centro", database_url=database_url)
    (settings.data_dir / "adjuntos" / "ab").mkdir(parents=True)
    (settings.data_dir / "adjuntos" / "ab" / "abcd").write_bytes(b"%PDF")
    settings.session_secret()
    store.write(create_token, role="kiosko", name="primero", now=now_utc())
    return settings


def tokens(url: str) -> int:
    store = Store(url)
    with store.read() as session:
        count = session.scalar(select(func.count()).select_from(ApiToken))
    store.close()
    return count or 0


def other(centre, databases, tmp_path) -> Settings:
    kind = "sqlite" if centre.store_url.startswith("sqlite") else "postgresql"
    return Settings(data_dir=tmp_path / "otro", database_url=databases.fresh(kind, Base.metadata))


def test_a_backup_restores_on_another_machine_with_keys_and_attachments(centre, databases, tmp_path):
    back_up(centre, tmp_path / "copia.cac", now=now_utc())
    there = other(centre, databases, tmp_path)
    restore(there, tmp_path / "copia.cac", now=now_utc())
    assert tokens(there.store_url) == 1
    assert (there.data_dir / "adjuntos" / "ab" / "abcd").read_bytes() == b"%PDF"
    assert there.session_secret() == centre.session_secret()


def test_a_backup_taken_while_people_work_is_whole(centre, store, databases, tmp_path):
    stop = threading.Event()

    def work():
        while not stop.is_set():
            store.write(create_token, role="kiosko", name="más", now=now_utc())

    worker = threading.Thread(target=work)
    worker.start()
    back_up(centre, tmp_path / "copia.cac", now=now_utc())
    stop.set()
    worker.join()
    there = other(centre, databases, tmp_path)
    restore(there, tmp_path / "copia.cac", now=now_utc())
    assert 1 <= tokens(there.store_url) <= tokens(centre.store_url)


def test_a_restore_keeps_aside_what_was_there(centre, store, tmp_path):
    back_up(centre, tmp_path / "copia.cac", now=now_utc())
    store.write(create_token, role="kiosko", name="segundo", now=now_utc())
    store.close()
    aside = restore(centre, tmp_path / "copia.cac", now=now_utc())
    assert tokens(centre.store_url) == 1
    assert any(aside.iterdir())


@pytest.mark.parametrize("harm", ["cut", "changed", "absent"])
def test_a_damaged_copy_changes_nothing(centre, tmp_path, harm):
    copy = tmp_path / "copia.cac"
    back_up(centre, copy, now=now_utc())
    if harm == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    elif harm == "absent":
        copy.unlink()
    else:
        rewrite(copy)
    with pytest.raises(NotABackup):
        restore(centre, copy, now=now_utc())
    assert tokens(centre.store_url) == 1
    assert sorted(path.name for path in centre.data_dir.iterdir()) == ["adjuntos", "keys"]


def test_a_restored_centre_repeats_no_number_that_a_paper_already_carries(store, tmp_path):
    now = now_utc()
    store.write(seed_desk, now=now)
    given = {"channel": "web", "principal": SYSTEM, "public_url": "http://cac.example"}

    def codes(at):
        return [store.write(desk.issue, "A", preferente=old, now=at, **given)["code"] for old in (False, True)]

    def filed(point):
        return store.write(next_number, point, year=2026).series

    assert codes(now) == ["A-001", "P-001"] and filed("MP") == "A"
    settle(store, tmp_path, before=Given(), now=now)
    assert codes(now) == ["A-101", "P-101"]
    assert (filed("MP"), filed("WEB")) == ("B", "B")
    settle(store, tmp_path, before=Given(), now=now)
    assert codes(now) == ["A-201", "P-201"] and filed("MP") == "C"
    tomorrow = now + timedelta(days=1)
    settle(store, tmp_path, before=Given(), now=tomorrow)
    assert codes(tomorrow) == ["A-301", "P-301"], "the copy is of an earlier day: beyond its busiest"
    assert codes(tomorrow + timedelta(days=1)) == ["A-001", "P-001"]


def test_acts_of_a_restored_centre_go_on_from_the_next_hundred(store, tmp_path):
    def next_act(unidad="GDU"):
        return store.write(next_sequence, year=2026, point="informe", series=unidad)

    assert next_act() == 1
    settle(store, tmp_path, before=Given(), now=datetime(2026, 11, 20, 15, tzinfo=UTC))
    assert next_act() == 101
    assert next_act("LF") == 101, "its first act may have been in the lost days"


@pytest.mark.parametrize("damaged", [False, True])
def test_the_same_copy_restored_twice_gives_no_number_twice(centre, store, tmp_path, damaged):
    now = now_utc()
    store.write(seed_desk, now=now)
    back_up(centre, tmp_path / "copia.cac", now=now)
    store.close()

    def some_hours_after_restoring(tickets, at):
        before = numbers_before(centre, now=at)
        restore(centre, tmp_path / "copia.cac", now=at)
        opened = Store(centre.store_url)
        settle(opened, centre.data_dir, before=before, now=at)
        given = {"channel": "web", "preferente": False, "principal": SYSTEM, "public_url": "http://cac.example"}
        codes = {opened.write(desk.issue, "A", now=at, **given)["code"] for _ in range(tickets)}
        case = opened.write(next_number, "MP", year=at.year)
        act = opened.write(next_sequence, year=at.year, point="informe", series="GDU")
        opened.close()
        return codes | {str(case), f"informe {act}"}

    first = some_hours_after_restoring(50 if damaged else 130, now)
    if damaged and centre.store_url.startswith("sqlite"):
        Path(centre.store_url.removeprefix("sqlite:///")).write_bytes(b"no es una base de datos" * 1_000)
    assert not first & some_hours_after_restoring(3, now + timedelta(seconds=1))


def rewrite(copy):
    """The same copy with one attachment altered."""
    with tarfile.open(copy) as tar:
        tar.extractall(copy.parent / "x")
    (copy.parent / "x" / "adjuntos" / "ab" / "abcd").write_bytes(b"%PDX")
    with tarfile.open(copy, "w:gz") as tar:
        for path in sorted((copy.parent / "x").rglob("*")):
            if path.is_file():
                tar.add(path, arcname=path.relative_to(copy.parent / "x").as_posix())


def test_a_copy_is_for_its_owner_alone(centre, tmp_path):
    back_up(centre, tmp_path / "copia.cac", now=now_utc())
    assert (tmp_path / "copia.cac").stat().st_mode & 0o777 == 0o600


def test_a_schema_is_made_once_and_again_without_harm(database_url, tmp_path):
    upgrade(database_url, tmp_path, metadata=Base.metadata)
    upgrade(database_url, tmp_path, metadata=Base.metadata)
    assert tokens(database_url) == 0
