"""A cabin whose database went back in time, whose disk was copied, or whose PC is new: nothing is numbered twice, nothing is lost
that the centre holds."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlcipher3 import dbapi2 as sqlcipher

from cabinas.enrolment.actions import FolderForked
from cabinas.enrolment.queries import terms
from cabinas.money import queries as money
from cabinas.sync.client import LinkDown
from cac.access.actions import SYSTEM
from cac.sync.actions import revoke
from cac.sync.models import InboxEvent, InboxFork
from cac.treasury.views import one_cabina
from core import wire
from core.clock import now_utc
from tests.both_ends import Refused, Town, every, numbers_of
from tests.cabinas.conftest import Cabin, later
from tests.cac.both_ends.test_news import signed_in
from tests.cac.both_ends.test_rebuilt import copied, qr_of
from tests.demo import eventually


def told(cabin: Cabin) -> int:
    """How far the mark outside the database went; it is written a moment after the answer."""
    mark = cabin.device.read_mark()
    return mark.seq if mark else 0


def put_back(town: Town, cabin: Cabin, copy: Path, *, with_mark: bool) -> Cabin:
    """The PC is switched on again with an older database."""
    folder = town.stop(cabin)
    for path in folder.glob("cabina.db*"):
        path.unlink()
    shutil.copy(copy, folder / "cabina.db")
    if not with_mark:
        shutil.rmtree(folder / "marca")
    return town.start(folder)


def copy_of(cabin: Cabin, to: Path) -> Path:
    link = sqlcipher.connect(str(cabin.folder / "cabina.db"), isolation_level=None)
    link.execute("VACUUM INTO ?", (str(to),))
    link.close()
    return to


@pytest.mark.parametrize("with_mark", [True, False])
def test_c3_a_restored_database_numbers_nothing_until_it_has_a_new_series_and_its_history_back(
    town: Town, tmp_path: Path, with_mark: bool
):
    cabin = town.pair("C01")
    first = cabin.file().json
    cabin.talk()
    copy = copy_of(cabin, tmp_path / "copia.db")
    since = [cabin.file().json["number"] for _ in range(3)]
    assert cabin.post("/remesas", {"centimos": 2_200, "reference": "BN 1"}).status_code == 201
    assert cabin.post("/extornos", {"number": since[0], "motivo": "se equivocó"}).status_code == 201
    assert cabin.post("/cierres", {"counts": {"100": 3}}).status_code == 201
    since.append(cabin.file(missing=["1"]).json["number"])
    assert cabin.post(f"/expedientes/{since[-1]}/subsanaciones", {}).status_code == 201
    cabin.talk()
    held = cabin.held
    eventually(lambda: told(cabin) == 9)
    cabin = put_back(town, cabin, copy, with_mark=with_mark)
    if with_mark:
        assert cabin.file().json["code"] == "cabina.serie_congelada"
    cabin.talk()
    town.agree()
    assert numbers_of(cabin) == [first["number"], *since]
    assert cabin.held == held
    assert cabin.get("/remesas").json[0]["centimos"] == 2_200
    with cabin.store.read() as session:
        assert money.cierres(session)[0].z == 1
        assert money.balances(session) == money.summed_balances(session)
    assert cabin.file().json["number"].split("-")[1:3] == ["C01B", "000001"]
    assert cabin.post(f"/expedientes/{since[-1]}/subsanaciones", {}).status_code == 409, "it was cured"
    assert cabin.get(f"/expedientes/{since[0]}/cargo.pdf").status_code == 200
    cabin.talk()
    town.agree()


def alarms(town: Town) -> list[str]:
    with town.store.read() as session:
        return [alarm.detail for alarm in one_cabina(session, "C01", now=now_utc(), unpaid_late={}).alarms]


def test_what_neither_the_pc_nor_the_centre_has_is_told_at_both_ends_until_people_accounted_for_all(
    town: Town, tmp_path: Path, person: Callable[..., Any]
):
    cabin = town.pair("C01")
    cabin.file()
    cabin.talk()
    copy = copy_of(cabin, tmp_path / "copia.db")
    filed = [cabin.file().json for _ in range(2)]
    papers = [(qr_of(cabin, each), each) for each in filed]
    cabin.post("/remesas", {"centimos": 1_100, "reference": "BN 1"})
    eventually(lambda: told(cabin) == 4)
    cabin = put_back(town, cabin, copy, with_mark=True)
    cabin.talk()
    assert cabin.get("/sync").json["lost"] == ["serie A: se perdieron los hechos 2 a 4; búsquelos en su papel"]
    assert any("hechos 2 a 4; faltan 3" in alarm for alarm in alarms(town))
    page = signed_in(cabin)
    assert "se perdieron los hechos 2 a 4" in page.get("/").text

    desk, treasury, second = person("ventanilla"), person("tesoreria"), person("tesoreria")
    for code, paper in papers:
        desk.post("/reconstrucciones", copied(code, paper))
    cabin.talk()
    assert cabin.get("/sync").json["lost"] == ["serie A: se perdieron los hechos 2 a 4, falta 1; búsquelos en su papel"]
    assert any("hechos 2 a 4; falta 1" in alarm for alarm in alarms(town))

    seen = treasury.get("/tesoreria/cabinas/C01").text
    asked = re.search(r'action="([^"]+/hechos/perdidos/[0-9]+/apartados)"', seen)
    assert asked and "Falta 1 de 3" in seen
    treasury.post(asked[1], {"de": "cabina", "motivo": "Era la remesa BN 1, declarada otra vez"})
    mine = re.search(r'action="([^"]+/aprobaciones)"', treasury.get("/tesoreria/cabinas/C01").text)
    assert mine is None and any("hechos 2 a 4" in alarm for alarm in alarms(town)), "another person must agree"
    theirs = re.search(r'action="([^"]+/aprobaciones)"', second.get("/tesoreria/cabinas/C01").text)
    assert theirs and "Cerrado" in second.post(theirs[1], {"de": "cabina"}, follow_redirects=True).text
    cabin.talk()
    assert not any("se perdieron" in alarm for alarm in alarms(town))
    assert cabin.get("/sync").json["lost"] == [] and "se perdieron" not in page.get("/").text
    assert cabin.get("/sync").json["lost_settled"] == [
        "serie A: se perdieron los hechos 2 a 4; en el CAC ya está resuelto"
    ]
    history = second.get("/tesoreria/cabinas/C01").text
    assert "Era la remesa BN 1" in history and all(each["number"] in history for each in filed), "what happened stays"
    town.agree()


def test_what_was_thought_lost_and_arrives_after_all_is_accounted_for(town: Town, tmp_path: Path):
    cabin = town.pair("C01")
    cabin.file()
    cabin.talk()
    copy = copy_of(cabin, tmp_path / "copia.db")
    cabin.file()
    whole = copy_of(cabin, tmp_path / "entera.db")
    eventually(lambda: told(cabin) == 2)
    cabin = put_back(town, cabin, copy, with_mark=True)
    cabin.talk()
    assert any("se perdió el hecho 2; falta 1" in alarm for alarm in alarms(town))
    cabin = put_back(town, cabin, whole, with_mark=True)  # the damaged disk could be read after all
    cabin.talk()
    assert not any("se perdió" in alarm for alarm in alarms(town)) and cabin.get("/sync").json["lost"] == []


def test_a_new_pc_takes_up_the_cabin_with_its_cases_and_its_debt(town: Town):
    old = town.pair("C01")
    numbers = [old.file().json["number"] for _ in range(3)]
    assert old.post("/cierres", {"counts": {"100": 45}}).status_code == 201
    old.talk()
    owed = old.held
    town.stop(old)
    new = town.pair("C01")
    new.talk()
    assert numbers_of(new) == numbers and new.held == owed
    again = new.file().json
    assert again["number"].split("-")[1:3] == ["C01B", "000001"]
    assert new.post("/cierres", {"counts": {"100": 60}}).json["z"] == 2
    new.talk()
    town.agree()


def test_a_new_pc_files_nothing_until_it_has_what_the_cabin_owes(town: Town):
    """Else the guarantee would begin again at nothing with each PC."""
    old = town.pair("C01")
    for _ in range(2):
        old.file()
    old.talk()
    owed = old.held
    town.stop(old)
    new = town.pair("C01")
    assert new.file().json["code"] == "cabina.historia_en_camino"
    assert new.get("/sync").json["history_pending"] is True
    town.link(new).fault = lambda: "down"
    with pytest.raises(LinkDown):
        new.talk()
    assert new.file().json["code"] == "cabina.historia_en_camino", "without a link it waits"
    town.link(new).fault = lambda: ""
    new.talk()
    assert new.held == owed
    assert new.file().status_code == 201
    new.talk()
    town.agree()


def test_a_revoked_pc_is_handed_nothing_back(town: Town):
    cabin = town.pair("C01")
    cabin.file()
    cabin.talk()
    town.store.write(revoke, "C01", reason="robada", principal=SYSTEM, now=now_utc())
    with cabin.store.read() as session:
        held = terms(session)
    asked = wire.PullRequest(cabina="C01", nonce="n", epoch=1, after_seq=0)
    with pytest.raises(LinkDown, match="Vuelva a emparejarla"):
        cabin.sync._talk.pull(asked, centre_url=held.identity.centre_url, centre_key=held.identity.centre_key)


@pytest.mark.parametrize(("of_first", "of_second"), [(3, 3), (5, 2), (2, 4)])
def test_c4_a_copy_of_the_disk_that_passes_for_the_same_pc_is_found_though_its_first_batch_was_lost(
    town: Town, tmp_path: Path, of_first: int, of_second: int
):
    """Asked only how far it holds, the centre would tell of the other PC's events: its own would never leave the copy."""
    first = town.pair("C01")
    first.file()
    first.talk()
    copy = tmp_path / "copiada"
    shutil.copytree(town.stop(first), copy)
    first, second = town.start(first.folder), town.start(copy)
    for _ in range(of_first):
        assert first.file().status_code == 201
    first.talk()
    kept = [second.file().json["number"] for _ in range(of_second)]
    town.link(second).fault = every("down")
    with pytest.raises(LinkDown):
        second.sync.exchange()
    second.talk()
    assert second.file().json["code"] == "cabina.serie_congelada"
    with town.store.read() as session:
        forks = [wire.Event.model_validate_json(row) for row in session.scalars(select(InboxFork.event))]
        beyond = select(InboxEvent.event).where(InboxEvent.seq > 1 + of_first)
        forks += [wire.Event.model_validate_json(row) for row in session.scalars(beyond)]
    told = {event.payload["number"] for event in forks if event.payload["kind"] == "expediente"}
    assert told >= set(kept), "nothing of the copy is dropped"


