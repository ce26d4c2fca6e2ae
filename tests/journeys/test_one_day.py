"""One day at the CAC, end to end, as its people live it: kiosk, two screens, a phone, a desk, a cabin cut off, an area.

Real processes, real paper, Debian's Chromium; the centre is stopped and started in between and nobody touches the cabin."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from printing.decoder import decode
from tests.demo import Api, Town, eventually
from tests.journeys.people import (
    NUMBER,
    PATIENCE_MS,
    file_at_the_cabin,
    file_at_the_desk,
    heard,
    key_on,
    new_paper,
    pair,
    shows,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(1200)]

NELIDA, JOSE = "Nélida Chuquimango Soto", "José Ñáñez Quiliche"


def test_one_day_at_the_cac(town: Town, open_page: Callable[..., Page]):
    centre = town.start_centre()
    town.start_cabina()

    # --- the hall opens: a kiosk and two screens, paired once
    screens = [pair(town, open_page(1920, 1080), "pantalla", f"TV {side}") for side in ("izquierda", "derecha")]
    spoken: list[str] = []
    screens[0].on("request", lambda request: spoken.append(request.url) if "/voz/" in request.url else None)
    kiosk = pair(town, open_page(1080, 1920, has_touch=True), "kiosko", "Kiosco")

    # --- a citizen takes a ticket with one touch; the paper has its code and a QR that opens the phone page
    kiosk.get_by_role("button", name="Partidas").tap()
    kiosk.get_by_role("button", name="Terminar").wait_for()
    ticket = new_paper(town, "kiosko", 0)
    assert "A-001" in ticket.replace(" ", "") and "DEMOSTRACIÓN" in ticket and "PARTIDAS" in ticket.upper()
    follow = decode(town.paper("kiosko")[0].read_bytes()).qrs[0]
    assert follow.startswith(f"{town.url}/t/")
    phone = open_page(390, 844, has_touch=True)
    phone.goto(follow)
    expect(phone.locator("#turno")).to_contain_text("A-001")
    kiosk.get_by_role("button", name="Terminar").tap()

    # --- another, preferente, who will go first
    kiosk.get_by_role("button", name="Atención preferente").tap()
    kiosk.get_by_role("button", name="Partidas").tap()
    kiosk.get_by_role("button", name="Terminar").wait_for()
    assert "ATENCIÓN PREFERENTE" in new_paper(town, "kiosko", 1)

    # --- a clerk opens ventanilla 3 and calls with a key; both screens show and speak it
    desk = sign_in(town, open_page(1366, 768), "ventanilla", "/ventanilla")
    desk.get_by_role("button", name="Ventanilla 3").click()
    desk.locator("main[data-ready]").wait_for()
    desk.keyboard.press("F2")
    for screen in screens:
        shows(screen, "P-001", "3")
    eventually(lambda: heard(screens[0], spoken, "P-001/3"), what="the voice of P-001")
    desk.keyboard.press("F4")
    expect(desk.locator("#turno")).to_contain_text("En atención")
    desk.keyboard.press("F9")
    expect(desk.locator("#turno")).to_contain_text("Nadie en su ventanilla")
    desk.keyboard.press("F2")
    for screen in screens:
        shows(screen, "A-001", "3")
    expect(phone.locator("#turno")).to_contain_text("Es su turno", timeout=PATIENCE_MS)
    desk.keyboard.press("F4")

    # --- it registers a case for that turn, one requisite missing: received with observation, never refused
    observed = file_at_the_desk(desk, document="10117410", name=NELIDA, tramite="espectaculo", lacking=2)
    cargo = new_paper(town, "cargos", 0)
    assert observed in cargo and "OBSERVACIÓN" in cargo.upper() and "10117410" not in cargo
    assert "Redondeo" in cargo and "193.20" in cargo
    pdf = desk.request.get(f"{town.url}/expedientes/{observed}/cargo.pdf")
    assert pdf.ok and pdf.body().startswith(b"%PDF")

    # --- and another, complete, for the same person, who is known now
    desk.get_by_role("link", name="Otro expediente").click()
    desk.locator("#document_number").fill("10117410")
    desk.keyboard.press("Tab")
    expect(desk.locator("#n-persona")).to_contain_text(NELIDA)
    desk.locator("#tramite").press_sequentially("RC-01")
    desk.locator("#tramite-lista [role=option]").first.click()
    desk.get_by_role("button", name="Recibí todos").click()
    desk.locator("#sheets").fill("2")
    desk.keyboard.press("Control+Enter")
    desk.locator("#recibido-t").wait_for()
    complete = NUMBER.search(desk.locator(".numero-grande").inner_text())[0]  # type: ignore[index]
    complete_key = key_on(new_paper(town, "cargos", 1))
    desk.keyboard.press("F9")
    expect(phone.locator("#turno")).to_contain_text("Atención terminada", timeout=PATIENCE_MS)

    # --- the centre goes dark: screens say so, the cabin goes on by itself
    centre.kill()
    for screen in screens:
        expect(screen.locator("#sin-conexion")).to_be_visible(timeout=PATIENCE_MS)
        expect(screen.locator("#normal")).to_be_hidden()
    till = open_page(1366, 768)
    till.goto(town.cabina_url)
    if "/entrar" in till.url:
        till.fill("#usuario", "cabina1")
        till.fill("#pin", "demo-cabina")
        till.keyboard.press("Enter")
    till.locator(".nuevo-tramite").wait_for()
    filed: list[tuple[str, str]] = []
    for tramite in ("RC-01", "LF-01", "RC-02"):
        file_at_the_cabin(till, tramite, document="26692843", name=JOSE)
        till.locator("#hecho-t").wait_for()
        paper = new_paper(town, "cabina", len(filed))
        number = till.locator("#hecho-t").inner_text()
        assert NUMBER.fullmatch(number) and "-C01" in number and number in paper
        assert "Servicio de cabina" in paper and "4.00" in paper and "Derecho (Municipalidad)" in paper
        filed.append((number, key_on(paper)))
    sequences = [int(number.split("-")[2]) for number, _ in filed]
    assert sequences == list(range(sequences[0], sequences[0] + 3)), "definitive and without a gap"

    # --- the one that would pass the guarantee is refused in the operator's words, with no number and no paper
    file_at_the_cabin(till, "TR-07", document="26692843", name=JOSE)
    expect(till.get_by_text("garantía").first).to_be_visible()
    expect(till.locator("#alta")).to_contain_text("300.00")
    assert len(town.paper("cabina")) == 3
    expect(till.locator("#name"), "nothing typed is lost").to_have_value(JOSE)

    # --- the centre comes back; nobody touches the cabin; everything is there exactly once
    town.start_centre()
    clerk: Api = town.call("ventanilla")
    for number, _ in filed:
        eventually(lambda number=number: clerk.get(f"/expedientes/{number}").ok, within_s=90, what=number)
    found = clerk.get("/expedientes", params={"q": "ñáñez"}).json()["items"]
    assert sorted(row["number"] for row in found) == sorted(number for number, _ in filed)
    for screen in screens:
        expect(screen.locator("#normal")).to_be_visible(timeout=PATIENCE_MS)
        shows(screen, "A-001", "3")
    owed = 1100 + 26320 + 1100
    assert town.call("tesoreria").get("/cabinas/C01").json()["balance_centimos"] == owed

    # --- an area receives the case, reports, resolves and returns it; the CAC delivers it
    unit, step = town.call("unidad"), f"/expedientes/{complete}"
    area = clerk.get("/tupa/RC-01").json()["area_code"]
    for who, what, body in (
        (clerk, "pases", {"area": area}),
        (unit, "recepciones", {}),
        (unit, "actos", {"kind": "informe", "text": "El acta obra en el archivo."}),
        (unit, "actos", {"kind": "resolucion", "text": "Se otorga la copia certificada."}),
        (unit, "pases", {"area": "CAC"}),
        (clerk, "recepciones", {}),
        (clerk, "entregas", {"to": NELIDA}),
    ):
        answer = who.post(f"{step}/{what}", body)
        assert answer.ok, (what, answer.text)

    # --- citizens track both cases with the number and key of their papers, and see no name
    citizen = open_page(390, 844)
    for number, key, said in ((complete, complete_key, "entreg"), (*filed[0], "recib")):
        citizen.goto(f"{town.url}/seguimiento")
        citizen.locator("[name=numero]").fill(number)
        citizen.locator("[name=clave]").fill(key)
        citizen.keyboard.press("Enter")
        expect(citizen.locator("main")).to_contain_text(number.split("-")[2])
        shown = citizen.locator("main").inner_text()
        assert said in shown.lower() and JOSE not in shown and NELIDA not in shown and "26692843" not in shown

    # --- the cabin declares what it hands over; treasury confirms it on its page; the guarantee is free again
    cabin = town.till()
    declared = cabin.post("/remesas", {"centimos": owed, "reference": "BN 0012345"}).json()
    assert declared["state"] == "declarada" and cabin.get("/caja").json()["municipal_held_centimos"] == owed
    treasury = sign_in(town, open_page(1366, 768), "tesoreria", "/tesoreria")
    eventually(lambda: treasury.reload() and "BN 0012345" in treasury.content(), within_s=60, what="the remittance")
    treasury.get_by_role("button", name=re.compile("Confirmar")).first.click()
    eventually(lambda: cabin.get("/caja").json()["municipal_held_centimos"] == 0, within_s=60, what="a free guarantee")
    till.goto(town.cabina_url)
    file_at_the_cabin(till, "TR-07", document="26692843", name=JOSE)
    till.locator("#hecho-t").wait_for()
