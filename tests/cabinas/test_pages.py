from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from core import clock, wire
from core.ids import ExpedienteNumber
from tests.cabinas.conftest import Cabin, csrf, filing, later, make_cabin, send, signed_in
from tests.cabinas.stand_in import StandIn, make_catalogue

FORM = {
    "tramite": "RC-01",
    "document_type": "DNI",
    "document_number": "10117410",
    "name": "Nélida Chuquimango Soto",
    "subject": "Su partida",
    "sheets": "1",
    "requisito": ["1", "2", "3"],
    "method": "efectivo",
}


@pytest.mark.parametrize("path", ["/", "/caja", "/cierre", "/nuevo"])
def test_a_page_asks_who_works_and_says_it_is_a_demonstration(cabin: Cabin, path: str):
    page = cabin.http.get(path, follow_redirects=True)
    assert page.status_code == 200 and "Entrar a la caja" in page.text and "DEMOSTRACIÓN" in page.text


def test_the_caps_warning_is_told_on_the_page_and_the_bar_at_the_convenios_own_level(cabin: Cabin, centre: StandIn):
    http = signed_in(cabin)
    near = r'href="/caja">.{0,900}Garantía al 7 %'
    cabin.file()
    cabin.file()  # S/ 22.00 of S/ 300.00
    assert "remese pronto" not in http.get("/").text and "Garantía al" not in http.get("/barra").text
    centre.catalogue = make_catalogue("2", warn_percent=7)
    cabin.talk()
    page = http.get("/").text
    assert "Va en el 7 %: remese pronto" in page and 'class="medidor aviso"' in page
    assert all(re.search(near, http.get(path).text, re.DOTALL) for path in ("/barra", "/nuevo", "/caja"))
    centre.catalogue = make_catalogue("3", guarantee_centimos=2_200)
    cabin.talk()
    assert "Remese a Tesorería para volver a cobrar" in http.get("/").text
    assert "Garantía al 100 %" in http.get("/barra").text


def test_the_cursor_waits_where_the_operator_must_type(cabin: Cabin):
    asked = cabin.http.get("/entrar")
    refused = cabin.http.post("/entrar", data={"csrf_token": csrf(asked), "usuario": "cabina1", "pin": "0000"})
    focused = [re.findall(r'<input id="(\w+)"[^>]* autofocus', page.text) for page in (asked, refused)]
    assert focused == [["usuario"], ["pin"]]


def test_a_wrong_pin_does_not_open_the_till_and_soon_must_wait(cabin: Cabin):
    page = cabin.http.get("/entrar")
    form = {"csrf_token": csrf(page), "usuario": "intruso", "pin": "0000"}
    assert [cabin.http.post("/entrar", data=form).status_code for _ in range(6)] == [401] * 5 + [429]
    assert cabin.http.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/", "/hoy", "/barra", "/caja", "/cierre", "/nuevo", "/nuevo?tramite=LF-02"])
def test_the_pages_open_for_the_operator(operator: FlaskClient, path: str):
    page = operator.get(path)
    assert page.status_code == 200


def test_a_tramite_is_found_by_part_of_its_name(operator: FlaskClient):
    assert "RC-01" in operator.get("/nuevo/tramites?q=partida+nacim").text
    assert "RC-01" in operator.get("/nuevo?q=partida").text and "RC-02" in operator.get("/nuevo?q=partida").text
    assert "LF-03" not in operator.get("/nuevo/tramites?q=licencia").text  # not taken at cabins


def test_enter_chooses_the_only_tramite_found(operator: FlaskClient):
    answer = operator.get("/nuevo?q=nacimiento")
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/nuevo?tramite=RC-01")
    by_code = operator.get("/nuevo?q=rc-01")  # «Comercialización» has those letters too
    assert by_code.status_code == 302 and by_code.headers["Location"].endswith("/nuevo?tramite=RC-01")


def test_enter_with_several_found_puts_the_cursor_on_the_first(operator: FlaskClient):
    page = operator.get("/nuevo?q=partida").text
    assert re.findall(r'<a class="opcion" href="/nuevo\?tramite=(RC-..)" autofocus', page) == ["RC-01"]
    assert page.count("autofocus") == 1
    assert "autofocus" not in operator.get("/nuevo/tramites?q=partida").text  # while typing it stays in the field


