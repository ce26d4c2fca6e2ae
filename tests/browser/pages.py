"""Every page of the product in every state it can be in: one row a state. tests/browser/test_every_page.py goes through them.

A row names the route it shows, who looks, and how the state comes about: an address, then what is done on the page. Rows of
EMPTY find a centre on its first morning; rows of FULL one in the middle of its work (`Centre.fill`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from cac.access.actions import SYSTEM, create_device
from cac.paper.actions import add_printer, route_papers
from cac.salas.actions import set_date
from core.clock import LIMA, lima_day
from storage import Store
from tests.browser.conftest import DESK, KIOSK, KIOSK_WIDE, PHONE, TV, build_sala, until
from tests.demo import Api, Town, eventually

TABLET, TILL = (1280, 800), (1366, 768)
PERSON = {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"}
MORNING = datetime(2026, 11, 20, 10, 2, tzinfo=LIMA)  # a working day, whatever day the test runs
PLACE = 1  # the ventanilla of the clerk whose pages are looked at
SIZES = {"": PHONE, "kiosko": KIOSK, "cerrado": KIOSK, "pantalla": TV, "tableta": TABLET, "orientador": TABLET}
DEVICES = {"kiosko": "kiosko", "cerrado": "kiosko", "pantalla": "pantalla", "tableta": "tableta"}


class Centre:
    """A demonstration with its cabin, and one open page for each kind of person."""

    def __init__(self, folder: Path, browser: Browser):
        self.town = Town(folder, clock=MORNING.isoformat())
        self.server = self.town.start_centre()
        self.town.start_cabina()
        self.url, self.browser = self.town.url, browser
        self.store = Store(f"sqlite:///{self.town.centro / 'cac.db'}")
        self.clerk: Api = self.town.call("ventanilla")
        self.pages: dict[str, Page] = {}
        self.faults: list[str] = []
        self.tickets: dict[str, dict[str, Any]] = {}
        self.case: dict[str, Any] = {}
        self.observed: dict[str, Any] = {}
        self.sold = ""  # the number of a case filed at the cabin
        self.cita = ""  # the address of a booked one

    # ---- who looks ----
    def page(self, role: str, size: tuple[int, int] | None = None) -> Page:
        """The page of that role, signed in or paired the first time."""
        if role not in self.pages:
            self.pages[role] = self._new_page(role)
        page = self.pages[role]
        width, height = size or SIZES.get(role, DESK)
        page.set_viewport_size({"width": width, "height": height})
        return page

    def _new_page(self, role: str) -> Page:
        context: BrowserContext = self.browser.new_context(locale="es-PE", timezone_id="America/Lima")
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self.faults.append(line.text) if "Content Security" in line.text else None)
        if role in DEVICES:
            page.goto(f"{self.url}/emparejar/{self.new_device(role)}")
            page.get_by_role("button", name="Emparejar este equipo").click()
            page.wait_for_url(lambda address: "/emparejar/" not in address)
        elif role == "cabina":
            page.goto(self.town.cabina_url)
            page.fill("#usuario", "cabina1")
            page.fill("#pin", "demo-cabina")
            with page.expect_navigation():
                page.press("#pin", "Enter")
        elif role:
            page.goto(f"{self.url}/entrar")
            page.fill("#username", f"{role}1")
            page.fill("#password", f"demo-{role}")
            with page.expect_navigation():
                page.press("#password", "Enter")
        return page

    def new_device(self, role: str) -> str:
        sala = "cerrada" if role == "cerrado" else "principal"
        if sala == "cerrada":
            self._closed_sala()
        place = {"ventanilla": PLACE} if role == "tableta" else {}
        kind = DEVICES[role]
        made: str = self.store.write(create_device, kind=kind, name=role, sala=sala, now=MORNING, **place)
        return made

    def _closed_sala(self) -> None:
        if not getattr(self, "_closed", False):
            self.store.write(build_sala, "cerrada", ventanillas=1, letter="K")
            reason = {"reason": "Feriado", "principal": SYSTEM, "now": MORNING}
            self.store.write(set_date, "cerrada", lima_day(MORNING), [], **reason)
            self._closed = True

    def show(self, page: Page, state: State) -> None:
        """Bring the page to that state."""
        address = state.show(self) if callable(state.show) else state.show or state.route
        page.goto((self.town.cabina_url if state.route.startswith("cabina:") else self.url) + address)
        if state.act:
            state.act(page, self)

    # ---- what happened before ----
    def post(self, path: str, body: dict[str, Any] | None = None, api: Api | None = None) -> Any:
        answer = (api or self.clerk).post(path, body)
        assert answer.ok, (path, answer.text)
        return answer.json() if answer.content else None

    def issue(self, service: str = "A", **body: Any) -> dict[str, Any]:
        given: dict[str, Any] = self.post("/tickets", {"service": service, "channel": "web", **body})
        return given

    def visit(self, service: str = "A", ventanilla: int = 2) -> dict[str, Any]:
        """Somebody who came, was attended and left."""
        ticket = self.issue(service)
        self.post(f"/ventanillas/{ventanilla}/llamados", {"ticket": ticket["id"], "motivo": "prueba"})
        for step in ("atenciones", "cierres"):
            self.post(f"/tickets/{ticket['id']}/{step}", {"ventanilla": ventanilla})
        return ticket

    def fill(self) -> None:
        """A morning of work: turns in each state, cases, money, papers, a cabin that files, a complaint, an alert."""
        for service in "ABCAEF":
            self.issue(service)
        self.issue("A", preferente=True)
        for name, steps in (
            ("llamado", []),
            ("en_atencion", ["atenciones"]),
        ):
            self.tickets[name] = self._called(3 if name == "llamado" else 4, steps)
        for name, steps in (
            ("en_pausa", ["atenciones", "esperas"]),
            ("ausente", ["ausencias"]),
            ("atendido", ["atenciones", "cierres"]),
            ("anulado", []),
        ):
            self.tickets[name] = self._called(2, steps)
            if name == "anulado":
                self.post(f"/tickets/{self.tickets[name]['id']}/anulaciones", {"ventanilla": 2})
        self.tickets["en_espera"] = self.issue("B")
        filing = {"applicant": PERSON, "subject": "Concierto de aniversario", "sheets": 3, "missing": []}
        paid = {"payment": {"method": "efectivo"}}
        self.case = self.post("/expedientes", filing | paid | {"tramite": "RC-01"})
        lacking = self.clerk.get("/tupa/LF-11").json()["requisitos"][0]["code"]
        self.observed = self.post("/expedientes", filing | paid | {"tramite": "LF-11", "missing": [lacking]})
        area = self.clerk.get("/tupa/RC-01").json()["area_code"]
        self.post(f"/expedientes/{self.case['number']}/pases", {"area": area})
        till = self.town.till()
        for tramite in ("RC-01", "RC-02"):
            self.sold = till.post("/expedientes", filing | paid | {"tramite": tramite}).json()["number"]
        returned = till.post("/expedientes", filing | paid | {"tramite": "RC-01"}).json()["number"]
        till.post("/extornos", {"number": returned, "motivo": "Se equivocó de trámite"})
        till.post("/remesas", {"centimos": 1100, "reference": "BN 0012345"})
        eventually(lambda: till.get("/sync").json()["pending"] == 0, within_s=90, what="the cabin's events")
        for _ in range(3):
            self.visit("C")

    def _called(self, ventanilla: int, steps: list[str]) -> dict[str, Any]:
        ticket = self.issue("A")
        self.post(f"/ventanillas/{ventanilla}/llamados", {"ticket": ticket["id"], "motivo": "prueba"})
        for step in steps:
            self.post(f"/tickets/{ticket['id']}/{step}", {"ventanilla": ventanilla, "motivo": "Fue a pagar"})
        return ticket

    def close_till(self) -> int:
        """The cabin's day counted and closed; the number of its Z."""
        return int(self.post("/cierres", {"counts": {"2000": 1}}, api=self.town.till())["z"])

    def break_printer(self) -> None:
        """Tickets go to a printer that nobody can reach."""
        given = {"principal": SYSTEM, "now": MORNING}
        self.store.write(add_printer, name="rota", url="tcp://127.0.0.1:9", **given)
        self.store.write(route_papers, purpose="tickets", sala=None, printer="rota", **given)

    def mend_printer(self) -> None:
        given = {"principal": SYSTEM, "now": MORNING}
        self.store.write(route_papers, purpose="tickets", sala=None, printer="kiosko", **given)

    def turn_of(self, name: str) -> str:
        return "/t/" + str(self.tickets[name]["follow_url"]).rsplit("/", 1)[1]

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()
        self.store.close()
        self.town.close()


