"""A paper whose event was lost, and the later branch of a copied disk: each becomes one case, with its money, at both ends."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlcipher3 import dbapi2 as sqlcipher

from cabinas.paper.models import PrintJob
from cabinas.sync.client import LinkDown
from cac.expedientes.models import Expediente as Case
from cac.sync.leases import open_centre_epoch
from cac.sync.models import RebuiltFiling
from core.clock import now_utc
from printing.decoder import decode
from printing.elements import QrSymbol
from tests.both_ends import Town, numbers_of
from tests.cabinas.conftest import Cabin, later


def qr_of(cabin: Cabin, filed: dict[str, Any]) -> str:
    """The signed code on the paper that the till printed."""
    with cabin.store.read() as session:
        paper = decode(session.get_one(PrintJob, filed["print_job"]).data)
    return [element.payload for element in paper.elements if isinstance(element, QrSymbol)][1]


def copied(code: str, filed: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a clerk types from the paper."""
    typed = {
        "codigo": code,
        "document_type": "DNI",
        "document_number": "10117410",
        "name": "Nélida Chuquimango Soto",
        "track_key": filed["track_key"],
        "operator": "Elva R.",
        "subject": "Partida de nacimiento",
        "sheets": "1",
        "method": "efectivo",
        "service": "4.00",
        "quantity": "1",
    }
    return typed | changes


def hear(old: Cabin) -> None:
    """A replaced PC is heard; what it asks back it is not given."""
    with suppress(LinkDown):
        old.talk()


def copy_database(source: Path | str, target: Path | str) -> None:
    origin, copy = sqlcipher.connect(str(source)), sqlcipher.connect(str(target))
    origin.backup(copy)
    origin.close()
    copy.close()


def count(town: Town, table: Any) -> int:
    with town.store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def lost(town: Town) -> tuple[Cabin, Path, dict[str, Any], str]:
    """The new PC, the folder of the one that died, what it had filed last and never sent, and the QR on that paper."""
    old = town.pair("C01")
    old.file()
    old.talk()
    filed = old.file().json
    code = qr_of(old, filed)
    folder = town.stop(old)
    new = town.pair("C01")
    new.talk()
    return new, folder, filed, code


def test_a_paper_in_hand_becomes_the_case_it_was_with_its_own_number_and_its_debt(town: Town, lost: Any, person: Any):
    new, _, filed, code = lost
    desk = person("ventanilla")
    page = desk.get("/reconstrucciones", query_string={"c": code}).text
    assert "Firma auténtica" in page and filed["number"] in page and "15.00" in page
    assert re.search(r'id="document_number"[^>]* autofocus', page), "the cursor waits where the paper is copied"
    done = desk.post("/reconstrucciones", copied(code, filed), follow_redirects=True).text
    assert f"Registrado como {filed['number']}" in done and "Reconstruido en el CAC de su recibo" in done
    assert town.owed("C01") == 2_200
    new.talk()
    town.agree()
    assert filed["number"] in numbers_of(new) and new.held == 2_200
    tracked = town.app.test_client().get(f"/api/v1/seguimiento/{filed['number']}?key={filed['track_key']}")
    assert (tracked.status_code, tracked.json["number"]) == (200, filed["number"])
    assert person("tesoreria").get("/tesoreria/cuadre").text.count("Difiere") == 0


def test_a_paper_shown_twice_is_one_case(town: Town, lost: Any, person: Any):
    _, _, filed, code = lost
    desk = person("ventanilla")
    desk.post("/reconstrucciones", copied(code, filed))
    again = desk.post("/reconstrucciones", copied(code, filed))
    assert again.status_code == 409 and f"Ya es el expediente {filed['number']}" in again.text
    assert town.owed("C01") == 2_200 and count(town, RebuiltFiling) == 1


def test_what_arrived_is_not_rebuilt(town: Town, person: Any):
    cabin = town.pair("C01")
    filed = cabin.file().json
    code = qr_of(cabin, filed)
    cabin.talk()
    refused = person("ventanilla").post("/reconstrucciones", copied(code, filed))
    assert refused.status_code == 409 and count(town, Case) == 1


def test_the_event_that_arrives_after_all_is_the_same_case(town: Town, lost: Any, person: Any):
    new, folder, filed, code = lost
    typed = copied(code, filed, subject="Copia de partida", track_key="2222-2222")
    person("ventanilla").post("/reconstrucciones", typed)
    new.talk()
    old = town.start(folder)  # the disk was mended: its PC is trusted no more, and is heard
    hear(old)
    town.stop(old)
    new.talk()
    town.agree()
    with town.store.read() as session:
        row = session.scalars(select(RebuiltFiling)).one()
        case = session.scalars(select(Case).where(Case.number == filed["number"])).one()
    assert row.event_id is not None and row.differs == "el asunto, la clave de seguimiento"
    assert case.track_key == filed["track_key"], "the key is the one on the paper"
    assert town.owed("C01") == new.held == 2_200
    seen = person("tesoreria").get("/tesoreria/cabinas/C01").text
    assert "En verificación" not in seen