def test_the_page_after_filing_asks_again_how_its_paper_goes(operator: FlaskClient):
    filed = send(operator, "/nuevo?tramite=RC-01", "/nuevo", **FORM).headers["Location"]
    part = operator.get(f"{filed}/papel")
    assert part.status_code == 200 and "Papel" in part.text and "<html" not in part.text
    asked = re.search(r'id="papel" hx-get="([^"]+)"', operator.get(filed).text)
    assert asked and asked[1] == f"{filed}/papel"


def test_the_form_files_and_shows_the_number_only_once_it_is_stored(cabin: Cabin, operator: FlaskClient):
    form_page = operator.get("/nuevo?tramite=RC-01")
    assert "C01A" not in form_page.text and "Servicio de cabina" in form_page.text
    answer = send(operator, "/nuevo?tramite=RC-01", "/nuevo", **FORM)
    assert answer.status_code == 303
    number = answer.headers["Location"].rsplit("/", 1)[1]
    assert ExpedienteNumber.parse(number).sequence == 1
    done = operator.get(answer.headers["Location"])
    assert number in done.text and "S/ 15.00" in done.text
    home = operator.get("/").text
    assert number in home and "S/ 11.00" in home and "S/ 4.00" in home and "Por enviar" in home


def test_a_form_sent_twice_files_once(cabin: Cabin, operator: FlaskClient):
    page = operator.get("/nuevo?tramite=RC-01")
    key = re.search(r'name="_key" value="([^"]+)"', page.text)
    assert key
    data = {"csrf_token": csrf(page), "_key": key[1], **FORM}
    first, second = operator.post("/nuevo", data=data), operator.post("/nuevo", data=data)
    assert first.headers["Location"] == second.headers["Location"] and cabin.held == 1_100


def test_nothing_is_ticked_before_the_operator_has_seen_the_paper(operator: FlaskClient):
    page = operator.get("/nuevo?tramite=RC-01").text
    assert 'name="requisito"' in page and "checked" not in page and "Recibí todos" in page


def test_what_the_guarantee_will_refuse_is_told_before_the_press(operator: FlaskClient):
    page = operator.get("/nuevo?tramite=LF-02").text
    assert "data-refused" in page and "Regístrelo con pago en banco o en el CAC" in page
    paid_elsewhere = operator.get("/nuevo/cobro?tramite=LF-02&method=banco").text
    assert "data-refused" not in paid_elsewhere and "no cuenta para la garantía" in paid_elsewhere


def test_a_stopped_till_says_so_where_a_tramite_is_begun(cabin: Cabin, centre: StandIn, operator: FlaskClient):
    centre.suspension = wire.Suspension(suspended=True, reason="no remite", at=clock.now_utc())
    cabin.talk()
    assert "no remite" in operator.get("/nuevo?tramite=RC-01").text


def test_an_unticked_requisite_is_received_with_observation(operator: FlaskClient):
    answer = send(operator, "/nuevo?tramite=RC-01", "/nuevo", **FORM | {"requisito": ["1", "3"]})
    assert "Recibido con observación" in operator.get(answer.headers["Location"]).text


def test_the_representative_and_the_mail_to_notify_travel_with_the_case(
    cabin: Cabin, centre: StandIn, operator: FlaskClient
):
    more = {
        "rep_type": "DNI",
        "rep_number": "44556677",
        "rep_name": "Pedro Soto",
        "notify_email": "nelida@example.pe",
        "notify_consent": "1",
        "address": "Jr. Unión 100",
    }
    assert send(operator, "/nuevo?tramite=RC-01", "/nuevo", **FORM, **more).status_code == 303
    cabin.talk()
    (told,) = centre.held("expediente")
    assert told["representative"]["name"] == "Pedro Soto" and told["applicant"]["address"] == "Jr. Unión 100"
    assert told["notify"] == {"email": "nelida@example.pe", "consent": True}