Act = Callable[[Page, Centre], None]


@dataclass(frozen=True, slots=True)
class State:
    """One state of one page. `show`: its address, or what gives it; `act` is done there and waits for what it brings."""

    route: str  # as the application names it; `cabina:` before it: of the till
    role: str  # "" nobody signed in
    name: str
    show: str | Callable[[Centre], str] = ""  # empty: the route itself
    act: Act | None = None
    undo: Act | None = None
    size: tuple[int, int] | None = None

    def __str__(self) -> str:
        return re.sub(r"[^\w/.:-]+", "-", f"{self.role or 'nadie'}{self.route}:{self.name}")


# ---- acts ----
def click(selector: str, then: str) -> Act:
    def act(page: Page, centre: Centre) -> None:
        page.locator(selector).first.click()
        expect(page.locator(then).first).to_be_visible()

    return act


def fill(values: dict[str, str], button: str, then: str) -> Act:
    """Fields by selector, then a button by selector."""

    def act(page: Page, centre: Centre) -> None:
        for selector, value in values.items():
            field = page.locator(selector).first
            field.select_option(value) if field.evaluate("(one) => one.tagName") == "SELECT" else field.fill(value)
        page.locator(button).first.click()
        expect(page.locator(then).first).to_be_visible()

    return act


def offline(then: str) -> Act:
    def act(page: Page, centre: Centre) -> None:
        page.context.set_offline(True)
        expect(page.locator(then).first).to_be_visible(timeout=60_000)

    return act


