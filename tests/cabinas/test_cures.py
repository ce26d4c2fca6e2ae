"""What was missing is brought to the till: by the rules of intake, with its own cargo, told to the centre."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from flask.testing import FlaskClient

from cabinas.paper.models import PrintJob
from core import clock, wire
from printing.decoder import decode
from tests.cabinas.conftest import Cabin, later, send
from tests.cabinas.stand_in import StandIn


def observed(cabin: Cabin, *missing: str) -> str:
    return cabin.file(missing=list(missing)).json["number"]


def test_an_observation_is_cured_in_time_and_the_term_begins(cabin: Cabin, centre: StandIn):
    number = observed(cabin, "2", "3")  # Friday 20 November: until Tuesday 24
    later(days=3)
    part = cabin.post(f"/expedientes/{number}/subsanaciones", {"presented": ["3"]})
    assert part.status_code == 201
    assert (part.json["state"], part.json["missing"], part.json["due_on"]) == ("observado", ["2"], None)
    later(days=1)
    whole = cabin.post(f"/expedientes/{number}/subsanaciones", {"sheets": 4}).json
    assert (whole["state"], whole["missing"], whole["presented"]) == ("recibido", [], ["2"])
    assert (whole["received_on"], whole["clock_start_on"]) == ("2026-11-20", "2026-11-25")
    cabin.talk()
    told = centre.held("subsanacion")
    assert [row["presented"] for row in told] == [["3"], ["2"]]
    assert (told[1]["sheets"], told[1]["clock_start_on"], told[1]["due_on"]) == (4, "2026-11-25", whole["due_on"])


def test_after_the_due_day_nothing_is_cured(cabin: Cabin):
    number = observed(cabin, "2")
    later(days=5)
    late = cabin.post(f"/expedientes/{number}/subsanaciones", {})
    assert (late.status_code, late.json["code"]) == (409, "expediente.subsanacion_vencida")
    assert cabin.get("/caja").json["pending_sync"] == 1


def test_what_lacks_nothing_or_is_not_what_was_asked_for_is_refused(cabin: Cabin):
    complete = cabin.file().json["number"]
    nothing = cabin.post(f"/expedientes/{complete}/subsanaciones", {})
    assert (nothing.status_code, nothing.json["code"]) == (409, "expediente.nada_que_subsanar")
    other = cabin.post(f"/expedientes/{observed(cabin, '2')}/subsanaciones", {"presented": ["1"]})
    assert (other.status_code, other.json["code"]) == (422, "solicitud.invalida")
    unknown = cabin.post("/expedientes/2026-C02A-000001-7/subsanaciones", {})
    assert unknown.status_code == 404


def test_the_same_press_twice_cures_once(cabin: Cabin):
    number = observed(cabin, "2", "3")
    path, body = f"/expedientes/{number}/subsanaciones", {"presented": ["2"]}
    first, again = cabin.post(path, body, key="k1"), cabin.post(path, body, key="k1")
    assert first.json == again.json
    assert cabin.get("/caja").json["pending_sync"] == 2


def test_its_cargo_says_what_was_brought_and_charges_nothing(cabin: Cabin):
    number = observed(cabin, "2")
    job = cabin.post(f"/expedientes/{number}/subsanaciones", {}).json["print_job"]
    with cabin.store.read() as session:
        from_paper = decode(session.get_one(PrintJob, job).data).text
    assert "CARGO DE SUBSANACIÓN" in from_paper and number in from_paper
    assert "S/" not in from_paper and "FALTA PRESENTAR" not in from_paper and "Respuesta hasta" in from_paper


def test_the_page_of_the_case_offers_it_until_nothing_lacks(cabin: Cabin, operator: FlaskClient, tmp_path: Path):
    number = observed(cabin, "2", "3")
    page = f"/registrado/{number}"
    nothing = send(operator, page, f"{page}/subsanaciones")
    assert nothing.status_code == 422 and "Indique cuál de los puntos" in nothing.text
    assert send(operator, page, f"{page}/subsanaciones", requisito="2").status_code == 303
    assert "Falta presentar" in operator.get(page).text
    assert send(operator, page, f"{page}/subsanaciones", requisito="3", sheets="2").status_code == 303
    done = operator.get(page).text
    assert "Observación subsanada" in done and "Recibir lo que faltaba" not in done


def test_own_cases_of_any_day_are_found_and_no_other(cabin: Cabin, operator: FlaskClient):
    number = cabin.file().json["number"]
    later(days=20)
    assert number not in operator.get("/").text
    assert number in operator.get("/expedientes").text
    assert number in operator.get("/expedientes?q=chuquimango").text
    assert "no recibió nada" in operator.get("/expedientes?q=zamora").text


def at_the_cac(number: str, *presented: str, **changes: object) -> wire.CureNews:
    values: dict[str, object] = {"number": number, "at": clock.now_utc(), "presented": presented}
    return wire.CureNews.model_validate(values | changes)


def test_what_was_brought_to_the_cac_is_heard_and_asked_for_no_more(
    cabin: Cabin, centre: StandIn, operator: FlaskClient
):
    number = observed(cabin, "2", "3")
    page = f"/registrado/{number}"
    centre.news += [at_the_cac(number, "2", missing=("3",))]
    cabin.talk()
    assert "Lo llevaron al CAC" in operator.get(page).text and "Recibir lo que faltaba" in operator.get(page).text
    asked_for = operator.get(page).text.partition('class="lista-reqs"')[2].partition("</div>")[0]
    assert 'value="3"' in asked_for and 'value="2"' not in asked_for
    later(minutes=5)
    centre.news += [at_the_cac(number, "3", due_on=date(2027, 1, 12))]
    cabin.talk()
    done = operator.get(page).text
    assert "Observación subsanada" in done and "Recibir lo que faltaba" not in done
    assert "12 de enero" in done
    refused = cabin.post(f"/expedientes/{number}/subsanaciones", {})
    assert refused.json["code"] == "expediente.nada_que_subsanar"


def test_a_cure_received_without_knowing_of_the_other_is_told_what_became_of_it(
    cabin: Cabin, centre: StandIn, operator: FlaskClient
):
    number = observed(cabin, "2")
    made = cabin.post(f"/expedientes/{number}/subsanaciones", {}).json
    centre.news += [
        at_the_cac(number, "2", at=clock.now_utc() - timedelta(hours=1), due_on=date(2027, 1, 12)),
        at_the_cac(number, id=made["id"], outcome="ya_subsanado", due_on=date(2027, 1, 12)),
    ]
    cabin.talk()
    page = operator.get(f"/registrado/{number}").text
    assert "El CAC ya lo había recibido antes" in page and "Lo llevaron al CAC" in page
    assert page.count("12 de enero") == 2


def test_news_told_again_or_not_understood_change_nothing_and_are_read_once(cabin: Cabin, centre: StandIn):
    number = observed(cabin, "2")
    news = at_the_cac(number, "2")
    centre.news += [news, news]
    cabin.talk()
    cabin.sync.exchange()
    assert [centre.batches[at].news_after for at in (0, -1)] == [0, 2]
    assert wire.parse_news({"kind": "lo que vendrá", "number": number}) is None
    centre.epoch += 1  # restored: its counting may have begun again
    cabin.talk()
    cabin.sync.exchange()
    assert 0 in [batch.news_after for batch in centre.batches[-3:]]
    assert cabin.post(f"/expedientes/{number}/subsanaciones", {}).status_code == 409
