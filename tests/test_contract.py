"""What outsiders rely on, one test a row, over real HTTP against the demo's own processes.

A change that breaks a test here breaks somebody's script: extend, never alter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests
import socketio

from tests.databases import free_port
from tests.demo import Api, Town, eventually, run
from tests.servers import LiveServer, run_cli

pytestmark = pytest.mark.slow

APPLICANT = {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"}
NUMBER = re.compile(r"^\d{4}-[A-Z0-9]+-\d{6}-[0-9A-Z]$")
STATES = {"en_cola", "enviando", "confirmada", "no_enviada", "desconocida", "retenida", "vencida"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    demo = Town(tmp_path_factory.mktemp("contrato"))
    demo.start_centre()
    demo.start_cabina()
    yield demo
    demo.close()


@pytest.fixture(scope="module")
def call(demo: Town) -> Callable[[str], Api]:
    return demo.call


@pytest.fixture
def desk(call) -> Api:
    return call("ventanilla")


def filing(tramite: str = "RC-01", **changes) -> dict:
    body = {
        "tramite": tramite,
        "applicant": APPLICANT,
        "subject": "Copia de partida de nacimiento",
        "sheets": 2,
        "missing": [],
        "payment": {"method": "efectivo"},
    }
    return body | changes


def free(desk: Api, number: int) -> None:
    """Leave ventanilla `number` with nobody before it."""
    call = desk.post(f"/ventanillas/{number}/llamados")
    while call.status_code in (200, 201):
        ticket = call.json()["ticket"]["id"]
        desk.post(f"/tickets/{ticket}/atenciones", {"ventanilla": number})
        assert desk.post(f"/tickets/{ticket}/cierres", {"ventanilla": number, "resultado": "atendido"}).ok
        call = desk.post(f"/ventanillas/{number}/llamados")
    assert call.status_code == 204


# --- commands


def test_help_lists_every_command():
    listed = run("--help")
    for command in "demo serve cabina token device printer agent tupa staff db backup restore audit doctor".split():
        assert re.search(rf"^\W*{command}\b", listed, re.MULTILINE), command


@pytest.mark.parametrize("command", [("demo",), ("serve",), ("cabina", "pair"), ("printer", "add"), ("agent",)])
def test_a_command_has_its_own_help(command: tuple[str, ...]):
    assert "--help" in run(*command, "--help")


def test_bad_input_gives_one_clear_line_and_a_non_zero_exit():
    refused = run_cli("serve", "--port", "nope")
    assert refused.returncode and "--port" in refused.stderr and len(refused.stderr.splitlines()) == 1


def test_a_second_server_on_the_same_data_exits_2_with_one_clear_line(demo: Town):
    second = run_cli("serve", "--port", str(free_port()), **demo.env)
    assert second.returncode == 2
    assert len(second.stderr.strip().splitlines()) == 1 and "Traceback" not in second.stderr


def test_token_create_prints_the_token_alone(demo: Town):
    printed = demo.run("token", "create", "--role", "ventanilla", "--name", "guion")
    assert re.fullmatch(r"\S{20,}\n", printed)


def test_device_pair_prints_a_one_time_url_whose_button_leaves_a_cookie(demo: Town):
    url = demo.run("device", "pair", "--kind", "pantalla", "--name", "TV 9", "--sala", "principal").strip()
    browser = requests.Session()
    page = browser.get(url, timeout=30)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert page.status_code == 200 and token
    assert browser.get(url, timeout=30).status_code == 200, "looking uses nothing up"
    paired = browser.post(url, data={"csrf_token": token[1]}, timeout=30, allow_redirects=False)
    assert paired.status_code in (302, 303)
    cookie = paired.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert requests.get(url, timeout=30).status_code == 404


def test_the_clock_setting_is_refused_on_data_not_made_by_demo(tmp_path: Path):
    refused = run_cli("serve", "--port", "0", CAC_DATA_DIR=str(tmp_path), CAC_CLOCK="2026-11-20T10:00:00-05:00")
    assert refused.returncode == 2 and "CAC_CLOCK" in refused.stderr


def test_printer_test_prints_the_outcome_word_and_exits_0_only_for_confirmada(demo: Town, tmp_path: Path):
    demo.run("printer", "add", "prueba", f"folder://{tmp_path}/papel?width=42")
    assert "confirmada" in demo.run("printer", "test", "prueba")
    assert list((tmp_path / "papel").glob("*.bin"))
    demo.run("printer", "add", "muerta", f"tcp://127.0.0.1:{free_port()}")
    dead = run_cli("printer", "test", "muerta", **demo.env)
    assert dead.returncode != 0 and "no_enviada" in dead.stdout


def test_a_hot_backup_restores_to_a_centre_that_knows_what_the_first_knew(demo: Town, desk: Api, tmp_path: Path):
    number = desk.post("/expedientes", filing()).json()["number"]
    demo.run("backup", str(tmp_path / "copia.cac"))
    env = {"CAC_DATA_DIR": str(tmp_path / "otro")}
    run("restore", str(tmp_path / "copia.cac"), **env)
    run("db", "upgrade", **env)
    token = run("token", "create", "--role", "ventanilla", "--name", "x", **env).strip()
    server = LiveServer("serve", "--port", "0", **env)
    try:
        assert Api(server.url, token).get(f"/expedientes/{number}").json()["number"] == number
    finally:
        server.stop()


def test_audit_verify_and_doctor_say_that_all_is_well(demo: Town):
    assert demo.run("audit", "verify").strip()
    assert demo.run("doctor").strip()


# --- HTTP rules


def test_no_token_is_401_and_a_cookie_never_opens_the_api(call):
    answer = call("").get("/services")
    assert answer.status_code == 401 and answer.headers["Content-Type"].startswith("application/problem+json")
    assert set(answer.json()) >= {"type", "title", "status", "detail", "code"}


def test_a_role_not_named_gets_403_acceso_negado(call):
    answer = call("auditor").post("/tickets", {"service": "A"})
    assert (answer.status_code, answer.json()["code"]) == (403, "acceso.negado")


def test_a_wrong_type_is_422_with_the_field_named_and_unknown_fields_are_ignored(desk: Api):
    wrong = desk.post("/expedientes", filing(sheets="doce"))
    assert wrong.status_code == 422 and "sheets" in wrong.json()["fields"]
    assert desk.post("/tickets", {"service": "A", "color": "azul"}).status_code == 201


def test_a_repeated_post_gives_the_first_answer_and_another_body_is_409(desk: Api):
    key = uuid4().hex
    first, again = desk.post("/tickets", {"service": "A"}, key=key), desk.post("/tickets", {"service": "A"}, key=key)
    assert (first.status_code, again.status_code) == (201, 201) and first.json() == again.json()
    other = desk.post("/tickets", {"service": "B"}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotencia.otro_contenido")


def test_a_creating_post_without_its_key_is_400(desk: Api):
    answer = desk.post("/tickets", {"service": "A"}, key="")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotencia.falta")


def test_a_refusal_is_not_kept_so_the_same_key_may_succeed_later(desk: Api):
    key = uuid4().hex
    assert desk.post("/tickets", {"service": "Z"}, key=key).status_code in (404, 422)
    assert desk.post("/tickets", {"service": "A"}, key=uuid4().hex).status_code == 201


# --- health, metrics, OpenAPI


def test_health_says_how_each_part_is(call):
    body = call("").get("/health").json()
    assert set(body) >= {"status", "database", "live", "spool", "disk"} and body["database"]["ok"]


def test_metrics_answer_on_loopback(demo: Town):
    assert "python_info" in requests.get(f"{demo.url}/metrics", timeout=30).text


def test_openapi_is_3_1_and_names_the_calls_of_this_page(call):
    document = call("").get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path in ("/tickets", "/expedientes", "/tupa/{code}", "/ventanillas/{number}/llamados", "/seguimiento/{number}"):
        wanted = re.sub(r"\{\w+\}", "{}", path)
        assert any(re.sub(r"\{\w+\}", "{}", known).endswith(wanted) for known in document["paths"]), path


# --- tickets


def test_services(desk: Api):
    services = desk.get("/services").json()
    assert [service["code"] for service in services] == list("ABCDEF")
    assert all(set(service) >= {"code", "name", "waiting", "open"} and service["open"] for service in services)


def test_a_ticket_is_issued_with_its_number_its_link_and_its_paper(demo: Town, call):
    kiosk = call("kiosko")
    answer = kiosk.post("/tickets", {"service": "A", "preferente": True, "channel": "kiosko"})
    assert answer.status_code == 201
    ticket = answer.json()
    assert re.fullmatch(r"P-\d{3,}", ticket["code"]) and ticket["state"] == "en_espera" and ticket["preferente"] is True
    assert ticket["service"] == "A" and ticket["ahead"] >= 0 and "wait" in ticket and ticket["issued_at"]
    assert requests.get(ticket["follow_url"], timeout=30).status_code == 200
    assert "/t/" in ticket["follow_url"] and ticket["code"] not in ticket["follow_url"]
    assert ticket["print_job"] is not None
    assert kiosk.get(f"/tickets/{ticket['id']}").json()["code"] == ticket["code"]
    eventually(lambda: demo.paper("kiosko"), what="the kiosk's paper")


def test_calls_and_moves(desk: Api):
    for number in (1, 2):
        free(desk, number)
    ticket = desk.post("/tickets", {"service": "B"}).json()
    called = desk.post("/ventanillas/1/llamados")
    assert called.status_code == 201 and called.json()["ticket"]["id"] == ticket["id"] and called.json()["seq"] > 0
    again = desk.post("/ventanillas/1/llamados")
    assert again.status_code == 200 and again.json()["seq"] == called.json()["seq"]
    assert desk.post("/ventanillas/2/llamados").status_code == 204
    move = f"/tickets/{ticket['id']}"
    recalled = desk.post(f"{move}/rellamados", {"ventanilla": 1})
    assert recalled.ok and recalled.json()["state"] == "llamado"
    not_owner = desk.post(f"{move}/atenciones", {"ventanilla": 2})
    assert (not_owner.status_code, not_owner.json()["code"]) == (409, "ticket.de_otra_ventanilla")
    assert desk.post(f"{move}/atenciones", {"ventanilla": 1}).json()["state"] == "en_atencion"
    busy = desk.post("/ventanillas/1/llamados")
    assert (busy.status_code, busy.json()["code"]) == (409, "ventanilla.turno_abierto")
    assert desk.post(f"{move}/esperas", {"ventanilla": 1, "motivo": "fue por copia"}).json()["state"] == "en_pausa"
    assert desk.post(f"{move}/atenciones", {"ventanilla": 1}).json()["state"] == "en_atencion"
    done = desk.post(f"{move}/cierres", {"ventanilla": 1, "resultado": "atendido", "tramites": ["LF-01"]})
    assert done.json()["state"] == "atendido"
    late = desk.post(f"{move}/rellamados", {"ventanilla": 1})
    assert (late.status_code, late.json()["code"]) == (409, "ticket.movimiento_no_permitido")


def test_an_absent_ticket_returns_and_a_forwarded_one_keeps_its_number(desk: Api):
    free(desk, 1)
    ticket = desk.post("/tickets", {"service": "C"}).json()
    move = f"/tickets/{ticket['id']}"
    desk.post("/ventanillas/1/llamados")
    assert desk.post(f"{move}/ausencias", {"ventanilla": 1}).json()["state"] == "ausente"
    assert desk.post(f"{move}/retornos", {"ventanilla": 1}).json()["state"] == "en_espera"
    desk.post("/ventanillas/1/llamados")
    desk.post(f"{move}/atenciones", {"ventanilla": 1})
    forwarded = desk.post(f"{move}/derivaciones", {"ventanilla": 1, "service": "D"}).json()
    assert (forwarded["code"], forwarded["service"], forwarded["state"]) == (ticket["code"], "D", "en_espera")
    cancelled = desk.post(f"{move}/anulaciones", {"motivo": "se retiró"}).json()
    assert cancelled["state"] == "anulado"


def test_a_supervisor_takes_a_ticket_over(call, desk: Api):
    free(desk, 1)
    ticket = desk.post("/tickets", {"service": "E"}).json()
    desk.post("/ventanillas/1/llamados")
    taken = call("supervisor").post(f"/tickets/{ticket['id']}/tomas", {"ventanilla": 4, "motivo": "se apagó la PC"})
    assert taken.ok
    assert desk.post(f"/tickets/{ticket['id']}/atenciones", {"ventanilla": 4}).ok
    assert desk.post(f"/tickets/{ticket['id']}/cierres", {"ventanilla": 4, "resultado": "atendido"}).ok


def test_a_ventanilla_opens_pauses_and_closes(desk: Api):
    for step in ("aperturas", "pausas", "aperturas", "cierres"):
        answer = desk.post(f"/ventanillas/3/{step}", {"motivo": "refrigerio"})
        assert answer.ok and "state" in answer.json()


def test_the_board_is_whole_and_its_etag_covers_all_but_now(call, desk: Api):
    desk.post("/tickets", {"service": "A"})
    desk.post("/ventanillas/2/llamados")
    screen = call("pantalla")
    board = screen.get("/salas/principal/tablero")
    body = board.json()
    assert set(body) == {"seq", "now", "calls", "waiting"} and body["calls"][-1]["seq"] == body["seq"]
    assert all(set(shown) == {"seq", "code", "ventanilla", "called_at"} for shown in body["calls"])
    assert len(body["calls"]) <= 50 and len(body["waiting"]) <= 20
    same = screen.get("/salas/principal/tablero", headers={"If-None-Match": board.headers["ETag"]})
    assert same.status_code == 304
    free(desk, 2)


def test_screens_hear_the_whole_board_and_a_heartbeat(demo: Town, desk: Api):
    heard: dict[str, list[dict]] = {"tablero": [], "latido": []}
    client = socketio.Client(handle_sigint=False)
    for event, got in heard.items():
        client.on(event, got.append, namespace="/salas")
    auth = {"token": demo.call("pantalla").token, "sala": "principal"}
    client.connect(demo.url, auth=auth, namespaces=["/salas"], transports=["websocket"], wait_timeout=30)
    try:
        eventually(lambda: heard["tablero"] and heard["latido"], what="board and heartbeat")
        before = len(heard["tablero"])
        code = desk.post("/tickets", {"service": "F"}).json()["code"]
        eventually(lambda: any({"code": code} in b["waiting"] for b in heard["tablero"][before:]), what="a new board")
    finally:
        client.disconnect()


def test_a_phone_hears_its_own_turn_and_nobody_elses(demo: Town, desk: Api):
    free(desk, 1)
    ticket = desk.post("/tickets", {"service": "F"}).json()
    heard: list[dict] = []
    client = socketio.Client(handle_sigint=False)
    client.on("turno", heard.append, namespace="/turnos")
    auth = {"turno": ticket["follow_url"].rsplit("/", 1)[-1]}
    client.connect(demo.url, auth=auth, namespaces=["/turnos"], transports=["websocket"], wait_timeout=30)
    try:
        desk.post("/ventanillas/1/llamados")
        eventually(lambda: any(told.get("state") == "llamado" for told in heard), what="the call")
    finally:
        client.disconnect()
        free(desk, 1)


def test_the_staff_channel_refuses_who_is_not_staff(demo: Town):
    client = socketio.Client(reconnection=False, handle_sigint=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(demo.url, auth={"token": "x"}, namespaces=["/panel"], transports=["websocket"], wait_timeout=30)


# --- TUPA and terms


def test_the_tupa_is_public_and_shows_no_editorial_field(call):
    entries = call("").get("/tupa", params={"q": "matrimonio"}).json()
    assert any(entry["code"] == "RC-07" for entry in entries)
    assert len(call("").get("/tupa").json()) == 73
    entry = call("").get("/tupa/LF-11").json()
    assert set(entry) >= set(
        "code name area area_code kind qualification silence term_business_days fee_centimos fee_variants requisitos "
        "channels joins cabin_fee_bearer version".split()
    )
    assert entry["fee_centimos"] == 19328 and entry["term_business_days"] == 7 and entry["silence"] == "SAP"
    assert [requisito["code"] for requisito in entry["requisitos"]] == ["1", "2", "3", "4", "5", "6"]
    assert [variant["centimos"] for variant in entry["fee_variants"]] == [19328, 15661, 10286]
    assert not set(entry) & {"notes", "source", "source_kind", "verified_fields"}
    assert call("").get("/tupa/XX-99").status_code == 404


def test_terms_are_computed_over_business_days(call):
    term = call("").get("/plazos", params={"tramite": "LF-11", "from": "2026-07-20"}).json()
    assert set(term) >= {"clock_start_on", "due_on", "skipped"} and term["clock_start_on"] == "2026-07-21"
    assert {"2026-07-23"} <= {skipped["on"] for skipped in term["skipped"]}
    thirty = call("").get("/plazos", params={"tramite": "TR-04", "from": "2026-07-20"}).json()
    assert (thirty["due_on"], thirty["sap_on"]) == ("2026-09-04", "2026-09-11")


# --- expedientes


def test_a_case_is_filed_with_everything_its_paper_says(demo: Town, desk: Api):
    answer = desk.post("/expedientes", filing("LF-11"))
    assert answer.status_code == 201
    case = answer.json()
    assert NUMBER.match(case["number"]) and case["number"].split("-")[1].startswith("MP")
    assert case["state"] == "recibido" and case["received_at"] and case["received_on"]
    assert case["clock_start_on"] and case["due_on"]
    charges = {charge["concept"]: charge["centimos"] for charge in case["charges"]}
    assert charges == {"derecho": 19328, "redondeo": -8} and case["total_centimos"] == 19320
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", case["track_key"]) and case["print_job"] is not None
    assert isinstance(case["warnings"], list)
    assert requests.get(case["track_url"], timeout=30).status_code == 200
    eventually(lambda: demo.paper("cargos"), what="the cargo's paper")


def test_a_missing_requisito_is_received_with_observation(desk: Api):
    case = desk.post("/expedientes", filing("LF-11", missing=["3"])).json()
    assert case["state"] == "observado" and case["clock_start_on"] is None and case["due_on"] is None
    assert case["observed"]["missing"] == ["3"] and case["observed"]["due_on"]
    forwarded = desk.post(f"/expedientes/{case['number']}/pases", {"area": "LF"})
    assert (forwarded.status_code, forwarded.json()["code"]) == (409, "expediente.observado")
    cured = desk.post(f"/expedientes/{case['number']}/subsanaciones", {"items": ["3"], "sheets": 1})
    assert cured.ok, cured.text
    assert desk.get(f"/expedientes/{case['number']}").json()["state"] == "recibido"


def test_cards_are_exact_and_a_wrong_ruc_is_refused(desk: Api):
    card = desk.post("/expedientes", filing("LF-11", payment={"method": "tarjeta", "reference": "1"})).json()
    assert card["total_centimos"] == 19328
    wrong = desk.post(
        "/expedientes", filing(applicant=APPLICANT | {"document_type": "RUC", "document_number": "20512333798"})
    )
    assert wrong.status_code == 422
    warned = desk.post("/expedientes", filing(applicant=APPLICANT | {"document_number": "10117410-3"}))
    assert warned.status_code == 201 and warned.json()["warnings"]


def test_search_finds_newest_first_and_a_case_shows_its_history(desk: Api):
    number = desk.post("/expedientes", filing(subject="Búsqueda de Ñáñez")).json()["number"]
    found = desk.get("/expedientes", params={"q": "chuquimango"}).json()
    rows = found if isinstance(found, list) else found["items"]
    assert rows[0]["number"] == number
    case = desk.get(f"/expedientes/{number}").json()
    assert case["movements"] and "documents" in case and "acts" in case


def test_a_case_goes_to_an_area_is_resolved_and_delivered(call, desk: Api):
    unit = call("unidad")
    case = desk.post("/expedientes", filing()).json()
    step = f"/expedientes/{case['number']}"
    assert desk.post(f"{step}/documentos", {"title": "Escrito ampliatorio", "sheets": 1}).ok
    area = requests.get(f"{desk.url}/api/v1/tupa/RC-01", timeout=30).json()["area_code"]
    assert desk.post(f"{step}/pases", {"area": area}).ok
    assert unit.post(f"{step}/recepciones").ok
    assert unit.post(f"{step}/actos", {"kind": "informe", "text": "Procede."}).ok
    assert unit.post(f"{step}/actos", {"kind": "resolucion", "text": "Se otorga la copia."}).ok
    assert unit.post(f"{step}/pases", {"area": "CAC"}).ok
    assert desk.post(f"{step}/recepciones").ok
    assert desk.post(f"{step}/entregas", {"to": APPLICANT["name"]}).ok
    assert desk.get(step).json()["state"] == "entregado"


def test_tracking_opens_only_with_the_key_and_never_says_which_part_was_wrong(call, desk: Api):
    case = desk.post("/expedientes", filing()).json()
    public = call("")
    right = public.get(f"/seguimiento/{case['number']}", params={"key": case["track_key"]})
    assert right.status_code == 200 and APPLICANT["document_number"] not in right.text
    wrong_key = public.get(f"/seguimiento/{case['number']}", params={"key": "AAAA-AAAA"})
    wrong_number = public.get("/seguimiento/2026-MPA-999999-9", params={"key": case["track_key"]})
    assert (wrong_key.status_code, wrong_number.status_code) == (404, 404)
    assert wrong_key.json() == wrong_number.json()
    for _ in range(30):
        last = public.get(f"/seguimiento/{case['number']}", params={"key": "AAAA-AAAB"})
    assert (last.status_code, last.json()["code"]) == (429, "acceso.demasiados_intentos")
    assert public.get(f"/seguimiento/{case['number']}", params={"key": case["track_key"]}).status_code == 200


# --- paper


def test_a_print_job_says_its_state_and_a_reprint_is_a_marked_copy(desk: Api):
    job = desk.post("/tickets", {"service": "A"}).json()["print_job"]
    state = eventually(lambda: desk.get(f"/impresiones/{job}").json()["state"] == "confirmada" and "confirmada")
    assert state in STATES
    assert set(desk.get(f"/impresiones/{job}").json()) >= {"state", "printer", "copies"}
    copy = desk.post(f"/impresiones/{job}/reimpresiones")
    assert copy.ok and desk.get(f"/impresiones/{job}").json()["copies"] >= 1
    not_unknown = desk.post(f"/impresiones/{job}/respuestas", {"salio": True})
    assert not_unknown.status_code == 409


# --- the cabin


def test_the_cabin_files_with_two_lines_and_the_centre_shows_case_and_debt(demo: Town, call):
    till = demo.till()
    before = till.get("/caja").json()
    assert set(before) >= {"municipal_held_centimos", "guarantee_centimos", "commission_today_centimos", "pending_sync"}
    answer = till.post("/expedientes", filing())
    assert answer.status_code == 201
    case = answer.json()
    assert case["number"].split("-")[1].startswith("C01")
    charges = {charge["concept"]: charge["centimos"] for charge in case["charges"]}
    assert charges == {"derecho": 1100, "servicio_cabina": 400} and case["total_centimos"] == 1500
    assert till.get("/caja").json()["municipal_held_centimos"] == before["municipal_held_centimos"] + 1100
    assert till.get(f"/expedientes/{case['number']}").json()["number"] == case["number"]
    desk = call("ventanilla")
    eventually(lambda: desk.get(f"/expedientes/{case['number']}").ok, within_s=90, what="the case at the centre")
    seen = call("tesoreria").get("/cabinas/C01").json()
    assert seen["balance_centimos"] == before["municipal_held_centimos"] + 1100


def test_the_cabin_refuses_what_would_pass_the_guarantee_and_uses_no_number(demo: Town):
    till = demo.till()
    refused = till.post("/expedientes", filing("LF-02", missing=[]))
    assert (refused.status_code, refused.json()["code"]) == (409, "cabina.garantia_superada")


def test_a_remittance_is_declared_confirmed_and_then_frees_the_cabin(demo: Town, call):
    till, treasury = demo.till(), call("tesoreria")
    till.post("/expedientes", filing())
    held = till.get("/caja").json()["municipal_held_centimos"]
    declared = till.post("/remesas", {"centimos": held, "reference": "BN 0012345"})
    assert declared.status_code == 201 and declared.json()["state"] == "declarada"
    assert till.get("/caja").json()["municipal_held_centimos"] == held
    path = f"/cabinas/C01/remesas/{declared.json()['id']}/confirmaciones"
    eventually(lambda: treasury.post(path, {"centimos": held}).ok, within_s=90, what="treasury's confirmation")
    eventually(
        lambda: till.get("/caja").json()["municipal_held_centimos"] == 0, within_s=90, what="the freed guarantee"
    )


def test_an_extorno_is_declared_and_the_till_closes_blind(demo: Town):
    till = demo.till()
    number = till.post("/expedientes", filing()).json()["number"]
    extorno = till.post("/extornos", {"number": number, "motivo": "se equivocó de trámite"})
    assert extorno.status_code == 201 and extorno.json()["state"] == "declarado"
    z = till.post("/cierres", {"counts": {"1000": 1, "500": 1}})
    assert z.status_code == 201
    assert set(z.json()) >= {
        "z", "expected_centimos", "counted_centimos", "difference_centimos", "first_seq", "last_seq", "hash",
    }  # fmt: skip
    assert z.json()["counted_centimos"] == 1500


def test_the_cabins_sync_says_how_it_is(demo: Town):
    till = demo.till()
    assert set(till.get("/sync").json()) >= {"state", "pending", "last_seq", "last_ok_at", "clock_offset_s"}
    eventually(lambda: till.get("/sync").json()["pending"] == 0, within_s=60, what="an empty outbox")


def test_the_cabin_asks_for_a_token_and_refuses_another_host(demo: Town):
    assert Api(demo.cabina_url, "").get("/caja").status_code == 401
    evil = requests.get(f"{demo.cabina_url}/", headers={"Host": "malo.example"}, timeout=30)
    assert evil.status_code in (400, 403, 421)


def test_a_suspended_cabin_is_told(call):
    answer = call("tesoreria").post("/cabinas/C01/suspensiones", {"motivo": "no remite"})
    assert answer.ok


# --- pages


@pytest.mark.parametrize("path", ["/", "/tramites", "/tramites/RC-01", "/seguimiento", "/kiosko", "/entrar"])
def test_public_pages_say_demostracion(demo: Town, path: str):
    page = requests.get(demo.url + path, timeout=30)
    assert page.status_code == 200 and "DEMOSTRACIÓN" in page.text


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/ventanilla", "ventanilla"),
        ("/expedientes", "ventanilla"),
        ("/bandeja", "unidad"),
        ("/supervisor", "supervisor"),
        ("/tesoreria", "tesoreria"),
        ("/admin", "admin"),
    ],
)
def test_staff_pages_ask_to_sign_in_and_then_open(demo: Town, path: str, role: str):
    browser = requests.Session()
    page = browser.get(demo.url + path, timeout=30)
    assert page.url.split("?")[0].endswith("/entrar")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    form = {"csrf_token": token[1], "username": f"{role}1", "password": f"demo-{role}", "next": path}
    opened = browser.post(demo.url + "/entrar", data=form, timeout=30)
    assert opened.status_code == 200 and opened.url.startswith(demo.url + path) and "DEMOSTRACIÓN" in opened.text


@pytest.mark.parametrize("path", ["/", "/caja", "/cierre"])
def test_the_cabins_pages_say_demostracion(demo: Town, path: str):
    page = requests.get(demo.cabina_url + path, timeout=30)
    assert page.status_code == 200 and "DEMOSTRACIÓN" in page.text