def online(page: Page, centre: Centre) -> None:
    page.context.set_offline(False)


def shown(selector: str) -> Act:
    def act(page: Page, centre: Centre) -> None:
        expect(page.locator(selector).first).to_be_visible()

    return act


def submit_invalid(form: str) -> Act:
    """Send a form as it stands, past the browser's own checks: the page comes again with what is wrong."""

    def act(page: Page, centre: Centre) -> None:
        page.locator(form).first.evaluate("(form) => { form.noValidate = true; }")
        page.locator(f"{form} button:not([type=button])").last.click()
        expect(page.locator("[aria-invalid=true], .error-campo, .aviso-error, .nota.error").first).to_be_visible()

    return act


def unfold(selector: str) -> Act:
    def act(page: Page, centre: Centre) -> None:
        page.locator(f"{selector} > summary").first.click()
        expect(page.locator(f"{selector}[open]").first).to_be_visible()

    return act


def at_desk(turn: str, then: Act | None = None) -> Act:
    """The clerk's ventanilla with its turn in this state: "", "llamado" or "en_atencion"."""

    def act(page: Page, centre: Centre) -> None:
        if page.locator(".puestos-lista").count():
            page.get_by_role("button", name=f"Ventanilla {PLACE}").click()
        centre.post(f"/ventanillas/{PLACE}/aperturas")
        front = centre.post(f"/ventanillas/{PLACE}/aperturas")["ticket"]
        if front and front["state"] != turn:
            if front["state"] == "llamado":
                centre.post(f"/tickets/{front['id']}/atenciones", {"ventanilla": PLACE})
            if turn != "en_atencion":
                centre.post(f"/tickets/{front['id']}/cierres", {"ventanilla": PLACE})
                front = None
        if turn and not front:
            ticket = centre.issue("A")
            centre.post(f"/ventanillas/{PLACE}/llamados", {"ticket": ticket["id"], "motivo": "prueba"})
            if turn == "en_atencion":
                centre.post(f"/tickets/{ticket['id']}/atenciones", {"ventanilla": PLACE})
        words = {"": "Nadie en su ventanilla", "llamado": "Llamado", "en_atencion": "En atención"}
        page.goto(f"{centre.url}/ventanilla")
        page.locator("main[data-ready]").wait_for()
        expect(page.locator("#turno")).to_contain_text(words[turn])
        if then:
            then(page, centre)

    return act


def by_key(key: str) -> Act:
    def act(page: Page, centre: Centre) -> None:
        page.keyboard.press(key)
        expect(page.locator("details[open] .hoja").first).to_be_visible()

    return act


def both(*acts: Act) -> Act:
    def act(page: Page, centre: Centre) -> None:
        for one in acts:
            one(page, centre)

    return act


def started() -> Act:
    """The kiosk's script listens."""
    return lambda page, centre: until(page, "Boolean(document.body.started)")


def pad(key: str) -> Act:
    return lambda page, centre: page.keyboard.press(key)