def test_a_refusal_keeps_what_was_typed_and_says_what_to_do(cabin: Cabin, operator: FlaskClient):
    refused = send(operator, "/nuevo?tramite=LF-02", "/nuevo", **FORM | {"tramite": "LF-02"})
    assert refused.status_code == 409
    assert "garantía" in refused.text and "pago en banco" in refused.text
    assert 'value="10117410"' in refused.text and "C01A" not in refused.text
    filed = send(operator, "/nuevo?tramite=LF-02", "/nuevo", **FORM | {"tramite": "LF-02", "method": "banco"})
    assert filed.status_code == 303 and cabin.held == 0


def test_the_till_tells_as_charged_only_what_came_into_the_drawer(cabin: Cabin, operator: FlaskClient):
    by_bank = cabin.file(payment={"method": "banco"}).json["number"]
    returned = cabin.file().json["number"]
    cabin.post("/extornos", {"number": returned, "motivo": "se equivocó de trámite"})

    today, every = (" ".join(operator.get(path).text.split()) for path in ("/hoy", "/expedientes"))
    for page in (today, every):
        assert page.count("11.00 fuera de la caja") == page.count("extornado</small>") == 1
    assert '<td class="der">11.00</td><td class="der">8.00</td><td class="der"><b>19.00</b></td>' in today  # the day's
    case = operator.get(f"/registrado/{by_bank}").text
    assert "<dt>Cobrado</dt><dd>S/ 4.00</dd>" in case and "<dt>Fuera de la caja</dt><dd>S/ 11.00</dd>" in case
    case = operator.get(f"/registrado/{returned}").text
    assert "se devolvieron S/ 15.00" in case and "se equivocó de trámite" in case


def test_who_came_before_is_filled_in(cabin: Cabin, operator: FlaskClient):
    cabin.file()
    known = operator.get("/nuevo/persona?document_type=DNI&document_number=10117410&name=").text
    assert "Nélida Chuquimango Soto" in known
    assert operator.get("/nuevo/persona?document_type=DNI&document_number=44556677&name=").status_code == 204


def test_the_same_tramite_for_the_same_person_today_is_told_before_it_is_charged_again(
    cabin: Cabin, operator: FlaskClient
):
    """As when the power went between the press and the page that tells the number."""
    number = cabin.file().json["number"]
    asked = "/nuevo/persona?document_type=DNI&document_number=10117410&tramite="
    assert (
        number in operator.get(asked + "RC-01").text
        and "ya registró este trámite" in operator.get(asked + "RC-01").text
    )
    assert number not in operator.get(asked + "RC-02").text, "another trámite"
    later(days=1)
    assert number not in operator.get(asked + "RC-01").text, "another day"


def test_c2_few_numbers_are_told_from_a_fifth_on_and_none_before_the_press(tmp_path: Path, centre: StandIn):
    centre.numbers = 10
    cabin = make_cabin(tmp_path / "cabina", centre)
    operator = signed_in(cabin)
    told = []
    for _ in range(10):
        assert cabin.file("SG-08", payment=None).status_code == 201
        told.append(operator.get("/").text)
    assert not any("números: conecte" in page for page in told[:7])
    assert "Quedan 2 números: conecte esta PC a internet" in told[7] and "Queda 1 número:" in told[8]
    assert "No quedan números: conecte esta PC a internet" in told[9]
    page = operator.get("/nuevo?tramite=SG-08").text
    assert "data-refused" in page and "Conéctela a internet" in page
    cabin.store.close()


def test_remittance_extorno_and_close_work_by_their_forms(cabin: Cabin, operator: FlaskClient):
    number = cabin.file().json["number"]
    assert 'value="11.00"' in operator.get("/caja").text
    assert send(operator, "/caja", "/remesas", importe="11.00", referencia="BN 1").status_code == 303
    assert send(operator, "/caja", "/remesas", importe="once", referencia="BN 1").status_code == 422
    assert send(operator, "/caja", "/extornos", numero=number, motivo="se equivocó").status_code == 303
    page = operator.get("/caja").text
    assert 'value="11.00"' not in page, "what is on its way is not offered again"
    assert "Declarada" in page and "Declarado" in page and number in page
    assert "Debía haber" not in operator.get("/cierre").text
    closed = send(operator, "/cierre", "/cierres", hay_100="1")
    assert closed.status_code == 303 and "Diferencia" in operator.get(closed.headers["Location"]).text