def test_a_rebuilt_payment_that_the_event_denies_waits_for_a_person(town: Town, lost: Any, person: Any, caller: Any):
    _, folder, filed, code = lost
    person("ventanilla").post("/reconstrucciones", copied(code, filed, method="tarjeta"))
    assert town.owed("C01") == 1_100
    hear(town.start(folder))
    waiting = caller("tesoreria").get("/cabinas/C01").json["quarantined"]
    assert [held["code"] for held in waiting] == ["sync.reconstruido_distinto"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"service": "0.00"}, "El recibo dice S/ 15.00 y lo escrito suma S/ 11.00"),
        ({"track_key": "no"}, "Copie la clave de seguimiento"),
        ({"name": ""}, "Escriba el nombre"),
        ({"document_number": "1"}, "document_number-error"),
    ],
)
def test_what_does_not_fit_the_paper_is_told_beside_its_field(town: Town, lost: Any, person: Any, changes, told):
    _, _, filed, code = lost
    refused = person("ventanilla").post("/reconstrucciones", copied(code, filed, **changes))
    assert refused.status_code == 422 and told in refused.text
    assert count(town, RebuiltFiling) == 0


def test_a_receipt_changed_by_hand_is_false_and_registers_nothing(town: Town, lost: Any, person: Any):
    _, _, filed, code = lost
    desk = person("ventanilla")
    cheaper = code.replace(".1500.", ".1100.")
    assert "no es de una computadora autorizada" in desk.get("/reconstrucciones", query_string={"c": cheaper}).text
    assert desk.post("/reconstrucciones", copied(cheaper, filed)).status_code == 422
    assert "Eso no es el código" in desk.get("/reconstrucciones?c=hola").text
    assert town.owed("C01") == 1_100


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_centre_restored_from_before_has_the_rebuilt_case_again(town: Town, lost: Any, person: Any, tmp_path: Path):
    """The cabin's acceptance carries the word, and the word carries the case."""
    new, _, filed, code = lost
    before = tmp_path / "antes.db"
    path = town.store._write_engine.url.database
    copy_database(path, before)
    person("ventanilla").post("/reconstrucciones", copied(code, filed))
    new.talk()
    town.agree()
    copy_database(before, path)
    assert filed["number"] not in town.cases("C01")
    town.store.write(open_centre_epoch, now=now_utc())
    new.talk()
    town.agree()
    assert filed["number"] in town.cases("C01") and town.owed("C01") == 2_200


def fork(town: Town, tmp_path: Path) -> tuple[Cabin, Cabin]:
    """A PC and a copy of its disk that shows the same fingerprint: both go on."""
    first = town.pair("C01")
    first.file()
    first.talk()
    copy = tmp_path / "copiada"
    shutil.copytree(town.stop(first), copy)
    return town.start(first.folder), town.start(copy)


def test_the_later_branch_of_a_fork_is_registered_under_other_numbers_and_found_by_the_printed_ones(
    town: Town, tmp_path: Path, person: Any
):
    main, clone = fork(town, tmp_path)
    kept = [main.file().json for _ in range(2)]
    later(minutes=1)
    others = [clone.file(subject=f"De la copia {n}").json for n in range(3)]
    assert [one["number"] for one in kept] == [one["number"] for one in others[:2]]
    main.talk()
    clone.talk()
    treasury, desk = person("tesoreria"), person("ventanilla")
    page = treasury.get("/tesoreria/cabinas/C01").text
    assert "La otra rama" in page and page.count("Registrar este trámite") == 3
    for path in sorted(set(re.findall(r'action="(/tesoreria/cabinas/C01/ramas/[^"]+)"', page))):
        assert treasury.post(path, {"de": "cabina"}, follow_redirects=True).status_code == 200
    page = treasury.get("/tesoreria/cabinas/C01").text
    assert "Registrar este trámite" not in page and "En verificación" not in page
    assert town.owed("C01") == 6 * 1_100
    found = desk.get(f"/expedientes?q={others[0]['number']}").text
    assert found.count("/expedientes/2026-") >= 2, "both cases of that number"
    client = town.app.test_client()
    for one in (*kept, *others):
        tracked = client.get(f"/api/v1/seguimiento/{one['number']}?key={one['track_key']}")
        assert tracked.status_code == 200, "each citizen by the number and key on their own paper"
    third = client.get(f"/api/v1/seguimiento/{others[2]['number']}?key={others[2]['track_key']}").json
    assert third["number"] == others[2]["number"], "nobody else claims it"
    for cabin in (main, clone):
        town.stop(cabin)
    new = town.pair("C01")
    new.talk()
    assert new.held == town.owed("C01") == 6 * 1_100
    assert len(numbers_of(new)) == len(set(numbers_of(new))) == 6


def test_a_paper_of_a_clone_that_never_called_is_found_by_the_number_it_bears(town: Town, tmp_path: Path, person: Any):
    main, clone = fork(town, tmp_path)
    kept = main.file().json
    later(minutes=1)  # in the same second the two papers would say the same
    other = clone.file().json
    code = qr_of(clone, other)
    main.talk()
    desk = person("ventanilla")
    assert "ya es de otro papel" in desk.get("/reconstrucciones", query_string={"c": code}).text
    done = desk.post("/reconstrucciones", copied(code, other), follow_redirects=True).text
    assert f"Su papel dice {kept['number']}" in done
    assert town.owed("C01") == 3 * 1_100
    clone.talk()
    treasury = person("tesoreria")
    page = treasury.get("/tesoreria/cabinas/C01").text
    assert "Registrado como 2026-MPA-" in page, "the branch that arrives is known by its paper"
    for path in set(re.findall(r'action="(/tesoreria/cabinas/C01/ramas/[^"]+)"', page)):
        treasury.post(path, {"de": "cabina"})
    assert town.owed("C01") == 3 * 1_100