def chosen_tramite(code: str) -> Act:
    def act(page: Page, centre: Centre) -> None:
        page.locator("#tramite").press_sequentially(code)
        page.locator("#tramite-lista [role=option]").first.click()
        expect(page.locator("#n-requisitos input").first).to_be_visible()

    return act


def with_cita(then: str = "") -> Act:
    """An appointment of a phone, and what is at `then` of it."""

    def act(page: Page, centre: Centre) -> None:
        if not centre.cita:
            page.goto(f"{centre.url}/cita")
            page.get_by_role("link", name="Partidas").click()
            page.get_by_role("radio").first.check()
            page.fill("#celular", "987654321")
            page.get_by_role("button", name="Reservar").click()
            expect(page.locator(".cita-codigo")).to_be_visible()
            centre.cita = page.url
        page.goto(centre.cita + then)

    return act


def open_shift() -> Act:
    def act(page: Page, centre: Centre) -> None:
        page.fill("#fondo", "50.00")
        page.fill("#hay_1000", "5")
        page.get_by_role("button", name="Abrir mi turno").click()
        expect(page.get_by_text("Turno abierto.")).to_be_visible()

    return act


def hand_over_wrongly() -> Act:
    def act(page: Page, centre: Centre) -> None:
        for field, text in (("#pin_entrega", "otro-pin"), ("#recibe", "nadie"), ("#pin_recibe", "otro-pin")):
            page.fill(field, text)
        page.get_by_role("button", name="Entregar la caja").click()
        expect(page.get_by_text("que entrega, no coincide")).to_be_visible()

    return act


def till_incomplete() -> Act:
    def act(page: Page, centre: Centre) -> None:
        page.wait_for_load_state("load")
        page.keyboard.press("F9")
        expect(page.locator("[role=alert], .error-campo, :invalid:focus").first).to_be_visible()

    return act


# ---- the table ----
SALA = "/admin/salas/principal"
RULE = "/admin/salas/<code>"


def plain(role: str, *routes: str) -> list[State]:
    """Pages whose address is their route, as they open."""
    return [State(route, role, "al abrir") for route in routes]


def of_sala(tab: str, name: str = "al abrir", act: Act | None = None, route: str = "") -> State:
    return State(f"{RULE}{route or tab}", "admin", name, f"{SALA}{tab}", act)


EMPTY: list[State] = [
    *plain("", "/", "/entrar", "/seguimiento", "/tramites"),
    State("/kiosko", "", "sin emparejar", size=KIOSK),
    State("/pantalla/<sala>", "", "sin emparejar", "/pantalla/principal", size=TV),
    State("/tableta", "", "sin emparejar", size=TABLET),
    State(
        "/emparejar/<secret>", "", "sin usar", lambda centre: f"/emparejar/{centre.new_device('kiosko')}", size=KIOSK
    ),
    State("/emparejar/<secret>", "", "que no vale", "/emparejar/nada", size=KIOSK),
    *[State("/kiosko", "kiosko", language, f"/kiosko?idioma={language}") for language in ("es", "en", "qu")],
    State("/kiosko", "cerrado", "sala cerrada", "/kiosko", shown("h1.cerrado")),
    State("/kiosko", "cerrado", "sala cerrada, apaisado", "/kiosko", shown("h1.cerrado"), size=KIOSK_WIDE),
    State("/kiosko/opiniones", "kiosko", "sin turnos hoy"),
    State("/pantalla/<sala>", "pantalla", "sin llamados", "/pantalla/principal", shown("[data-part=nobody]")),
    State("/tableta", "tableta", "en reposo"),
    *plain("orientador", "/orientador", "/preferente", "/impresiones"),
    *plain("ventanilla", "/ventanilla/puestos", "/expedientes", "/bandeja", "/caja", "/preferente", "/impresiones"),
    State("/ventanilla", "ventanilla", "libre, nadie espera", "/ventanilla", at_desk("")),
    *plain("unidad", "/bandeja", "/expedientes"),
    *plain("cajero", "/caja", "/impresiones"),
    *plain("tesoreria", "/tesoreria", "/caja"),
    *plain("ventanilla", "/citas", "/citas/nueva"),
    State("/tesoreria/cabinas/<code>", "tesoreria", "sin movimiento", "/tesoreria/cabinas/C01"),
    *plain("supervisor", "/supervisor", "/supervisor/alertas", "/supervisor/simulacion"),
    *plain("supervisor", "/reportes", "/reportes/opiniones", "/reportes/preferente"),
    *plain("auditor", "/admin/registro", "/reportes", "/reportes/preferente", "/tesoreria"),
    *plain("admin", "/admin/cabinas", "/admin/equipos", "/admin/impresoras", "/admin/personal", "/admin/registro"),
    *plain("admin", "/admin/salas", "/admin/tokens", "/admin/tupa", "/admin", "/admin/papeles"),
    State("/admin/papeles/<kind>/<language>", "admin", "sin papeles", "/admin/papeles/cargo/es"),
]