def test_a_reprint_is_marked_and_counted(cabin: Cabin, operator: FlaskClient):
    number = cabin.file().json["number"]
    again = send(operator, "/", f"/papeles/{number}/reimpresiones")
    assert again.status_code == 303
    assert operator.get("/papeles/2.png").data[:4] == b"\x89PNG"


def test_a_suspended_till_says_so_on_its_home(cabin: Cabin, centre: StandIn, operator: FlaskClient):
    centre.suspension = wire.Suspension(suspended=True, reason="no remite", at=clock.now_utc())
    cabin.talk()
    assert "no remite" in operator.get("/").text


# --- C23: only its own pages


@pytest.mark.parametrize("host", ["malo.example", "malo.example:8100", "127.0.0.1.malo.example", "10.0.0.5"])
def test_another_host_is_refused(cabin: Cabin, host: str):
    for path in ("/", "/api/v1/caja"):
        refused = cabin.http.get(path, headers={"Host": host, "Authorization": f"Bearer {cabin.token}"})
        assert refused.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://malo.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:9"},
    ],
)
def test_a_page_of_another_site_cannot_post(cabin: Cabin, operator: FlaskClient, headers: dict[str, str]):
    page = operator.get("/nuevo?tramite=RC-01")
    data = {"csrf_token": csrf(page), "_key": "x", **FORM}
    assert operator.post("/nuevo", data=data, headers=headers).status_code == 403
    api = {"Authorization": f"Bearer {cabin.token}", "Idempotency-Key": "x", **headers}
    assert cabin.http.post("/api/v1/expedientes", json=filing(), headers=api).status_code == 403
    assert cabin.held == 0


def test_a_form_without_its_token_is_refused(cabin: Cabin, operator: FlaskClient):
    assert operator.post("/nuevo", data={"_key": "x", **FORM}).status_code == 403
    assert cabin.held == 0


def test_the_api_takes_a_token_and_never_the_cookie(cabin: Cabin, operator: FlaskClient):
    assert operator.get("/api/v1/caja").status_code == 401
    assert operator.get("/api/v1/caja", headers={"Authorization": "Bearer falso"}).status_code == 401
    assert cabin.get("/caja").status_code == 200


def test_a_post_without_its_key_is_refused(cabin: Cabin):
    headers = {"Authorization": f"Bearer {cabin.token}"}
    refused = cabin.http.post("/api/v1/expedientes", json=filing(), headers=headers)
    assert (refused.status_code, refused.json["code"]) == (400, "idempotencia.falta")


# --- its refusals have its own face


def test_an_error_is_shown_with_the_tills_own_head(
    cabin: Cabin, operator: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    def bug(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("cabinas.filing.routes.queries.register", bug)
    forbidden = {"data": {"csrf_token": "falso"}}
    answers = [
        (404, operator.get("/no-hay")),
        (405, operator.get("/salir")),
        (403, operator.post("/remesas", **forbidden)),
        (500, operator.get("/expedientes")),
    ]
    for status, answer in answers:
        assert answer.status_code == status and "de-cabina" in answer.text and "Internet Los Sauces" in answer.text
        assert "Centro de Atención al Ciudadano" not in answer.text and "ciudadano.css" not in answer.text
        assert "Elva Rojas" in answer.text and f"Código {status}" in answer.text
    operator.post("/salir", data={"csrf_token": csrf(operator.get("/"))})
    nobody = operator.get("/no-hay")
    assert nobody.status_code == 404 and "de-cabina" in nobody.text and "Salir" not in nobody.text


# --- E13: a cabin sees its own


def test_the_case_of_another_cabin_is_not_found(cabin: Cabin, operator: FlaskClient):
    assert cabin.get("/expedientes/2026-C02A-000001-7").status_code == 404
    assert operator.get("/registrado/2026-C02A-000001-7").status_code == 404
