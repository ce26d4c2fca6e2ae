"""Alerts reach a person: they open and close with what is true, ring until somebody has seen them, and stay in the log."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cac.access.actions import SYSTEM
from cac.access.models import Device
from cac.audit.models import AuditEntry
from cac.desk.models import Sala, Ticket
from cac.paper.actions import add_printer, note_health
from cac.paper.models import Printer
from cac.reports.loop import watch
from cac.reports.models import Alert
from core.clock import now_utc
from printing.outcome import Health


@pytest.fixture
def doris(sala, person):
    return person("supervisor", name="Doris M.")


@pytest.fixture
def beat(store, sala):
    """One beat of the loop, as if `later` had passed."""
    return lambda **later: watch(store, lambda session: None, now=now_utc() + timedelta(**later))


def text_of(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def alerts(store) -> list[Alert]:
    with store.read() as session:
        return list(session.scalars(select(Alert).order_by(Alert.id)))


def ringing(doris) -> list[str]:
    return [alert["title"] for alert in doris.get("/supervisor/alertas/vivas").json["alerts"]]


def make_wait(store, minutes: int) -> None:
    then = now_utc() - timedelta(minutes=minutes)
    store.write(lambda s: s.execute(update(Ticket).values(issued_at=then, turn_at=then)) and None)


def add_device(store, **given: Any) -> None:
    then = now_utc()
    values = {"kind": "pantalla", "name": "TV 1", "sala": "principal", "created_at": then, "paired_at": then}
    store.write(lambda session: session.add(Device(**(values | {"seen_at": then} | given))))


def break_printer(store, name: str = "kiosko", problem: str | None = "Sin papel") -> None:
    given = {"name": name, "url": "tcp://127.0.0.1:9", "principal": SYSTEM, "now": now_utc()}
    printer = store.write(add_printer, **given)
    store.write(note_health, printer, Health(problem=problem), now=now_utc())


def test_an_alert_opens_with_its_trouble_closes_when_it_is_over_and_both_are_in_the_log(
    store, beat, issue, clerk, doris
):
    issue("A")
    assert beat() == {"opened": 1, "closed": 0}
    assert beat() is None, "nothing began or ended: nothing is written"
    assert ringing(doris) == ["Nadie atiende"]
    clerk.post("/ventanillas/1/aperturas")
    assert beat(seconds=5) == {"opened": 0, "closed": 1}
    (alert,) = alerts(store)
    assert alert.opened_at < alert.closed_at and alert.closed_by == SYSTEM.key
    with store.read() as session:
        log = session.execute(select(AuditEntry.action, AuditEntry.principal).where(AuditEntry.action.like("alerta%")))
        assert [tuple(row) for row in log] == [("alerta.abierta", SYSTEM.key), ("alerta.cerrada", SYSTEM.key)]
    clerk.post("/ventanillas/1/cierres")
    beat()
    assert [one.closed_at is None for one in alerts(store)] == [False, True], "the same trouble again is another alert"


def test_an_acknowledged_alert_rings_no_more_and_says_who_saw_it(store, beat, issue, doris, person):
    issue("A")
    beat()
    (alert,) = alerts(store)
    assert "Desde las" in text_of(doris.get("/supervisor"))
    doris.post(f"/supervisor/alertas/{alert.id}/reconocimientos")
    person("admin", name="Iván C.").post(f"/supervisor/alertas/{alert.id}/reconocimientos")
    assert ringing(doris) == []
    page = text_of(doris.get("/supervisor"))
    assert "lo vio Doris M." in page and "Nadie atiende" in page
    beat()
    assert len(alerts(store)) == 1 and ringing(doris) == []
    assert "Doris M." in text_of(doris.get("/supervisor/alertas"))
    assert doris.post("/supervisor/alertas/999999/reconocimientos").status_code == 303
    assert "No existe esa alerta" in text_of(doris.get("/supervisor"))


def test_q19_general_people_over_the_limit_alert_the_supervisor_who_assigns_a_ventanilla_and_preferentes_keep_their_order(
    store, beat, issue, clerk, doris
):
    for number in (1, 2):
        clerk.post(f"/ventanillas/{number}/aperturas")
    late = issue("A")
    make_wait(store, 72)
    beat()
    assert ringing(doris) == ["1 sobre el límite de 60 min."]
    preferentes = [issue("A", preferente=True)["code"] for _ in range(3)]
    assert "Asignar" in text_of(doris.get("/supervisor"))
    doris.post("/supervisor/asignaciones", {"ventanilla": "2", "atiende": "solo_general"})
    assert clerk.post("/ventanillas/1/llamados").json["ticket"]["code"] == preferentes[0]
    assert clerk.post("/ventanillas/2/llamados").json["ticket"]["id"] == late["id"]
    beat()
    assert ringing(doris) == [], "nobody is over the limit any more"
    served = [preferentes[0]]
    for _ in preferentes[1:]:
        ticket = clerk.get(f"/tickets/{late['id'] + len(served)}").json
        clerk.post(f"/tickets/{ticket['id']}/atenciones")
        clerk.post(f"/tickets/{ticket['id']}/cierres")
        served.append(clerk.post("/ventanillas/1/llamados").json["ticket"]["code"])
    assert served == preferentes


def test_a_young_general_or_a_preferente_that_waits_long_is_not_over_the_limit(store, beat, issue, clerk, doris):
    clerk.post("/ventanillas/1/aperturas")
    issue("A", preferente=True)
    make_wait(store, 90)
    issue("A")
    beat()
    assert ringing(doris) == []


def test_an_assignment_without_a_ventanilla_or_class_is_refused(doris):
    assert doris.post("/supervisor/asignaciones", {"atiende": "solo_general"}).status_code == 422
    assert doris.post("/supervisor/asignaciones", {"ventanilla": "1", "atiende": "nadie"}).status_code == 422


def test_a_silent_screen_a_wrong_clock_and_a_printer_without_paper_are_three_alerts(store, beat, doris):
    add_device(store, name="TV 1", seen_at=now_utc() - timedelta(seconds=45))
    add_device(store, name="TV 2", clock_offset_s=600)
    break_printer(store)
    beat()
    assert sorted(ringing(doris)) == ["Impresora kiosko", "TV 1", "TV 2"]
    page = text_of(doris.get("/supervisor"))
    assert "Reloj adelantado 10 min" in page and "Sin papel" in page and "Sin señal, 45 s" in page


def test_an_agent_that_falls_silent_is_an_alert_and_its_signal_ends_it(store, beat, doris, caller):
    given = {"name": "piso2", "url": "agent://piso2", "principal": SYSTEM, "now": now_utc()}
    store.write(add_printer, **given)
    agent = caller("agente", printer="piso2")
    beat()
    assert ringing(doris) == ["Impresora piso2: su agente no responde"]
    assert agent.post("/agente/senales").json == {"done": True}
    beat()
    assert ringing(doris) == []
    beat(minutes=2)
    assert "Calla desde las" in text_of(doris.get("/supervisor/alertas"))
    with store.read() as session:
        assert session.scalar(select(Printer.agent_seen_at)) is not None


def test_a_sala_that_is_shut_and_empty_is_not_watched(store, beat, doris):
    add_device(store, seen_at=now_utc() - timedelta(hours=3))
    shut = {"week": [[] for _ in range(7)]}
    store.write(lambda session: session.execute(update(Sala).values(timetable=shut)) and None)
    beat()
    assert alerts(store) == []


def test_clerks_are_told_what_concerns_them_and_nothing_else(store, beat, issue, person, doris):
    issue("A")
    break_printer(store)
    add_device(store, seen_at=now_utc() - timedelta(minutes=3))
    luz = person("ventanilla", sala="principal")
    assert text_of(luz.get("/ventanilla/avisos")).strip() == ""
    beat()
    told = text_of(luz.get("/ventanilla/avisos"))
    assert "Impresora kiosko" in told and "Sin papel" in told
    assert "TV 1" not in told and "Nadie atiende" not in told
    assert luz.get("/supervisor/alertas").status_code == 403


def test_more_people_than_the_salas_limit_is_told_while_somebody_attends(store, beat, issue, clerk):
    store.write(lambda session: session.execute(update(Sala).values(alert_waiting=2)) and None)
    clerk.post("/ventanillas/1/aperturas")
    issue("A")
    issue("A")
    beat()
    assert alerts(store) == []
    issue("B")
    beat()
    assert [(alert.kind, alert.title) for alert in alerts(store)] == [("gente", "Esperan 3 personas.")]