FULL: list[State] = [
    # the citizen's phone
    State("/tramites", "", "con resultados", "/tramites?q=licencia"),
    State("/tramites", "", "sin resultados", "/tramites?q=nada-asi"),
    State("/tramites", "", "en PC", "/tramites?q=licencia", size=DESK),
    State("/tramites/<code>", "", "con costo", "/tramites/RC-01"),
    State("/tramites/<code>", "", "de mera recepción", "/tramites/SG-08"),
    State(
        "/entrar",
        "",
        "clave equivocada",
        "/entrar",
        fill(
            {"#username": "admin1", "#password": "no es esta"},
            "main form button",
            "#username[aria-invalid], [role=alert], .error-campo",
        ),
    ),
    State(
        "/seguimiento",
        "",
        "clave equivocada",
        lambda centre: f"/seguimiento?numero={centre.case['number']}&clave=AAAA-AAAA",
    ),
    State("/seguimiento", "", "en trámite", lambda centre: centre.case["track_url"].removeprefix(centre.url)),
    State("/seguimiento", "", "observado", lambda centre: centre.observed["track_url"].removeprefix(centre.url)),
    *[
        State("/t/<token>", "", name, lambda centre, name=name: centre.turn_of(name))
        for name in ("en_espera", "llamado", "en_atencion", "en_pausa", "ausente", "atendido", "anulado")
    ],
    *[
        State(
            "/t/<token>",
            "",
            f"{name}, {language}",
            lambda centre, name=name, language=language: f"{centre.turn_of(name)}?idioma={language}",
        )
        for name in ("en_espera", "llamado", "atendido")
        for language in ("en", "qu")
    ],
    State(
        "/t/<token>", "", "sin conexión", lambda centre: centre.turn_of("en_espera"), offline("#sin-conexion"), online
    ),
    State(
        "/t/<token>",
        "",
        "opinado",
        lambda centre: "/t/" + centre.visit()["follow_url"].rsplit("/", 1)[1],
        both(click("label.cara:last-child", "label.cara"), click("button.enviar", ".opinado")),
    ),
    State("/t/<token>/anular", "", "se puede", lambda centre: f"{centre.turn_of('en_espera')}/anular"),
    State("/t/<token>/anular", "", "ya no", lambda centre: f"{centre.turn_of('atendido')}/anular"),
    *plain("", "/turno", "/cita", "/cabinas"),
    State("/cita", "", "horas", "/cita", click("a:has-text('Partidas')", "#celular")),
    State(
        "/cita",
        "",
        "falta todo",
        "/cita",
        both(click("a:has-text('Partidas')", "#celular"), submit_invalid("main form")),
    ),
    State("/cita/<token>", "", "reservada", "/cita", with_cita()),
    State("/cita/<token>/anular", "", "se pregunta", "/cita", with_cita("/anular")),
    State("/cita/<token>/cambiar", "", "otra hora", "/cita", with_cita("/cambiar")),
    State("/verificar", "", "sin código"),
    State("/verificar", "", "código que no vale", "/verificar?c=nada"),
    # kiosk, screen, tablet
    State("/kiosko", "kiosko", "preferente", "/kiosko", both(started(), click(".preferente", "[aria-pressed=true]"))),
    State("/kiosko", "kiosko", "con teclado", "/kiosko", both(started(), pad("ArrowDown"), shown(".con-teclado"))),
    *[
        State(
            "/kiosko",
            "kiosko",
            f"ticket, {language}",
            f"/kiosko?idioma={language}",
            both(started(), click("[data-service=A]", "#turno main"), shown("[data-print=impreso]")),
        )
        for language in ("es", "en", "qu")
    ],
    State(
        "/kiosko",
        "kiosko",
        "sin papel",
        "/kiosko",
        both(
            lambda page, centre: centre.break_printer(),
            started(),
            click("[data-service=A]", "#turno main"),
            shown("#turno .sin-papel"),
        ),
        lambda page, centre: centre.mend_printer(),
    ),
    State(
        "/kiosko",
        "kiosko",
        "sin papel, apaisado",
        "/kiosko",
        both(
            lambda page, centre: centre.break_printer(),
            started(),
            click("[data-service=A]", "#turno main"),
            shown("#turno .sin-papel"),
        ),
        lambda page, centre: centre.mend_printer(),
        KIOSK_WIDE,
    ),
    State("/kiosko", "kiosko", "sin enlace", "/kiosko", both(started(), offline("#sin-enlace")), online),
    State("/kiosko/opiniones", "kiosko", "qué turno"),
    State("/kiosko/opiniones", "kiosko", "turno que no existe", "/kiosko/opiniones?turno=Z-999"),
    State(
        "/kiosko/opiniones",
        "kiosko",
        "la pregunta",
        lambda centre: f"/kiosko/opiniones?turno={centre.visit()['code']}",
        shown("label.cara"),
    ),
    State("/kiosko/opiniones", "kiosko", "gracias", "/kiosko/opiniones?gracias=1"),
    State("/pantalla/<sala>", "pantalla", "con llamados", "/pantalla/principal", shown("[data-part=code]")),
    State(
        "/pantalla/<sala>",
        "pantalla",
        "sin conexión",
        "/pantalla/principal",
        both(shown("[data-part=code]"), offline("#sin-conexion")),
        online,
    ),
    State(
        "/tableta",
        "tableta",
        "pregunta",
        "/tableta",
        both(lambda page, centre: centre.visit(ventanilla=PLACE), shown("#tableta.pregunta")),
    ),
    State(
        "/tableta",
        "tableta",
        "gracias",
        "/tableta",
        both(
            lambda page, centre: centre.visit(ventanilla=PLACE),
            shown("#tableta.pregunta"),
            click("label.cara:last-child", "label.cara"),
            click("button.enviar", "#tableta.gracias"),
        ),
    ),
    # the orientador
    State("/orientador", "orientador", "con gente"),
    State(
        "/orientador/tickets/<token>",
        "orientador",
        "en papel",
        "/orientador",
        click("[name=service][value=D]", ".codigo-tableta"),
    ),
    State(
        "/orientador/tickets/<token>",
        "orientador",
        "en su celular",
        "/orientador",
        both(
            click("[name=entrega][value=celular] + span", ".entrega"),
            click("[name=service][value=D]", ".codigo-tableta"),
        ),
    ),
    State("/preferente", "orientador", "falta todo", "/preferente", submit_invalid("form[action$=clases]")),
    State("/preferente", "orientador", "queja sin datos", "/preferente", submit_invalid("form[action$=quejas]")),
    # the clerk
    State("/ventanilla/puestos", "ventanilla", "con gente"),
    State("/ventanilla", "ventanilla", "libre", "/ventanilla", at_desk("")),
    State("/ventanilla", "ventanilla", "llamar a otro", "/ventanilla", at_desk("", by_key("Shift+F2"))),
    State("/ventanilla", "ventanilla", "pausa y cierre", "/ventanilla", at_desk("", unfold(".barra-app details"))),
    State(
        "/ventanilla",
        "ventanilla",
        "en pausa",
        "/ventanilla",
        at_desk("", both(unfold(".barra-app details"), click(".hoja button.fuerte", "text=Volver a atender"))),
    ),
    State("/ventanilla", "ventanilla", "llamado", "/ventanilla", at_desk("llamado")),
    State("/ventanilla", "ventanilla", "derivar", "/ventanilla", at_desk("llamado", by_key("F7"))),
    State("/ventanilla", "ventanilla", "atendiendo", "/ventanilla", at_desk("en_atencion", shown("#document_number"))),
    State("/ventanilla", "ventanilla", "en espera", "/ventanilla", at_desk("en_atencion", by_key("F8"))),
    State(
        "/ventanilla", "ventanilla", "terminar con detalle", "/ventanilla", at_desk("en_atencion", by_key("Shift+F9"))
    ),
    State(
        "/ventanilla", "ventanilla", "sin conexión", "/ventanilla", at_desk("en_atencion", offline(".corte")), online
    ),
    State(
        "/ventanilla/turnos/<int:ticket_id>",
        "ventanilla",
        "terminado",
        lambda centre: f"/ventanilla/turnos/{centre.tickets['atendido']['id']}",
    ),
    State("/expedientes", "ventanilla", "con expedientes"),
    State("/expedientes", "ventanilla", "sin resultados", "/expedientes?q=nada-asi"),
    State("/expedientes/nuevo", "ventanilla", "en blanco"),
    State(
        "/expedientes/nuevo",
        "ventanilla",
        "falta todo",
        "/expedientes/nuevo",
        both(click("#n-confirmar [data-part=submit]", ".error-campo")),
    ),
    State("/expedientes/nuevo", "ventanilla", "trámite elegido", "/expedientes/nuevo", chosen_tramite("LF-11")),
    State("/expedientes/<number>", "ventanilla", "derivado", lambda centre: f"/expedientes/{centre.case['number']}"),
    State(
        "/expedientes/<number>", "ventanilla", "observado", lambda centre: f"/expedientes/{centre.observed['number']}"
    ),
    State("/expedientes/<number>", "ventanilla", "no existe", "/expedientes/2026-MPA-999999-0"),
    State(
        "/expedientes/<number>/recibido",
        "ventanilla",
        "con observación",
        lambda centre: f"/expedientes/{centre.observed['number']}/recibido",
    ),
    State("/bandeja", "ventanilla", "con expedientes"),
    State("/citas", "ventanilla", "con citas"),
    State("/valijas", "ventanilla", "al abrir"),
    State("/valijas/<code>", "ventanilla", "no existe", "/valijas/nada"),
    State("/tesoreria/cuadre", "tesoreria", "cuadrado"),
    State("/tesoreria/extornos", "tesoreria", "con uno por confirmar"),
    State("/tesoreria/extornos", "auditor", "sin lo buscado", "/tesoreria/extornos?q=nada+de+eso"),
    State("/reconstrucciones", "ventanilla", "al abrir"),
    State("/reconstrucciones", "ventanilla", "código que no es", "/reconstrucciones?c=nada+de+eso"),
    State("/impresiones/impresoras/<int:printer_id>", "ventanilla", "la de cargos", "/impresiones/impresoras/1"),
    State("/caja", "ventanilla", "con cobros"),
    State("/impresiones", "ventanilla", "con papeles"),
    State(
        "/impresiones/<int:job_id>", "ventanilla", "un papel", lambda centre: f"/impresiones/{centre.case['print_job']}"
    ),
    # areas, cashier, treasury
    State("/bandeja", "unidad", "con expedientes"),
    State("/bandeja", "admin", "por recibir", "/bandeja?area="),
    State("/caja", "cajero", "con cobros"),
    State("/caja/pendientes", "tesoreria", "al abrir"),
    State("/tesoreria", "tesoreria", "con remesa"),
    State("/tesoreria/cabinas/<code>/hechos", "auditor", "los de una cabina", "/tesoreria/cabinas/C01/hechos"),
    State("/tesoreria/cabinas/<code>", "tesoreria", "con movimiento", "/tesoreria/cabinas/C01"),
    State("/tesoreria/cabinas/<code>/liquidacion", "tesoreria", "del periodo", "/tesoreria/cabinas/C01/liquidacion"),
    # the supervisor
    State("/supervisor", "supervisor", "con gente y alertas"),
    State(
        "/supervisor",
        "supervisor",
        "acciones de una ventanilla",
        "/supervisor",
        unfold("#puestos li:nth-child(4) details"),
    ),
    State("/supervisor", "supervisor", "sin conexión", "/supervisor", offline('.barra-app [data-link="down"]'), online),
    State("/supervisor/alertas", "supervisor", "con alertas"),
    State(
        "/supervisor/simulacion",
        "supervisor",
        "con respuesta",
        "/supervisor/simulacion",
        click("form.pregunta button", "main"),
    ),
    State("/reportes", "supervisor", "con cifras"),
    State("/reportes", "supervisor", "fechas al revés", "/reportes?desde=2026-11-20&hasta=2026-11-01"),
    State("/reportes/opiniones", "supervisor", "con opiniones"),
    State("/reportes/espera", "supervisor", "con turnos"),
    State("/reportes/preferente", "supervisor", "con esperas"),
    State("/impresiones", "supervisor", "con papeles"),
    # the administration
    *[
        of_sala(tab)
        for tab in (
            "",
            "/horario",
            "/limites",
            "/orden",
            "/pantallas",
            "/servicios",
            "/servicios/nuevo",
            "/textos",
            "/ventanillas",
            "/ventanillas/nueva",
        )
    ],
    State("/admin/salas/<sala>/citas", "admin", "agenda", f"{SALA}/citas"),
    State("/admin/impresoras/<int:printer_id>/calibracion", "admin", "por elegir", "/admin/impresoras/1/calibracion"),
    of_sala("/servicios/A", route="/servicios/<letter>"),
    of_sala("/ventanillas/1", route="/ventanillas/<int:number>"),
    of_sala("", "sin nombre", both(fill({"#name": ""}, "#name", "#name"), submit_invalid("form.alta"))),
    of_sala("/horario", "un día sin fecha", submit_invalid("form[action$=dias]")),
    of_sala("/servicios/nuevo", "falta todo", submit_invalid("form.alta")),
    of_sala(
        "/ventanillas/nueva",
        "número que ya hay",
        both(
            fill({"form.alta [name=number]": "1"}, "form.alta [name=number]", "form.alta"), submit_invalid("form.alta")
        ),
    ),
    State("/admin/personal", "admin", "falta todo", "/admin/personal", submit_invalid("form.alta")),
    State("/admin/personal", "admin", "sin resultados", "/admin/personal?q=nadie-asi"),
    State("/admin/equipos", "admin", "falta todo", "/admin/equipos", submit_invalid("form.alta")),
    State(
        "/admin/equipos",
        "admin",
        "dirección de un solo uso",
        "/admin/equipos",
        fill({"form.alta [name=name]": "Kiosco de la puerta"}, "form.alta button", "main"),
    ),
    State("/admin/tokens", "admin", "falta todo", "/admin/tokens", submit_invalid("form.alta")),
    State("/admin/impresoras", "admin", "falta todo", "/admin/impresoras", submit_invalid("form.alta")),
    State("/admin/papeles", "admin", "logo que falta", "/admin/papeles", submit_invalid("form.alta")),
    *[
        State("/admin/papeles/<kind>/<language>", "admin", f"ticket {language}", f"/admin/papeles/ticket/{language}")
        for language in ("es", "qu", "en")
    ],
    State(
        "/admin/papeles/<kind>/<language>",
        "admin",
        "llaves",
        "/admin/papeles/ticket/es",
        fill({"#calls": "Le llamamos {x}"}, ".papel-editado button", "#calls-error"),
    ),
    State("/admin/cabinas", "admin", "falta todo", "/admin/cabinas", submit_invalid("form.alta")),
    State("/admin/cabinas/<code>", "admin", "convenio", "/admin/cabinas/C01"),
    State("/admin/cabinas/apoyo", "admin", "a quién llamar"),
    State("/admin/tupa", "admin", "sin archivo", "/admin/tupa", submit_invalid("form.alta")),
    State("/admin/registro", "admin", "con entradas"),
    # the cabin's till
    State("cabina:/", "cabina", "con ventas", "/"),
    State("cabina:/nuevo", "cabina", "en blanco", "/nuevo"),
    State("cabina:/nuevo", "cabina", "trámite elegido", "/nuevo?tramite=RC-01"),
    State("cabina:/nuevo", "cabina", "falta todo", "/nuevo?tramite=RC-01", till_incomplete()),
    State("cabina:/caja", "cabina", "con cobros", "/caja"),
    State("cabina:/extornos", "cabina", "con uno declarado", "/extornos"),
    State("cabina:/turno", "cabina", "sin abrir", "/turno"),
    State("cabina:/turno", "cabina", "abierto", "/turno", open_shift()),
    State("cabina:/turno", "cabina", "entrega con otro PIN", "/turno", hand_over_wrongly()),
    State("cabina:/cierre", "cabina", "por contar", "/cierre"),
    State("cabina:/entrar", "", "en la cabina", "/entrar", size=TILL),
    *[
        State(f"cabina:{path}", "cabina", "al abrir", path)
        for path in (
            "/ayuda",
            "/expedientes",
            "/impresora",
            "/liquidacion",
            "/mi-pin",
            "/operadores",
            "/seguimiento",
            "/valija",
            "/verificar",
        )
    ],
    State("cabina:/registrado/<number>", "cabina", "cobrado", lambda centre: f"/registrado/{centre.sold}"),
    State("cabina:/cierres/<int:z>", "cabina", "cerrado", lambda centre: f"/cierres/{centre.close_till()}"),
]