def test_c4_a_folder_whose_history_is_not_the_cabins_is_not_paired_again_and_loses_nothing(
    town: Town, tmp_path: Path, person: Callable[..., Any]
):
    first = town.pair("C01")
    first.file()
    first.talk()
    copy = tmp_path / "copiada"
    shutil.copytree(town.stop(first), copy)
    first, clone = town.start(first.folder), town.start(copy)
    first.file()
    later(minutes=1)
    kept = [clone.file(subject="De la copia").json["number"] for _ in range(2)]
    first.talk()
    old = town.stop(clone)
    with pytest.raises(Refused, match=r"cabina\.historia_bifurcada"):
        town.pair("C01", old)  # it never called: only the centre can tell
    clone = town.start(old)
    clone.talk()
    assert numbers_of(clone)[1:] == kept, "what it registered is there"
    page = person("tesoreria").get("/tesoreria/cabinas/C01").text
    assert page.count("Registrar este trámite") == 2, "and is told to the centre"
    with pytest.raises(FolderForked, match="carpeta nueva"):
        town.pair("C01", town.stop(clone))  # now the till knows by itself, and spends no code
    with pytest.raises(Refused, match=r"cabina\.historia_bifurcada"):
        town.pair("C01", old, unseen=True)
    with town.store.read() as session:
        assert one_cabina(session, "C01", now=now_utc(), unpaid_late={}).device.revoked_at is None, (
            "nobody was replaced"
        )
    again = town.pair("C01")
    again.talk()
    assert again.held == town.owed("C01") and again.file().status_code == 201


