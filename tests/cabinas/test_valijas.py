"""Papers leave the cabin in a bag: once, with a list that has a code for each."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from cabinas.paper.models import PrintJob
from cabinas.valijas import queries
from core import clock, wire
from printing.decoder import decode
from tests.cabinas.conftest import Cabin, later, send
from tests.cabinas.stand_in import StandIn


def test_the_papers_of_the_cases_ticked_leave_with_a_list_and_are_told(
    cabin: Cabin, operator: FlaskClient, centre: StandIn
):
    numbers = [cabin.file(sheets=sheets).json["number"] for sheets in (1, 4, 2)]
    chosen = numbers[:2]
    sent = send(operator, "/valija", "/valijas", number=chosen, precinto="P-881", lleva="Rosa Luna")
    assert sent.status_code == 303
    page = operator.get("/valija").text
    assert "V-C01A-0001" in page and numbers[2] in page and numbers[0] not in page
    assert "V-C01A-0001" in operator.get(f"/registrado/{numbers[0]}").text
    assert "En la cabina" in operator.get(f"/registrado/{numbers[2]}").text
    with cabin.store.read() as session:
        paper = decode(session.scalars(select(PrintJob.data).where(PrintJob.subject == "V-C01A-0001")).one())
    assert "P-881" in paper.text and "Rosa Luna" in paper.text and "5" in paper.text
    assert list(paper.qrs) == [*chosen, "http://127.0.0.1:8000/valijas/V-C01A-0001"]
    cabin.talk()
    told = centre.held("valija")[0]
    assert [(part["number"], part["folios"]) for part in told["items"]] == [(chosen[0], 1), (chosen[1], 4)]
    assert (told["code"], told["seal"], told["carried_by"]) == ("V-C01A-0001", "P-881", "Rosa Luna")


def test_an_original_leaves_once_and_an_empty_bag_never(cabin: Cabin, operator: FlaskClient):
    number, other = cabin.file().json["number"], cabin.file().json["number"]
    empty = send(operator, "/valija", "/valijas")
    assert empty.status_code == 422 and "Marque los expedientes" in empty.text
    send(operator, "/valija", "/valijas", number=number)
    again = send(operator, "/valija", "/valijas", number=[number, other])
    assert again.status_code == 409 and "ya salieron en otra valija" in again.text
    assert send(operator, "/valija", "/valijas", number="2026-C02A-000001-7").status_code == 404
    assert send(operator, "/valija", "/valijas", number=other).status_code == 303
    assert "V-C01A-0002" in operator.get("/valija").text


def told(code: str, *missing: str, cases: int, closed: bool = True, **changes: object) -> wire.ValijaNews:
    now = clock.now_utc()
    received = cases - len(missing) if closed else 1
    values = {"code": code, "cases": cases, "received": received, "missing": missing, "opened_at": now, "told_at": now}
    return wire.ValijaNews.model_validate(values | {"closed_at": now if closed else None} | changes)


def test_the_till_is_told_that_its_bag_arrived_and_what_was_not_in_it(
    cabin: Cabin, operator: FlaskClient, centre: StandIn
):
    here, lost = cabin.file().json["number"], cabin.file().json["number"]
    send(operator, "/valija", "/valijas", number=[here, lost])
    assert "En camino" in operator.get("/valija").text and "en camino" in operator.get(f"/registrado/{lost}").text
    centre.news += [told("V-C01A-0001", cases=2, closed=False)]
    cabin.talk()
    assert "Llegó: la revisan" in operator.get("/valija").text
    later(minutes=1)
    centre.news += [told("V-C01A-0001", lost, cases=2)]
    cabin.talk()
    assert "No llegaron al CAC los papeles de 1 expediente" in operator.get("/").text
    assert "No llegó en V-C01A-0001" in operator.get(f"/registrado/{lost}").text
    assert "En el CAC" in operator.get(f"/registrado/{here}").text
    page = operator.get("/valija").text
    assert "Falta 1" in page and f'value="{lost}"' in page and f'value="{here}"' not in page


def test_what_was_not_in_its_bag_goes_in_the_next_one(cabin: Cabin, operator: FlaskClient, centre: StandIn):
    lost = cabin.file().json["number"]
    send(operator, "/valija", "/valijas", number=lost)
    centre.news += [told("V-C01A-0001", lost, cases=1)]
    cabin.talk()
    assert send(operator, "/valija", "/valijas", number=lost).status_code == 303
    assert "No llegaron" not in operator.get("/").text and "No queda ningún papel" in operator.get("/valija").text
    assert "V-C01A-0002" in operator.get(f"/registrado/{lost}").text
    later(minutes=1)
    centre.news += [told("V-C01A-0002", cases=1), told("V-C01A-0001", cases=1)]
    cabin.talk()
    assert "Llegó completa" in operator.get("/valija").text and "Falta 1" not in operator.get("/valija").text


def test_old_news_of_a_bag_change_nothing(cabin: Cabin, operator: FlaskClient, centre: StandIn):
    number = cabin.file().json["number"]
    send(operator, "/valija", "/valijas", number=number)
    before = clock.now_utc() - timedelta(hours=1)
    centre.news += [told("V-C01A-0001", cases=1), told("V-C01A-0001", number, cases=1, told_at=before)]
    cabin.talk()
    assert "Llegó completa" in operator.get("/valija").text


def test_every_paper_that_waits_is_offered_a_bag_at_a_time(cabin: Cabin, operator: FlaskClient, monkeypatch):
    monkeypatch.setattr(queries, "MAX_VALIJA_ITEMS", 2)
    numbers = [cabin.file().json["number"] for _ in range(5)]
    first = operator.get("/valija").text
    assert numbers[0] in first and numbers[2] not in first and "Página 1 de 3" in first
    last = operator.get("/valija?page=3").text
    assert numbers[4] in last and numbers[0] not in last
    found = operator.get(f"/valija?q={numbers[3]}").text
    assert numbers[3] in found and numbers[0] not in found
    assert "tiene «zamora»" in operator.get("/valija?q=zamora").text
    assert send(operator, "/valija?page=3", "/valijas", number=numbers[4]).status_code == 303
    assert "Página 1 de 2" in operator.get("/valija").text
