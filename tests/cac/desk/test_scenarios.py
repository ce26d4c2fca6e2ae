"""What must survive, against a started server on both databases; each test is named after its sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.audit.models import AuditEntry
from cac.desk.models import Llamado, Ticket, TicketMove, Ventanilla
from cac.reports.queries import Typical, live_figures
from cac.tupa.actions import import_tupa
from core.clock import now_utc
from tests.cac.desk.centre import Centre, empty, eventually, started
from tests.cac.desk.test_live import listening, screen
from tests.cac.expedientes.conftest import NELIDA, TUPA, filing
from tests.databases import Databases

WAITING = 40
BEFORE_THE_CUT = 12


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def centre(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Centre]:
    with started(request.param, databases, tmp_path_factory.mktemp("centro")) as centre:
        yield centre


@pytest.mark.faults
def test_q23_when_power_returns_after_a_cut_no_ticket_is_lost_twice_or_stuck_and_open_calls_are_offered_back(centre):
    issued = {centre("kiosko").post("/tickets", {"service": "A"}).json()["id"] for _ in range(WAITING)}
    answered, gone, enough = [], [], threading.Event()

    def attend(number: int) -> None:
        """Calls and lets go, until the power goes."""
        clerk = centre("ventanilla")
        try:
            while (call := clerk.post(f"/ventanillas/{number}/llamados")).status_code in (200, 201):
                answered.append((call.json()["seq"], call.json()["ticket"]["id"], number))
                if len(answered) >= BEFORE_THE_CUT:
                    enough.set()
                ticket = call.json()["ticket"]["id"]
                assert clerk.post(f"/tickets/{ticket}/ausencias", {"ventanilla": number}).ok
                gone.append(ticket)
        except requests.RequestException:
            return

    with ThreadPoolExecutor(4) as clerks:
        attending = [clerks.submit(attend, number) for number in (1, 2, 3, 4)]
        assert enough.wait(30)
        centre.cut_power()
        for one in attending:
            one.result(60)

    with centre.store() as store, store.read() as session:
        tickets = {ticket.id: ticket for ticket in session.scalars(select(Ticket))}
        numbers = dict(session.execute(select(Ventanilla.id, Ventanilla.number)).all())
        log = {call.seq: (call.ticket_id, numbers[call.ventanilla_id]) for call in session.scalars(select(Llamado))}
    assert set(tickets) == issued, "none lost"
    assert sorted(log) == list(range(1, len(log) + 1))
    assert all(log[seq] == (ticket, number) for seq, ticket, number in answered), "what was answered happened"
    assert len({ticket for ticket, _ in log.values()}) == len(log), "nobody called twice"
    assert all(tickets[ticket].state == "ausente" for ticket in gone)

    clerk = centre("ventanilla")
    open_calls = {numbers[t.ventanilla_id]: t.id for t in tickets.values() if t.state == "llamado"}
    for number, ticket in open_calls.items():
        again = clerk.post(f"/ventanillas/{number}/llamados")
        assert (again.status_code, again.json()["ticket"]["id"]) == (200, ticket), "offered back"
    empty(centre)
    with centre.store() as store, store.read() as session:
        assert {ticket.state for ticket in session.scalars(select(Ticket))} == {"ausente"}, "nobody stuck"
        calls = session.scalars(select(TicketMove.ticket_id).where(TicketMove.move == "llamado")).all()
    assert sorted(calls) == sorted(issued), "each called once"


def test_q24_no_screen_public_page_log_or_board_has_a_name_a_document_a_phone_or_anothers_link(centre):
    with centre.store() as store:
        store.write(import_tupa, TUPA, principal=SYSTEM, now=now_utc() - timedelta(days=400))
    kiosk, clerk = centre("kiosko"), centre("ventanilla")
    mine, other = (kiosk.post("/tickets", {"service": "A"}).json() for _ in range(2))
    clerk.post("/ventanillas/1/llamados")
    clerk.post(f"/tickets/{mine['id']}/atenciones", {"ventanilla": 1})
    applicant = NELIDA | {"phone": "976123456"}
    filed = clerk.post("/expedientes", filing(applicant=applicant, ticket=mine["id"]))
    assert filed.status_code == 201, filed.text
    token, others = (ticket["follow_url"].rsplit("/", 1)[1] for ticket in (mine, other))
    with screen(centre) as tv, listening(centre, "/turnos", {"turno": token}) as phone:
        eventually(lambda: tv.heard["tablero"] and phone.heard["turno"])
        told = [tv.heard["tablero"][-1], phone.heard["turno"][-1]]
    pages = [
        requests.get(centre.url + path, timeout=30).text
        for path in (f"/t/{token}", "/", "/tramites", "/pantalla/principal")
    ]
    board = centre("pantalla").get("/salas/principal/tablero").text
    everything = "\n".join([*map(str, told), *pages, board, kiosk.get("/services").text, *centre.server.output])
    for secret in ("Chuquimango", "Nélida", NELIDA["document_number"], "976123456", others):
        assert secret not in everything
    assert token not in board and token not in str(told[0]), "a screen opens nobody's page"
    clerk.post(f"/tickets/{mine['id']}/cierres", {"ventanilla": 1})
    empty(centre)


@pytest.mark.parametrize(
    ("move", "body", "state"),
    [
        ("llamados", {}, "llamado"),
        ("rellamados", {}, "llamado"),
        ("derivaciones", {"service": "D"}, "en_espera"),
        ("cierres", {}, "atendido"),
    ],
)
def test_q25_a_call_recall_transfer_or_finish_is_seen_by_screen_clerks_phone_figures_and_log_and_changes_one_ticket(
    centre, move, body, state
):
    kiosk, clerk = centre("kiosko"), centre("ventanilla")
    mine, other = (kiosk.post("/tickets", {"service": "C"}).json() for _ in range(2))
    if move != "llamados":
        clerk.post("/ventanillas/2/llamados")
    if move == "cierres":
        clerk.post(f"/tickets/{mine['id']}/atenciones", {"ventanilla": 2})
    untouched = row_of(centre, other["id"])
    token = mine["follow_url"].rsplit("/", 1)[1]
    panel_auth = {"token": centre.tokens["ventanilla"]}
    with (
        screen(centre) as tv,
        listening(centre, "/turnos", {"turno": token}) as phone,
        listening(centre, "/panel", panel_auth) as panel,
    ):
        eventually(lambda: tv.heard["tablero"] and phone.heard["turno"])
        before, told, calls = figures(centre), len(panel.heard["cola"]), tv.heard["tablero"][-1]["seq"]
        path = "/ventanillas/2/llamados" if move == "llamados" else f"/tickets/{mine['id']}/{move}"
        assert clerk.post(path, {"ventanilla": 2, **body}).ok
        eventually(lambda: phone.heard["turno"][-1]["state"] == state)
        eventually(lambda: len(panel.heard["cola"]) > told)
        if move in ("llamados", "rellamados"):
            eventually(lambda: tv.heard["tablero"][-1]["seq"] == calls + 1)
            assert tv.heard["tablero"][-1]["calls"][-1]["code"] == mine["code"]
        if move == "derivaciones":
            eventually(lambda: {"code": mine["code"]} in tv.heard["tablero"][-1]["waiting"])
    with centre.store() as store, store.read() as session:
        last = session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject == f"ticket:{mine['id']}").order_by(AuditEntry.id.desc())
        ).first()
    assert last == {"llamados": "ticket.llamado", "rellamados": "ticket.rellamado"}.get(
        move, "ticket.derivacion" if move == "derivaciones" else "ticket.cierre"
    )
    assert figures(centre) != before or move == "rellamados", "a recall changes no figure"
    assert row_of(centre, other["id"]) == untouched
    if state == "llamado":
        clerk.post(f"/tickets/{mine['id']}/ausencias", {"ventanilla": 2})
    empty(centre)


def figures(centre: Centre) -> tuple:
    """How many wait and were served, and who is attended, as the supervisor sees it."""
    with centre.store() as store, store.read() as session:
        live = live_figures(session, "principal", typical=Typical(), now=now_utc())
        return live.general + live.preferente, live.served, tuple((place.number, place.code) for place in live.places)


def row_of(centre: Centre, ticket: int) -> dict:
    with centre.store() as store, store.read() as session:
        row = session.get(Ticket, ticket)
        return {column.name: getattr(row, column.name) for column in Ticket.__table__.columns}
