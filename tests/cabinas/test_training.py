"""Practising at the till touches nothing that counts, and everything it shows says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cabinas import schema
from cabinas.app import create_app
from cabinas.operators.actions import add_operator, dismiss, entrust
from cabinas.operators.models import Operator
from cabinas.paper.models import PrintJob
from cabinas.till import Till
from cabinas.training import FOLDER, lesson, make_training_till
from core.clock import now_utc
from printing.decoder import decode
from storage import Store
from tests.cabinas.conftest import NOW, PIN_HASH, Cabin, csrf, send
from tests.cabinas.stand_in import StandIn
from tests.cabinas.test_pages import FORM
from web.settings import Settings


def everything(store: Store) -> dict[str, list[tuple]]:
    """Every row of every table but the answers kept for repeated requests."""
    with store.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(table.select())]
            for table in schema.metadata.sorted_tables
        }


@pytest.fixture
def practice(cabin: Cabin) -> Iterator[Till]:
    folder = cabin.folder / FOLDER
    folder.mkdir()
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'cabina.db'}")
    store = Store(settings.store_url)
    with store._write_engine.begin() as connection:
        schema.metadata.create_all(connection)
    yield make_training_till(store, settings, lesson(cabin.store), printer=None, now=now_utc())
    store.close()


@pytest.fixture
def learner(practice: Till) -> FlaskClient:
    """Somebody of the real till, with the PIN they have there."""
    app = create_app(practice, Settings(data_dir=practice.folder))
    app.testing = True
    http = app.test_client()
    form = {"csrf_token": csrf(http.get("/entrar")), "usuario": "cabina1", "pin": "demo-cabina"}
    assert http.post("/entrar", data=form).status_code == 302
    return http


def a_whole_day(learner: FlaskClient) -> str:
    """A filing, one with observation and its cure, a remittance, an extorno, the close; the first one's number."""
    number = send(learner, "/nuevo?tramite=RC-01", "/nuevo", **FORM).location.rsplit("/", 1)[1]
    observed = send(learner, "/nuevo?tramite=RC-01", "/nuevo", **FORM | {"requisito": ["1"]}).location
    assert send(learner, observed, f"{observed}/subsanaciones", requisito=["2", "3"]).status_code == 303
    send(learner, "/caja", "/remesas", importe="5", referencia="práctica")
    send(learner, "/caja", "/extornos", numero=number, motivo="práctica")
    assert send(learner, "/cierre", "/cierres", hay_1000="2").status_code == 303
    return number


def test_practice_leaves_the_real_till_and_the_centre_as_they_were(
    cabin: Cabin, centre: StandIn, practice: Till, learner: FlaskClient
):
    cabin.file()
    cabin.talk()
    before, files = everything(cabin.store), sorted(path for path in cabin.folder.iterdir())
    heard = len(centre.batches)
    number = a_whole_day(learner)
    assert everything(cabin.store) == before
    assert sorted(path for path in cabin.folder.iterdir()) == files
    assert practice.sync is None and practice.attachments is None and len(centre.batches) == heard
    assert number.split("-")[1] == "C00A"
    assert cabin.file().json["number"].split("-")[1:3] == ["C01A", "000002"]


def test_every_paper_and_every_page_says_so(practice: Till, learner: FlaskClient):
    number = a_whole_day(learner)
    with practice.store.read() as session:
        papers = [decode(data).text for data in session.scalars(select(PrintJob.data))]
    assert len(papers) >= 5
    assert [text for text in papers if "CAPACITACIÓN" not in text] == []
    pages = (
        "/",
        "/caja",
        "/cierre",
        "/nuevo",
        "/nuevo?tramite=RC-01",
        "/expedientes",
        "/verificar",
        f"/registrado/{number}",
    )
    for page in pages:
        seen = learner.get(page).text
        assert "CAPACITACIÓN</b>" in seen and "No se envía nada" in seen, page
    assert learner.get(f"/registrado/{number}/cargo.pdf").status_code == 200


def test_a_session_of_one_is_none_of_the_other(learner: FlaskClient, operator: FlaskClient):
    assert {cookie for _, _, cookie in learner._cookies} == {"cabina_capacitacion"}
    assert {cookie for _, _, cookie in operator._cookies} == {"cabina"}


def test_practice_goes_on_where_it_was_left_for_years(practice: Till, learner: FlaskClient, cabin: Cabin):
    a_whole_day(learner)
    settings = Settings(data_dir=practice.folder, database_url=f"sqlite:///{practice.folder / 'cabina.db'}")
    later = NOW + timedelta(days=900)
    again = make_training_till(practice.store, settings, lesson(cabin.store), printer=None, now=later)
    assert again.device.public_key == practice.device.public_key


def test_who_practises_is_who_works_at_the_real_till_now(cabin: Cabin, practice: Till):
    """Somebody left and another of the same name came: opening again lets in the one, and not the other."""
    now = now_utc()
    with cabin.store.read() as session:
        elva = session.scalars(select(Operator.id)).one()
    rosa = {"login": "rosa", "name": "Rosa Quispe", "pin_hash": PIN_HASH}
    first = cabin.store.write(add_operator, **rosa, now=now)
    settings = Settings(data_dir=practice.folder)

    def logins() -> set[str]:
        make_training_till(practice.store, settings, lesson(cabin.store), printer=None, now=now)
        with practice.store.read() as session:
            return set(session.scalars(select(Operator.login).where(Operator.left_at.is_(None))))

    assert logins() == {"cabina1", "rosa"}
    cabin.store.write(dismiss, first, by="Elva Rojas", now=now)
    cabin.store.write(add_operator, **rosa | {"login": "rosaq"}, now=now)
    cabin.store.write(entrust, first + 1, True, by="Elva Rojas", now=now)
    cabin.store.write(dismiss, elva, by="Rosa Quispe", now=now)
    assert logins() == {"rosaq"}