def test_a_folder_whose_history_is_the_centres_may_be_paired_again(town: Town):
    cabin = town.pair("C01")
    cabin.file()
    cabin.talk()
    cabin.file()  # and one that was not sent yet
    cabin = town.pair("C01", town.stop(cabin))
    cabin.talk()
    assert cabin.file().json["number"].split("-")[1:3] == ["C01B", "000001"]
    cabin.talk()
    town.agree()


def test_c4_a_copied_disk_in_another_pc_numbers_nothing_until_a_person_knows_it(town: Town, tmp_path: Path, caller):
    cabin = town.pair("C01", machine="a" * 64)
    cabin.file()
    cabin.talk()
    copy = tmp_path / "copiada"
    shutil.copytree(town.stop(cabin), copy)
    clone = town.start(copy, machine="b" * 64)
    assert clone.file().json["code"] == "cabina.serie_congelada"
    clone.talk()
    assert clone.file().json["code"] == "cabina.serie_congelada"
    centre = caller("tesoreria")
    assert "cabina.otra_pc" in [alarm["code"] for alarm in centre.get("/cabinas/C01").json["alarms"]]
    assert caller("admin").post("/cabinas/C01/reconocimientos").status_code == 201
    assert caller("admin").post("/cabinas/C01/reconocimientos").json["code"] == "cabina.sin_otra_pc"
    clone.talk()
    assert clone.file().json["number"].split("-")[1:3] == ["C01B", "000001"]
    clone.talk()
    town.agree()
    assert "cabina.otra_pc" not in [alarm["code"] for alarm in centre.get("/cabinas/C01").json["alarms"]]
    restarted = town.start(town.stop(clone), machine="b" * 64)
    assert restarted.file().status_code == 201
