"""The whole story of a hall: two kiosks, four clerks, two screens, one phone, and a day that does not go as planned.

Real processes and paper, Debian's Chromium. At the end what the two screens showed, what people held in their hands and what the
database keeps must be the same day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from cac.access.actions import add_staff, create_device
from cac.desk.models import Llamado, Sala, Service, Ticket, TicketMove, Ventanilla
from core.clock import LIMA
from printing.decoder import decode
from storage import Store
from tests.demo import Town, eventually
from tests.journeys.people import PATIENCE_MS, file_at_the_desk, heard, new_paper, sign_in
from ticketing.moves import RULES, Move, State

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(900)]

MORNING = "2026-11-20T10:42:00-05:00"  # a Friday, far from midnight
BEGINS = datetime.fromisoformat(MORNING).astimezone(UTC)
KIOSK, TV, DESK, TABLET, PHONE = (1080, 1920), (1920, 1080), (1366, 768), (1024, 768), (390, 844)
CLERKS = {
    1: ("ventanilla1", "Rosa"),
    2: ("ventanilla2", "Wilder Tanta Huamán"),
    3: ("ventanilla3", "Elsa Cubas Rojas"),
    4: ("ventanilla4", "Hugo Llanos Vera"),
}

# each code the screen showed large, with its ventanilla, in order
NOTE_CALLS = """
window.called = [];
document.addEventListener("DOMContentLoaded", () => {
  const now = document.querySelector("#normal .ahora");
  if (!now) return;
  const part = (name) => now.querySelector(`[data-part=${name}]`);
  const note = () => {
    if (!part("code").hidden) window.called.push(`${part("code").textContent} ${part("ventanilla").textContent}`);
  };
  new MutationObserver(note).observe(now, {childList: true, subtree: true, characterData: true});
});
"""


class Clerk:
    """Somebody at a ventanilla who works with the keyboard."""

    def __init__(self, page: Page, number: int):
        self.page, self.number = page, number
        self.turn = page.locator("#turno")

    def press(self, key: str) -> None:
        """A key whose button can be pressed now."""
        expect(self.page.locator(f'[data-key="{key}"]:not([disabled])')).to_be_visible()
        self.page.keyboard.press(key)

    def call(self) -> str:
        """F2; the code that came."""
        self.press("F2")
        return self.called()

    def called(self) -> str:
        """The code in front, once it is there."""
        expect(self.turn.locator("header")).to_contain_text("Llamado")
        return self.turn.locator(".codigo").inner_text().replace("\n", "")

    def start(self) -> None:
        self.press("F4")
        expect(self.turn.locator("header")).to_contain_text("En atención")

    def finish(self) -> None:
        self.press("F9")
        self.is_free()

    def attend(self) -> None:
        self.start()
        self.finish()

    def is_free(self) -> None:
        expect(self.turn).to_contain_text("Nadie en su ventanilla")

    def sheet(self, key: str) -> Locator:
        """The small sheet that a key opens, open."""
        self.press(key)
        opened = self.page.locator("details[open] .hoja")
        expect(opened).to_be_visible()
        return opened


class Record:
    """The day as the database keeps it."""

    def __init__(self, town: Town):
        self.store = Store(f"sqlite:///{town.centro / 'cac.db'}")

    def close(self) -> None:
        self.store.close()

    def tickets(self) -> dict[str, Ticket]:
        with self.store.read() as session:
            found = session.scalars(select(Ticket).order_by(Ticket.id)).all()
        assert len({ticket.code for ticket in found}) == len(found), "no number twice"
        return {ticket.code: ticket for ticket in found}

    def moves(self, code: str) -> list[TicketMove]:
        with self.store.read() as session:
            of = select(TicketMove).join(Ticket, Ticket.id == TicketMove.ticket_id).where(Ticket.code == code)
            return list(session.scalars(of.order_by(TicketMove.id)))

    def service(self, code: str) -> str:
        with self.store.read() as session:
            return str(session.scalar(select(Service.code).join(Ticket).where(Ticket.code == code)))

    def calls(self) -> list[tuple[int, str, int, str]]:
        """seq, code, ventanilla and the rule of each, in order."""
        with self.store.read() as session:
            rows = session.execute(
                select(Llamado.seq, Ticket.code, Ventanilla.number, Llamado.reason)
                .join(Ticket, Ticket.id == Llamado.ticket_id)
                .join(Ventanilla, Ventanilla.id == Llamado.ventanilla_id)
                .join(Sala, Sala.id == Llamado.sala_id)
                .where(Sala.code == "principal")
                .order_by(Llamado.seq)
            ).all()
        return [(seq, code, number, reason["regla"]) for seq, code, number, reason in rows]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Town]:
    """The centre on a Friday morning."""
    town = Town(tmp_path / "demo", clock=MORNING)
    yield town
    town.close()


@pytest.fixture
def record(hall: Town) -> Iterator[Record]:
    """Its database, with three clerks more than the demonstration has."""
    record = Record(hall)
    for number in (2, 3, 4):
        username, name = CLERKS[number]
        account = {"username": username, "name": name, "role": "ventanilla", "password": f"clave-{username}"}
        record.store.write(add_staff, **account, now=BEGINS)
    yield record
    record.close()


def pair(town: Town, record: Record, page: Page, kind: str, name: str) -> Page:
    """Open the one-time address of a device and press its button."""
    secret = record.store.write(create_device, kind=kind, name=name, sala="principal", now=BEGINS)
    page.goto(f"{town.url}/emparejar/{secret}")
    page.get_by_role("button", name="Emparejar este equipo").click()
    page.wait_for_url(lambda address: "/emparejar/" not in address)
    return page


def take_ticket(kiosk: Page, service: str, *, preferente: bool = False, said: str = "Su turno es") -> str:
    """With one touch, or two; the kiosk is left at its first screen."""

    def touch() -> None:
        if preferente:
            kiosk.locator(".preferente").tap()
        kiosk.locator(f"[data-service={service}]").tap()

    return issued(kiosk, touch, said=said)


def issued(kiosk: Page, act: Callable[[], None], *, said: str = "Su turno es") -> str:
    """The code that came for what was done at the first screen."""
    expect(kiosk.locator("#inicio")).to_be_visible(timeout=PATIENCE_MS)
    eventually(lambda: kiosk.evaluate("Boolean(document.body.started)"), what="the kiosk's script")
    with kiosk.expect_response(re.compile("/kiosko/tickets$")) as answered:
        act()
    answer = answered.value.json()
    assert said in answer["html"]
    kiosk.keyboard.press("Escape")  # or it goes home by itself
    expect(kiosk.locator("#inicio")).to_be_visible(timeout=PATIENCE_MS)
    return str(answer["code"])


def sit_down(town: Town, page: Page, number: int) -> Clerk:
    username, _ = CLERKS[number]
    page.goto(f"{town.url}/ventanilla")
    page.fill("#username", username)
    page.fill("#password", "demo-ventanilla" if number == 1 else f"clave-{username}")
    with page.expect_navigation():
        page.press("#password", "Enter")
    return take_place(page, number)


def take_place(page: Page, number: int) -> Clerk:
    page.get_by_role("button", name=f"Ventanilla {number}").click()
    page.locator("main[data-ready]").wait_for()
    return Clerk(page, number)


def without_repeats(shown: list[str]) -> list[str]:
    return [one for one, _ in groupby(shown)]


def is_within(some: list[str], of: list[str]) -> bool:
    """`some` in their order, whatever else `of` has between."""
    rest = iter(of)
    return all(one in rest for one in some)


def called_on(screen: Page) -> list[str]:
    return without_repeats(screen.evaluate("window.called"))


def test_the_whole_story_of_the_hall(hall: Town, record: Record, open_page: Callable[..., Page]):
    town = hall
    centre = town.start_centre()

    # --- the hall opens
    screens = [open_page(*TV), open_page(*TV)]
    for screen, side in zip(screens, ("izquierda", "derecha"), strict=True):
        screen.context.add_init_script(NOTE_CALLS)
        pair(town, record, screen, "pantalla", f"TV {side}")
    screens[1].goto(f"{town.url}/pantalla/principal?voz=no")
    for screen in screens:
        expect(screen.locator("#normal [data-part=nobody]")).to_be_visible()
    spoken: tuple[list[str], list[str]] = ([], [])
    for screen, said in zip(screens, spoken, strict=True):
        screen.on("request", lambda asked, said=said: said.append(asked.url) if "/voz/" in asked.url else None)
    kiosks = [pair(town, record, open_page(*KIOSK, has_touch=True), "kiosko", f"Kiosco {number}") for number in (1, 2)]
    clerks = {number: sit_down(town, open_page(*DESK), number) for number in CLERKS}
    supervisor = sign_in(town, open_page(*DESK), "supervisor", "/supervisor")
    orientador = sign_in(town, open_page(*TABLET), "orientador", "/orientador")

    # --- people take tickets: by touch, in English, as preferentes, with the keypad alone, from the orientador
    assert take_ticket(kiosks[0], "A") == "A-001"
    follow = decode(eventually(lambda: town.paper("kiosko"), what="the first ticket")[0].read_bytes()).qrs[0]
    phone = open_page(*PHONE, has_touch=True, is_mobile=True)
    phone.goto(follow)
    expect(phone.locator("#turno")).to_contain_text("A-001")
    kiosks[1].get_by_role("link", name="English").tap()
    expect(kiosks[1].locator("html")).to_have_attribute("lang", "en")
    assert take_ticket(kiosks[1], "B", said="Your ticket is") == "B-001"
    expect(kiosks[1].locator("html")).to_have_attribute("lang", "es-PE")  # the next person starts in Spanish
    assert take_ticket(kiosks[0], "A", preferente=True) == "P-001"
    assert issued(kiosks[1], lambda: by_keys(kiosks[1], "3")) == "C-001"
    assert issued(kiosks[1], lambda: by_keys(kiosks[1], "9", "4")) == "P-002"
    assert given_by(orientador, "D") == "D-001"
    on_phone = given_by(orientador, "E", on_paper=False)
    assert on_phone == "E-001"
    other_follow = orientador.url
    assert take_ticket(kiosks[0], "F") == "F-001"
    assert take_ticket(kiosks[1], "A") == "A-002"
    assert take_ticket(kiosks[0], "B") == "B-002"
    eventually(lambda: len(town.paper("kiosko")) == 9, what="a paper for all but the one with a phone")

    # --- four clerks call in the same instant: four people, preferentes first
    for clerk in clerks.values():
        expect(clerk.page.locator('[data-key="F2"]:not([disabled])')).to_be_visible()
    for clerk in clerks.values():
        clerk.page.keyboard.press("F2")
    fronts = {clerk.called(): clerk for clerk in clerks.values()}
    assert set(fronts) == {"P-001", "P-002", "A-001", "B-001"}
    expect(phone.locator("#turno")).to_contain_text("Es su turno", timeout=PATIENCE_MS)
    expect(phone.locator(".ventanilla b")).to_have_text(str(fronts["A-001"].number))
    for screen in screens:
        eventually(lambda screen=screen: len(called_on(screen)) >= 4, within_s=90, what="four calls")

    # --- one comes late and is called again; she goes to pay and comes back to the same clerk, past nobody's place
    paying = fronts["P-001"]
    paying.press("F3")
    expect(paying.turn).to_contain_text("2 de 3")
    paying.start()
    paying.sheet("F8").get_by_label("Fue a pagar").check()
    paying.page.keyboard.press("Enter")
    paying.is_free()
    expect(paying.page.locator("#cola")).to_contain_text("Fue a pagar")
    assert paying.call() == "C-001"
    paying.attend()
    paying.page.get_by_role("button", name="Volver P-001").click()
    expect(paying.turn).to_contain_text("P-001")
    paying.finish()

    # --- A-001 files a case in her visit, and has another trámite done
    filing = fronts["A-001"]
    filing.start()
    expect(phone.locator("#turno")).to_contain_text("Le están atendiendo", timeout=PATIENCE_MS)
    case = file_at_the_desk(filing.page, document="10117410", name="Nélida Chuquimango Soto", tramite="RC-01")
    assert case in new_paper(town, "cargos", 0)
    expect(filing.turn).to_contain_text(case)  # the turn knows what was filed in it
    ending = filing.sheet("Shift+F9")
    expect(ending.get_by_label("RC-01")).to_be_checked()
    ending.locator("#hecho").press_sequentially("RC-02")
    ending.locator("#hechos [role=option]").first.click()
    expect(ending.get_by_label("RC-02")).to_be_checked()
    ending.get_by_role("button", name="Terminar A-001").click()
    filing.is_free()
    expect(phone.locator("#turno")).to_contain_text("Atención terminada", timeout=PATIENCE_MS)

    # --- B-001 is in the wrong queue: sent on with his number and the time he waited; the clerk of P-002 takes a pause
    moving = fronts["B-001"]
    onward = moving.sheet("F7")
    onward.locator("#destino").select_option("s:E")
    onward.locator("#motivo-derivar").fill("Debe pagar primero su predio")
    onward.locator("#motivo-derivar").press("Enter")
    moving.is_free()
    resting = fronts["P-002"]
    resting.attend()
    resting.page.locator("summary", has_text="Pausa").click()
    resting.page.get_by_label("Refrigerio").check()
    resting.page.keyboard.press("Enter")
    expect(resting.turn).to_contain_text("Refrigerio")
    expect(supervisor.locator("#puestos")).to_contain_text("Pausa: refrigerio")

    # --- the oldest is B-001 still; then somebody ill goes first, for a reason that is kept; D-001 does not come
    assert moving.call() == "B-001"
    moving.start()
    chosen = filing.sheet("Shift+F2")
    chosen.locator("#otro-codigo").fill("f-001")
    chosen.locator("#otro-motivo").fill("Emergencia o malestar")
    chosen.locator("#otro-motivo").press("Enter")
    assert filing.called() == "F-001"
    filing.start()
    assert paying.call() == "D-001"
    paying.press("F6")
    paying.is_free()
    expect(paying.page.locator("#cola")).to_contain_text("No se presentaron")

    # --- the phone of E-001 (given with no paper) lets its turn go: the desks see it at once
    phone.goto(other_follow.replace("/orientador/tickets/", "/t/"))
    expect(phone.locator("#turno")).to_contain_text("E-001")
    phone.get_by_role("link", name="Ya no necesito este turno").tap()
    phone.get_by_role("button", name="Sí, ya no lo necesito").tap()
    expect(phone.locator("#turno")).to_contain_text("Este turno fue anulado")
    expect(paying.page.locator("#cola header b")).to_have_text("2")  # A-002 and B-002

    # --- the power fails: SIGKILL in the middle. What a clerk presses meanwhile is kept; all pages come back alone
    for screen in screens:
        eventually(
            lambda screen=screen: shows_last_of(record, screen), within_s=120, what="every call so far on a screen"
        )
    centre.kill()
    for kiosk in kiosks:
        expect(kiosk.locator("#sin-enlace")).to_be_visible(timeout=PATIENCE_MS)
    for screen in screens:
        expect(screen.locator("#sin-conexion")).to_be_visible(timeout=PATIENCE_MS)
    expect(supervisor.locator('[data-link="down"]').first).to_be_visible(timeout=PATIENCE_MS)
    expect(moving.page.locator(".corte")).to_be_visible(timeout=PATIENCE_MS)
    moving.page.keyboard.press("F9")
    expect(moving.page.locator("[data-part=pending]")).to_contain_text("Terminar B-001")
    centre = town.start_centre()
    moving.is_free()
    for kiosk in kiosks:
        expect(kiosk.locator("#inicio")).to_be_visible(timeout=PATIENCE_MS)
    for screen in screens:
        expect(screen.locator("#normal")).to_be_visible(timeout=PATIENCE_MS)
    for clerk in clerks.values():
        expect(clerk.page.locator(".barra-app [data-link=up]")).to_be_visible(timeout=PATIENCE_MS)
    expect(supervisor.locator('[data-link="up"]').first).to_be_visible(timeout=PATIENCE_MS)
    assert take_ticket(kiosks[0], "A") == "A-003", "the numbers go on"

    # --- D-001 comes back with one press; he and A-002 are sent to a ventanilla, which closes with them waiting for it
    paying.page.get_by_role("button", name="Regresó D-001").click()
    expect(paying.page.locator("#cola header b")).to_have_text("4")
    assert moving.call() == "A-002"
    onward = moving.sheet("F7")
    onward.locator("#destino").select_option(f"v:{filing.number}")
    onward.get_by_role("button", name="Derivar").click()
    moving.is_free()
    filing.finish()
    filing.page.locator("summary", has_text="Pausa").click()
    filing.page.locator("#pasan-a").select_option(str(paying.number))
    filing.page.get_by_role("button", name="Cerrar la ventanilla").click()
    filing.page.get_by_role("heading", name="¿En qué ventanilla atiende hoy?").wait_for()
    assert paying.call() == "A-002"

    # --- a clerk's PC dies with a person in front: another PC says so, and the supervisor moves the turn, with a reason
    assert moving.call() == "B-002"
    moving.start()
    moving.page.context.close()
    spare = open_page(*DESK)
    spare.goto(f"{town.url}/ventanilla")
    spare.fill("#username", CLERKS[moving.number][0])
    spare.fill("#password", "demo-ventanilla" if moving.number == 1 else f"clave-{CLERKS[moving.number][0]}")
    with spare.expect_navigation():
        spare.press("#password", "Enter")
    expect(spare.locator(".pendientes").first).to_contain_text("B-002")
    resting.press("F4")  # back from the pause
    resting.is_free()
    supervisor.get_by_label(f"Ventanilla {moving.number}: acciones").click()
    taking = supervisor.locator("details[open] form").first
    taking.locator("select").select_option(str(resting.number))
    taking.get_by_label("Motivo").fill("Se malogró la PC")
    taking.get_by_role("button", name="Tomar B-002").click()
    assert resting.called() == "B-002"
    resting.attend()
    paying.attend()
    moving = take_place(spare, moving.number)

    # --- closing hour comes: nobody gets a ticket any more, and whoever is inside is served
    admin = sign_in(town, open_page(*DESK), "admin", "/admin/salas/principal/horario")
    for field, value in (("day", "2026-11-20"), ("reason", "Aniversario"), ("from", "08:00"), ("until", "10:42")):
        admin.locator(f"form[action$=dias] [name={field}]").fill(value)
    admin.locator("[name=kind]").select_option("half")
    admin.get_by_role("button", name="Agregar día").click()
    expect(admin.locator("main")).to_contain_text("Aniversario")
    for kiosk in kiosks:
        expect(kiosk.locator("#saludo")).to_contain_text("Cerrado en este momento", timeout=PATIENCE_MS)
        expect(kiosk.locator("[data-service=A]")).to_be_disabled()
    orientador.goto(f"{town.url}/orientador")
    expect(orientador.locator("[name=service]").first).to_be_disabled()
    assert town.call("ventanilla").post("/tickets", {"service": "A"}).json()["code"] == "servicio.cerrado"
    left = [moving.call(), paying.call()]
    assert sorted(left) == ["A-003", "D-001"]
    moving.attend()
    paying.press("F6")  # whoever it was left without a word
    paying.is_free()
    resting.press("F2")
    expect(resting.page.locator("#dicho")).to_contain_text("Nadie espera")
    expect(supervisor.locator("#se-t b")).to_have_text("0")

    # --- she who was A-001 says how it was
    phone.goto(follow)
    phone.locator("label.cara").nth(4).tap()
    phone.get_by_role("button", name="Enviar mi opinión").tap()
    expect(phone.locator("#turno")).to_contain_text("Recibimos su opinión")

    # --- all leave; who never came back is told truthfully as not served
    for clerk in (paying, moving, resting):
        clerk.page.locator("summary", has_text="Pausa").click()
        clerk.page.get_by_role("button", name="Cerrar la ventanilla").click()
        clerk.page.get_by_role("heading", name="¿En qué ventanilla atiende hoy?").wait_for()
    gone = left[1]
    eventually(lambda: record.tickets()[gone].state == State.LEFT, within_s=150, what="the day's close")

    # --- the same day on the two screens, in the people's hands and in the database
    tickets, calls = record.tickets(), record.calls()
    served = {"A-001", "A-002", "A-003", "B-001", "B-002", "C-001", "D-001", "F-001", "P-001", "P-002"} - {gone}
    assert {code for code, ticket in tickets.items() if ticket.state == State.FINISHED} == served
    assert tickets["E-001"].state == State.CANCELLED and set(tickets) == served | {"E-001", gone}
    for code in tickets:
        check_path(record.moves(code))
    assert [seq for seq, *_ in calls] == list(range(1, len(calls) + 1)), "no call lost, none twice"
    for screen in screens:
        eventually(lambda screen=screen: shows_last_of(record, screen), within_s=120, what="the last call on a screen")
        shown = called_on(screen)
        assert set(shown) == {f"{code} {number}" for _, code, number, _ in calls}
        fresh = [f"{code} {number}" for _, code, number, rule in calls if rule != "rellamado"]
        assert is_within(without_repeats(fresh), shown), (fresh, shown)
        latest = list(dict.fromkeys(f"{code}{number}" for _, code, number, _ in reversed(calls)))
        rows = [
            text.replace("\t", "").replace("\n", "")
            for text in screen.locator("#normal [data-part=calls] tr").all_inner_texts()
        ]
        assert is_within(rows, latest) and len(rows) == 4
    for _, code, number, _ in calls:
        assert heard(screens[0], spoken[0], f"{code}/{number}"), (code, number)
    assert spoken[1] == [], "the other screen is silent"
    board = town.call("pantalla").get("/salas/principal/tablero").json()
    assert [(one["seq"], one["code"], one["ventanilla"]) for one in board["calls"]] == [call[:3] for call in calls]
    assert board["waiting"] == []

    # --- and what each was told stands: the wait kept, the reasons kept, the case and the trámites of the visit
    assert tickets["B-001"].turn_at == tickets["B-001"].issued_at and record.service("B-001") == "E"
    ended = record.moves("A-001")[-1].detail
    assert ended and ended["expedientes"] == [case] and ended["tramites"] == ["RC-01", "RC-02"]
    assert ("F-001", "elegido") in {(code, rule) for _, code, _, rule in calls}
    taken = next(move for move in record.moves("B-002") if move.move == Move.TAKE)
    assert taken.reason == "Se malogró la PC" and taken.principal != tickets["B-002"].token
    assert len({move.ventanilla_id for move in record.moves("P-001") if move.ventanilla_id}) == 1, "the same clerk"
    assert all(ticket.issued_at.astimezone(LIMA).date().isoformat() == "2026-11-20" for ticket in tickets.values())
    assert re.match(r"http://127\.0\.0\.1:\d+/t/", follow)


def by_keys(kiosk: Page, *digits: str) -> None:
    for digit in digits:
        kiosk.keyboard.press(digit)


def given_by(orientador: Page, service: str, *, on_paper: bool = True) -> str:
    """A ticket by hand; its code. The page of the ticket stays."""
    if "/tickets/" in orientador.url:
        with orientador.expect_navigation():
            orientador.get_by_role("link", name="Dar otro ticket").click()
    if not on_paper:
        orientador.get_by_text("En su celular").click()
    with orientador.expect_navigation():
        orientador.locator(f"[name=service][value={service}]").click()
    return orientador.locator(".codigo-tableta").get_attribute("aria-label") or ""


def shows_last_of(record: Record, screen: Page) -> bool:
    """The screen has given every call its time."""
    _, code, number, _ = record.calls()[-1]
    screen.wait_for_timeout(50)
    return called_on(screen)[-1:] == [f"{code} {number}"] and not screen.locator("#normal.llamando").count()


def check_path(moves: list[TicketMove]) -> None:
    """Each move starts where the one before ended, and the table allows it."""
    assert moves[0].move == Move.ISSUE and moves[0].from_state is None
    for before, move in pairwise(moves):
        rule = RULES[Move(move.move)]
        assert move.from_state == before.to_state and State(move.from_state) in rule.sources, (before.move, move.move)
        assert move.to_state == rule.target
