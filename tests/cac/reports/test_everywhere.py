"""Q25: what happens to one ticket is seen by everybody who looks, and by nobody as anything of another ticket."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from cac.audit.models import AuditEntry
from cac.desk.models import Ticket
from cac.desk.queries import followed_ticket
from cac.reports.period import period_report
from core.clock import lima_day, now_utc
from kiosks.pages import add_pages


class Seen:
    """One ticket as each of those who look at it is shown it."""

    def __init__(self, ticket: dict[str, Any], *, store: Any, clerk: Any, person: Any, client: Any):
        self.id, self.code, self.store, self.clerk, self.client = ticket["id"], ticket["code"], store, clerk, client
        self.token = ticket["follow_url"].rsplit("/", 1)[1]
        self.luz = person("ventanilla", sala="principal")
        self.luz.post("/ventanilla/puestos", {"number": "1"})
        self.doris = person("supervisor")

    def board(self) -> list[tuple[int, int]]:
        """Calls of this ticket that a TV shows: (seq, ventanilla)."""
        calls = self.clerk.get("/salas/principal/tablero").json["calls"]
        return [(call["seq"], call["ventanilla"]) for call in calls if call["code"] == self.code]

    def waiting_on_tv(self) -> bool:
        return {"code": self.code} in self.clerk.get("/salas/principal/tablero").json["waiting"]

    def phone(self) -> dict[str, Any]:
        """What its socket brings; the page itself answers too."""
        assert self.code in self.client.get(f"/t/{self.token}/estado").get_data(as_text=True)
        with self.store.read() as session:
            return followed_ticket(session, self.token, now=now_utc())

    def desk(self) -> str:
        return self.luz.get("/ventanilla/vivo").get_data(as_text=True)

    def supervisor(self) -> str:
        return self.doris.get("/supervisor/vivo").get_data(as_text=True)

    def figures(self) -> Any:
        now = now_utc()
        with self.store.read() as session:
            return period_report(session, sala=None, service="", first=lima_day(now), last=lima_day(now), now=now).whole

    def log(self) -> list[str]:
        with self.store.read() as session:
            rows = select(AuditEntry.action).where(AuditEntry.subject == f"ticket:{self.id}").order_by(AuditEntry.id)
            return list(session.execute(rows).scalars())


def columns(store: Any, ticket_id: int) -> tuple[Any, ...]:
    with store.read() as session:
        return tuple(session.execute(select(Ticket.__table__).where(Ticket.id == ticket_id)).one())


@pytest.fixture
def pages(app, store, settings):
    add_pages(app, store, settings)


def test_q25_a_call_recall_transfer_and_finish_is_seen_on_tv_by_clerks_phone_figures_and_log_and_changes_only_that_ticket(
    pages, store, sala, issue, clerk, person, app
):
    ticket, other = issue("A"), issue("A")
    before = columns(store, other["id"])
    seen = Seen(ticket, store=store, clerk=clerk, person=person, client=app.test_client())
    assert seen.waiting_on_tv() and seen.phone()["state"] == "en_espera" and seen.log() == ["ticket.emision"]

    clerk.post("/ventanillas/1/llamados")
    assert seen.board() == [(1, 1)] and not seen.waiting_on_tv()
    assert (seen.phone()["state"], seen.phone()["ventanilla"], seen.phone()["seq"]) == ("llamado", 1, 1)
    assert "Llamado hace" in seen.desk() and f"Llama {seen.code}" in seen.supervisor()
    assert seen.figures().called == 1 and seen.log()[-1] == "ticket.llamado"

    clerk.post(f"/tickets/{ticket['id']}/rellamados")
    assert sorted(seen.board()) == [(1, 1), (2, 1)], "a recall is a new place in the log of calls"
    assert seen.phone()["seq"] == 2 and "2 de 3" in seen.desk()
    assert seen.figures().called == 1 and seen.log()[-1] == "ticket.rellamado"

    clerk.post(f"/tickets/{ticket['id']}/atenciones")
    assert seen.phone()["state"] == "en_atencion" and f"Atiende {seen.code}" in seen.supervisor()

    clerk.post(f"/tickets/{ticket['id']}/derivaciones", {"service": "B"})
    assert seen.waiting_on_tv() and seen.phone()["state"] == "en_espera" and seen.phone()["service"] == "Mi negocio"
    assert "Nadie en su ventanilla" in seen.desk() and f"Atiende {seen.code}" not in seen.supervisor()
    assert seen.figures().forwarded == 1 and seen.log()[-1] == "ticket.derivacion"

    clerk.post("/ventanillas/2/llamados", {"ticket": ticket["id"], "motivo": "derivado"})
    clerk.post(f"/tickets/{ticket['id']}/atenciones")
    clerk.post(f"/tickets/{ticket['id']}/cierres")
    assert seen.board()[-1] == (3, 2) and seen.phone()["state"] == "atendido" and seen.phone()["ventanilla"] is None
    assert f"Atiende {seen.code}" not in seen.supervisor()
    assert (seen.figures().finished, seen.figures().called) == (1, 1) and seen.log()[-1] == "ticket.cierre"

    assert columns(store, other["id"]) == before
    with store.read() as session:
        told = session.execute(select(AuditEntry.action).where(AuditEntry.subject == f"ticket:{other['id']}"))
        assert told.scalars().all() == ["ticket.emision"]
