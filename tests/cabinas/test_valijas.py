"""Papers leave the cabin in a bag: once, with a list that has a code for each."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from cabinas.paper.models import PrintJob
from printing.decoder import decode
from tests.cabinas.conftest import Cabin, send
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
