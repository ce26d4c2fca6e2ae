"""Paper at the centre, on both databases: rows, routes, the spool, people's answers, an agent's door."""

from __future__ import annotations

import re
import threading
import time
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import delete

from cac.audit.models import AuditEntry
from cac.base import loop_leases
from cac.paper import actions, queries
from cac.paper.loop import LEASE, PrinterJobs, Spool
from cac.paper.models import PrintAttempt, Printer, PrinterRoute, PrintJob
from cac.reports.watch import paper_troubles
from core.clock import now_utc
from core.errors import NotFound
from printing import Profile
from printing.decoder import decode
from printing.handshake import LOW_PAPER
from printing.outcome import Health, Outcome, State
from printing.papers import TicketPaper, reprinted
from storage import Store
from storage.leases import take
from tests.printing.conftest import PAPERS
from web.access import ANYBODY, Principal

CLERK = Principal("staff", 1, "Rosa Huamán", "ventanilla")
AT = datetime(2026, 11, 20, 15, 42, tzinfo=UTC)


def ticket(code="A-047") -> TicketPaper:
    return TicketPaper(
        site="MUNICIPALIDAD PROVINCIAL DE CAJAMARCA",
        office="Centro de Atención al Ciudadano",
        code=code,
        service="Partidas",
        issued_at=AT,
        ahead=6,
        follow_url="https://cac.ejemplo.gob.pe/t/7KQ4M2",
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "papel"


@pytest.fixture
def kiosko(store: Store, folder) -> str:
    store.write(actions.add_printer, name="kiosko", url=f"folder://{folder}", principal=ANYBODY, now=now_utc())
    store.write(actions.route_papers, purpose="tickets", sala=None, printer="kiosko", principal=ANYBODY, now=now_utc())
    return "kiosko"


def enqueue(store: Store, code="A-047", sala="principal", now=None) -> int | None:
    return store.write(
        actions.enqueue,
        purpose="tickets",
        sala_code=sala,
        paper=ticket(code),
        subject=f"ticket:{code}",
        now=now or now_utc(),
    )


def state_of(store: Store, job_id: int) -> str | None:
    with store.read() as session:
        return queries.job_state(session, job_id)


def set_state(store: Store, job_id: int, state: State, attempts=1) -> None:
    def verb(session):
        job = session.get(PrintJob, job_id)
        job.state, job.attempts = state, attempts

    store.write(verb)


@pytest.fixture
def spool(store: Store):
    spool = Spool(store)
    yield spool
    spool.stop()


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def test_a_job_keeps_its_exact_bytes_and_goes_where_its_papers_go(store, kiosko):
    store.write(actions.add_printer, name="sala-2", url="tcp://10.0.0.9", principal=ANYBODY, now=AT)
    store.write(actions.route_papers, purpose="tickets", sala="dos", printer="sala-2", principal=ANYBODY, now=AT)
    first, second = enqueue(store), enqueue(store, "B-001", sala="dos")
    with store.read() as session:
        rows = {job.id: session.get(Printer, job.printer_id).name for job in session.query(PrintJob)}
        assert rows == {first: "kiosko", second: "sala-2"}
        assert "A-047" in decode(session.get(PrintJob, first).data).lines


def test_a_person_of_a_sala_opens_no_paper_of_another_sala(store, kiosko):
    store.write(actions.route_papers, purpose="tickets", sala="dos", printer="kiosko", principal=ANYBODY, now=now_utc())
    store.write(lambda session: session.execute(delete(PrinterRoute).where(PrinterRoute.sala == "")) and None)
    job_id = enqueue(store, sala="dos")
    with store.read() as session:
        for sala in (None, "dos"):
            assert actions.find_job(session, job_id, principal=replace(CLERK, sala=sala)).id == job_id
        with pytest.raises(actions.JobUnknown):
            actions.find_job(session, job_id, principal=replace(CLERK, sala="principal"))


def test_without_a_printer_nothing_is_queued_and_nothing_fails(store):
    assert enqueue(store) is None


def test_a_committed_job_comes_out_once_and_is_confirmed(store, kiosko, folder, spool):
    spool.beat()
    job = enqueue(store)
    wait_for(lambda: state_of(store, job) == "confirmada")
    assert [path.name for path in folder.iterdir()] == [f"{job}.bin"]
    with store.read() as session:
        assert [try_.state for try_ in queries.attempts(session, job)] == ["confirmada"]
        assert queries.printers(session)[0]["problem"] is None


def test_a_job_that_was_queued_when_the_power_went_prints_once_at_the_next_start(store, kiosko, folder, spool):
    job = enqueue(store)
    spool.beat()
    wait_for(lambda: state_of(store, job) == "confirmada")
    assert len(list(folder.iterdir())) == 1


def test_a_job_that_was_being_sent_when_the_power_went_asks_and_is_answered(store, kiosko, folder, spool):
    job = enqueue(store)
    set_state(store, job, State.SENDING)
    spool.beat()
    wait_for(lambda: state_of(store, job) == "desconocida")
    assert not folder.exists() or not list(folder.iterdir())
    said = store.write(actions.answer, job, came_out=False, principal=CLERK, now=now_utc())
    copy = said["print_job"]
    wait_for(lambda: state_of(store, copy) == "confirmada")
    paper = decode((folder / f"{copy}.bin").read_bytes())
    assert "REIMPRESIÓN 1" in paper.text and "Rosa Huamán" in paper.text
    assert [path.name for path in folder.iterdir()] == [f"{copy}.bin"]


def test_what_a_person_saw_closes_the_question(store, kiosko):
    job = enqueue(store)
    set_state(store, job, State.UNKNOWN)
    assert store.write(actions.answer, job, came_out=True, principal=CLERK, now=now_utc())["state"] == "confirmada"
    with pytest.raises(actions.NotAsked):
        store.write(actions.answer, job, came_out=True, principal=CLERK, now=now_utc())


def test_a_late_word_of_the_printer_never_overrules_a_person(store, kiosko):
    job = enqueue(store)
    set_state(store, job, State.UNKNOWN)
    late = Outcome(State.CONFIRMED, "La impresora confirmó.")
    store.write(actions.answer, job, came_out=False, principal=CLERK, now=now_utc())
    store.write(actions.keep_result, job, late, attempt=1, now=now_utc())
    assert state_of(store, job) == "vencida"


def test_a_late_word_settles_a_question_nobody_answered_yet(store, kiosko):
    job = enqueue(store)
    set_state(store, job, State.UNKNOWN)
    store.write(actions.keep_result, job, Outcome(State.CONFIRMED, ""), attempt=1, now=now_utc())
    assert state_of(store, job) == "confirmada"


def test_a_ticket_goes_before_a_cargo_and_both_before_a_report(store, kiosko):
    for purpose in ("cargos", "recibos"):
        store.write(actions.route_papers, purpose=purpose, sala=None, printer="kiosko", principal=ANYBODY, now=AT)
    asked = [("recibos", PAPERS["liquidacion"]), ("recibos", PAPERS["z"]), ("cargos", PAPERS["cargo-cabina"])]
    for purpose, paper in [*asked, ("tickets", ticket())]:
        named = {"purpose": purpose, "sala_code": None, "paper": paper, "subject": "x"}
        store.write(actions.enqueue, **named, now=now_utc())
    worker, titles = PrinterJobs(store, _id(store, "kiosko"), "uno"), []
    while job := worker.claim():
        with store.read() as session:
            titles.append(session.get(PrintJob, int(job.id)).title.split()[0])
        assert worker.mark(job)
    assert titles == ["ticket", "cargo", "liquidación", "cierre"]


def test_only_one_of_two_workers_marks_a_job(store, kiosko):
    job = enqueue(store)
    assert store.write(actions.mark_sending, job, attempt=1, now=AT) is True
    assert store.write(actions.mark_sending, job, attempt=1, now=AT) is False
    store.write(actions.keep_result, job, Outcome(State.NOT_SENT, "apagada"), attempt=1, now=AT)
    assert store.write(actions.mark_sending, job, attempt=1, now=AT) is False, "it slept since before another tried"
    assert store.write(actions.mark_sending, job, attempt=2, now=AT) is True


def test_two_processes_never_serve_one_printer(store, kiosko):
    enqueue(store)
    with store.read() as session:
        printer = actions.find_printer(session, "kiosko").id
    one, two = PrinterJobs(store, printer, "uno"), PrinterJobs(store, printer, "dos")
    job = one.claim()
    assert job is not None and two.claim() is None
    one.let_go()
    assert two.claim() is not None
    assert one.mark(job) is False


def test_a_worker_that_slept_while_another_took_its_printer_sends_nothing(store, kiosko):
    job = enqueue(store)
    slow = PrinterJobs(store, _id(store, "kiosko"), "a")
    claimed = slow.claim()
    two_minutes_on = now_utc() + timedelta(minutes=2)
    assert store.write(take, loop_leases, name=slow.lease, holder="b", now=two_minutes_on, lasts=LEASE) == 2
    assert claimed and slow.mark(claimed) is False
    assert state_of(store, job) == "en_cola"


def test_a_ticket_of_long_ago_is_not_printed(store, kiosko, spool, folder):
    job = enqueue(store, now=now_utc() - timedelta(hours=3))
    spool.beat()
    wait_for(lambda: state_of(store, job) == "vencida")
    assert not folder.exists() or not list(folder.iterdir())


def test_a_dead_printer_is_noted_once_and_another_goes_on(store, kiosko, spool, folder):
    store.write(actions.add_printer, name="muerta", url="tcp://127.0.0.1:9", principal=ANYBODY, now=AT)
    store.write(actions.route_papers, purpose="tickets", sala="dos", printer="muerta", principal=ANYBODY, now=AT)
    dead = enqueue(store, "B-001", sala="dos")
    spool.beat()
    alive = [enqueue(store, f"A-{n:03}") for n in range(5)]
    wait_for(lambda: {state_of(store, job) for job in alive} == {"confirmada"})
    wait_for(lambda: state_of(store, dead) == "no_enviada")
    time.sleep(1.5)
    with store.read() as session:
        assert session.query(PrintAttempt).where(PrintAttempt.job_id == dead).count() == 1
        assert "No se pudo conectar" in queries.troubles(session)["muerta"]
    assert spool.state()["ok"] is False


def test_after_a_restore_what_waited_is_held_until_a_person_decides(store, kiosko, spool, folder):
    job, other = enqueue(store), enqueue(store, "A-048")
    store.write(actions.hold_waiting, now=now_utc())
    spool.beat()
    with store.read() as session:
        assert [row.state for row in queries.questions(session)] == ["retenida", "retenida"]
    store.write(actions.release, job, wanted=True, principal=CLERK, now=now_utc())
    store.write(actions.release, other, wanted=False, principal=CLERK, now=now_utc())
    wait_for(lambda: state_of(store, job) == "confirmada")
    assert state_of(store, other) == "vencida"


def test_a_printer_added_or_moved_while_running_is_served(store, spool, folder, tmp_path, kiosko):
    spool.beat()
    elsewhere = tmp_path / "otra"
    store.write(actions.add_printer, name="kiosko", url=f"folder://{elsewhere}", principal=ANYBODY, now=now_utc())
    spool.beat()
    job = enqueue(store)
    wait_for(lambda: state_of(store, job) == "confirmada")
    assert (elsewhere / f"{job}.bin").exists()


def test_a_name_with_control_bytes_is_counted_on_its_job(store, kiosko):
    paper = ticket()
    object.__setattr__(paper, "service", "José Ñáñez Q’ero\x1dV\x00")
    job = store.write(
        actions.enqueue, purpose="tickets", sala_code=None, paper=paper, subject="ticket:1", now=now_utc()
    )
    with store.read() as session:
        row = session.get(PrintJob, job)
        assert (row.stripped, row.replaced) == (2, 1)
        assert decode(row.data).cuts == 1


def test_a_copy_days_later_is_the_same_paper_with_its_mark_its_day_and_who(store, kiosko):
    job = enqueue(store, now=AT)
    set_state(store, job, State.CONFIRMED)
    later = AT + timedelta(days=3)
    copy = store.write(actions.reprint, job, principal=CLERK, now=later)["id"]
    with store.read() as session:
        first, second = (decode(session.get(PrintJob, n).data) for n in (job, copy))
        noted = session.query(AuditEntry).where(AuditEntry.action == "impresion.copia").one()
    assert [line for line in first.lines if line not in second.lines] == []
    assert first.qrs == second.qrs
    assert "REIMPRESIÓN 1" in second.text and "23/11/2026 10:42  Rosa Huamán" in second.text
    assert (noted.name, noted.at) == ("Rosa Huamán", later)


# Over HTTP


def test_a_program_sees_its_job_and_asks_for_a_marked_copy_once_a_press(store, kiosko, caller, spool):
    spool.beat()
    job = enqueue(store)
    desk = caller("ventanilla")
    wait_for(lambda: desk.get(f"/impresiones/{job}").json["state"] == "confirmada")
    copies = [desk.post(f"/impresiones/{job}/reimpresiones", key="press").json for _ in range(2)]
    assert copies[0] == copies[1]
    assert copies[0]["id"] != job and copies[0]["copy"] == 1
    seen = desk.get(f"/impresiones/{job}").json
    assert (seen["copies"], seen["printer"]) == (1, "kiosko")
    assert desk.post(f"/impresiones/{job}/respuestas", {"salio": True}).status_code == 409


def test_a_paper_still_on_its_way_is_not_copied(store, kiosko, caller):
    job = enqueue(store)
    refused = caller("ventanilla").post(f"/impresiones/{job}/reimpresiones")
    assert (refused.status_code, refused.json["code"]) == (409, "impresion.en_camino")


def test_an_answer_of_the_wrong_type_names_its_field(store, kiosko, caller):
    job = enqueue(store)
    refused = caller("ventanilla").post(f"/impresiones/{job}/respuestas", {"salio": "si"})
    assert refused.status_code == 422 and "salio" in refused.get_data(as_text=True)


def test_others_may_not(store, kiosko, caller):
    job = enqueue(store)
    for role in ("kiosko", "pantalla", "unidad", "auditor"):
        assert caller(role).get(f"/impresiones/{job}").status_code == 403
    assert caller("ventanilla").get("/agente/trabajos").status_code == 403
    assert caller("ventanilla").get("/impresiones/999").status_code == 404


def test_an_agent_fetches_marks_and_settles_the_jobs_of_its_printer_only(store, kiosko, caller):
    other = enqueue(store)
    store.write(actions.add_printer, name="piso-2", url="agent://piso2?width=32", principal=ANYBODY, now=AT)
    store.write(actions.route_papers, purpose="tickets", sala="dos", printer="piso-2", principal=ANYBODY, now=AT)
    agent = caller("agente", printer="piso-2")
    assert agent.get("/agente").json == {"printer": "piso-2", "columns": 32}
    assert agent.get("/agente/trabajos").status_code == 204
    job = enqueue(store, sala="dos")
    fetched = agent.get("/agente/trabajos").json
    assert fetched["id"] == str(job)
    assert decode(b64decode(fetched["data"]), columns=32).cuts == 1
    mark = f"/agente/trabajos/{job}/marcas"
    assert [agent.post(mark, {"attempt": 1}, key="m").json["done"] for _ in range(2)] == [True, True]
    assert agent.post(mark, {"attempt": 1}).json["done"] is False
    result = {"attempt": 1, "state": "confirmada", "detail": "La impresora confirmó.", "sent_bytes": 900}
    assert agent.post(f"/agente/trabajos/{job}/resultados", result).json["done"] is True
    assert agent.get(f"/impresiones/{job}").json["state"] == "confirmada"
    assert agent.get(f"/impresiones/{other}").status_code == 403
    assert agent.post(f"/agente/trabajos/{other}/marcas", {"attempt": 1}).status_code == 403


def test_an_agent_that_died_while_printing_leaves_a_question(store, caller):
    store.write(actions.add_printer, name="piso-2", url="agent://piso2", principal=ANYBODY, now=AT)
    store.write(actions.route_papers, purpose="tickets", sala=None, printer="piso-2", principal=ANYBODY, now=AT)
    agent = caller("agente", printer="piso-2")
    job = enqueue(store)
    agent.post(f"/agente/trabajos/{job}/marcas", {"attempt": 1})
    agent.post("/agente/recuperaciones")
    assert agent.get(f"/impresiones/{job}").json["state"] == "desconocida"
    agent.post("/agente/estados", {"problem": "La impresora no tiene papel."})
    with store.read() as session:
        assert queries.troubles(session) == {"piso-2": "La impresora no tiene papel."}


# Pages


def test_the_page_asks_one_sentence_with_two_buttons_and_forgets_it_once_answered(store, kiosko, person):
    job = enqueue(store)
    set_state(store, job, State.UNKNOWN)
    clerk = person("ventanilla")
    page = clerk.get("/impresiones").get_data(as_text=True)
    assert "¿Salió el ticket A-047 en la impresora kiosko?" in page
    assert len(re.findall(rf'action="/impresiones/{job}/respuestas"', page)) == 2
    for _ in range(2):
        clerk.post(f"/impresiones/{job}/respuestas", {"salio": "no"}, key="press")
    page = clerk.get("/impresiones").get_data(as_text=True)
    assert "¿Salió el" not in page
    with store.read() as session:
        assert session.query(PrintJob).where(PrintJob.original_id == job).count() == 1


def test_a_paper_is_shown_from_its_stored_bytes(store, kiosko, person):
    job = enqueue(store)
    clerk = person("ventanilla")
    page = clerk.get(f"/impresiones/{job}").get_data(as_text=True)
    assert "<h1>Ticket A-047</h1>" in page and "SU TURNO" in page
    picture = clerk.get(f"/impresiones/{job}.png")
    raw = clerk.get(f"/impresiones/{job}.bin")
    assert picture.data == decode(raw.data).png()
    assert picture.headers["ETag"] == raw.headers["ETag"] == f'"{sha256(raw.data).hexdigest()}"'
    with store.read() as session:
        (one,) = queries.printers(session)
    other_now = f"{one['url']}?codepage=ascii&width=32"
    store.write(actions.add_printer, name="kiosko", url=other_now, principal=ANYBODY, now=now_utc())
    assert clerk.get(f"/impresiones/{job}.png").data == picture.data, "the printer changed, what it had printed did not"
    assert person("unidad").get(f"/impresiones/{job}.png").status_code == 403


def test_a_printer_that_is_not_there_is_said_so(store):
    with pytest.raises(NotFound):
        store.write(
            actions.route_papers, purpose="tickets", sala=None, printer="nada", principal=ANYBODY, now=now_utc()
        )


def test_many_jobs_from_many_threads_come_out_once_each(store, kiosko, folder, spool):
    spool.beat()
    jobs: list[int | None] = []
    threads = [
        threading.Thread(target=lambda n=n: jobs.extend(enqueue(store, f"A-{n}{i}") for i in range(5)))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: {state_of(store, job) for job in jobs} == {"confirmada"})
    assert len(list(folder.iterdir())) == len(set(jobs)) == 20


def test_an_administrator_adds_tries_and_retires_a_printer(store, person, folder):
    admin = person("admin")
    form = {"name": "Caja 1", "url": f"folder://{folder}", "purpose": "cargos", "sala": ""}
    assert admin.post("/admin/impresoras", form).status_code == 302
    page = admin.get("/admin/impresoras").get_data(as_text=True)
    assert "Caja 1" in page and "cargos · todas las salas" in page
    with store.read() as session:
        printer = actions.find_printer(session, "Caja 1").id
    assert admin.post(f"/admin/impresoras/{printer}/pruebas").status_code == 302
    with store.read() as session:
        assert [row.title for row in queries.recent(session)] == ["página de prueba de Caja 1"]
    admin.post(f"/admin/impresoras/{printer}/bajas")
    assert "Caja 1" not in admin.get("/admin/impresoras").get_data(as_text=True).split("Agregar")[0]
    wrong = admin.post("/admin/impresoras", {**form, "url": "ftp://x"})
    assert wrong.status_code == 422 and "no se entiende" in wrong.get_data(as_text=True)
    assert person("ventanilla").get("/admin/impresoras").status_code == 403


ANSWERS = {"columns": "32", "accents": "C", "qr": "dibujado", "cut": "no"}


def test_what_a_person_saw_of_the_test_page_is_how_the_next_paper_is_built(store, kiosko, person, folder, spool):
    admin, printer = person("admin"), _id(store, "kiosko")
    page = f"/admin/impresoras/{printer}/calibracion"
    assert "Empiece por la página de prueba" in admin.get(page).get_data(as_text=True)
    refused = admin.post(f"/admin/impresoras/{printer}/calibraciones", ANSWERS)
    assert refused.status_code == 409 and "Primero imprima" in refused.get_data(as_text=True)
    assert admin.post(f"/admin/impresoras/{printer}/pruebas").headers["Location"] == page
    assert "todavía no sale" in admin.get(page).get_data(as_text=True)
    spool.beat()
    with store.read() as session:
        job = actions.last_test(session, printer).id
    wait_for(lambda: state_of(store, job) == "confirmada")
    assert "La impresora confirmó" in admin.get(page).get_data(as_text=True)
    assert admin.post(f"/admin/impresoras/{printer}/calibraciones", {**ANSWERS, "qr": ""}).status_code == 422
    assert admin.post(f"/admin/impresoras/{printer}/calibraciones", ANSWERS).status_code == 302
    with store.read() as session:
        profile = Profile.from_url(session.get(Printer, printer).url)
    assert profile == Profile(columns=32, codepage="cp1252", draws_qr=False, cuts=False)
    told = admin.get(f"/impresiones/impresoras/{printer}").get_data(as_text=True)
    assert "32 columnas, CP1252, QR dibujado, no corta, confirma" in told
    with store.read() as session:
        paper = decode(session.get(PrintJob, enqueue(store)).data, columns=32)
    assert paper.codepages == ("cp1252",) and paper.qrs == () and paper.cuts == 0


def test_a_printer_that_is_mute_is_calibrated_as_such_and_never_confirms(store, kiosko, person):
    """P10: a person's word that the page came out does not make the printer one that answers."""
    admin, printer = person("admin"), _id(store, "kiosko")
    admin.post(f"/admin/impresoras/{printer}/pruebas")
    with store.read() as session:
        job = actions.last_test(session, printer).id
    store.write(actions.mark_sending, job, attempt=1, now=now_utc())
    store.write(actions.keep_result, job, Outcome(State.UNKNOWN, "no contestó"), attempt=1, now=now_utc())
    assert "no confirmó" in admin.get(f"/admin/impresoras/{printer}/calibracion").get_data(as_text=True)
    admin.post(f"/admin/impresoras/{printer}/calibraciones", ANSWERS | {"cut": "si"})
    with store.read() as session:
        assert Profile.from_url(session.get(Printer, printer).url).answers is False
        assert queries.questions(session) == []


def test_a_printers_history_tells_each_change_once(store, kiosko, person):
    printer = _id(store, "kiosko")
    for health in (Health(), Health(), Health(warning=LOW_PAPER), Health("La impresora no tiene papel."), Health()):
        store.write(actions.note_health, printer, health, now=now_utc())
    with store.read() as session:
        card = queries.printer_card(session, printer, now=now_utc())
    assert [event.kind for event in card["events"]] == ["lista", "problema", "aviso", "lista", "direccion"]
    page = person("ventanilla").get(f"/impresiones/impresoras/{printer}")
    assert page.status_code == 200 and "no tiene papel" in page.get_data(as_text=True)
    assert person("ventanilla").get("/impresiones/impresoras/999").status_code == 404


def test_a_printer_counts_its_papers(store, kiosko):
    printed, asked, _ = enqueue(store), enqueue(store, "A-048"), enqueue(store, "A-049")
    set_state(store, printed, State.CONFIRMED)
    store.write(actions.mark_sending, asked, attempt=1, now=now_utc())
    store.write(actions.keep_result, asked, Outcome(State.UNKNOWN, ""), attempt=1, now=now_utc())
    store.write(actions.answer, asked, came_out=True, principal=CLERK, now=now_utc())
    copy = store.write(actions.reprint, printed, principal=CLERK, now=now_utc())["id"]
    set_state(store, copy, State.CONFIRMED)
    with store.read() as session:
        card = queries.printer_card(session, _id(store, "kiosko"), now=now_utc())
    assert card["today"] == card["month"] == {"printed": 3, "copies": 1, "given_up": 0, "asked": 1}


def test_little_paper_is_told_before_there_is_none(store, kiosko):
    store.write(actions.note_health, _id(store, "kiosko"), Health(warning=LOW_PAPER), now=now_utc())
    with store.read() as session:
        assert queries.warnings(session) == {"kiosko": LOW_PAPER}
        found = paper_troubles(session, now=now_utc())
    assert [(one.kind, one.how.grave, one.how.clerks) for one in found] == [("poco_papel", False, True)]


@pytest.mark.parametrize(
    "problem",
    [
        "La impresora no tiene papel.",
        "La impresora tiene la tapa abierta.",
        "La impresora señala un error. Apáguela y vuelva a encenderla.",
        "No se pudo conectar con la impresora (no responde).",
    ],
)
def test_whatever_keeps_a_printer_from_printing_rings_for_a_person_until_it_is_over(store, kiosko, problem):
    printer = _id(store, "kiosko")
    store.write(actions.note_health, printer, Health(problem=problem), now=now_utc())
    with store.read() as session:
        (trouble,) = paper_troubles(session, now=now_utc())
        events = queries.printer_card(session, printer, now=now_utc())["events"]
    assert (trouble.kind, trouble.how.grave, trouble.how.clerks, trouble.detail) == ("impresora", True, True, problem)
    assert (events[0].kind, events[0].text) == ("problema", problem)
    store.write(actions.note_health, printer, Health(), now=now_utc())
    with store.read() as session:
        assert paper_troubles(session, now=now_utc()) == []


def _id(store: Store, name: str) -> int:
    with store.read() as session:
        return actions.find_printer(session, name).id


def test_a_marked_paper_queued_by_another_feature_is_a_copy_of_the_first(store, kiosko):
    first = enqueue(store)
    marked = reprinted(ticket(), number=1, at=now_utc(), by="Rosa")
    job = store.write(
        actions.enqueue, purpose="tickets", sala_code=None, paper=marked, subject="ticket:A-047", now=now_utc()
    )
    with store.read() as session:
        row = session.get(PrintJob, job)
        assert (row.copy, row.original_id) == (1, first)


def test_a_sala_sees_its_own_papers_and_those_of_printers_that_serve_all(store, folder, kiosko):
    for sala in ("norte", "sur"):
        name = f"tickets-{sala}"
        store.write(actions.add_printer, name=name, url=f"folder://{folder / sala}", principal=ANYBODY, now=now_utc())
        store.write(actions.route_papers, purpose="tickets", sala=sala, printer=name, principal=ANYBODY, now=now_utc())
    of_all, north, south = enqueue(store, "A-001"), enqueue(store, "A-002", "norte"), enqueue(store, "A-003", "sur")
    for job in (of_all, north, south):
        set_state(store, job, State.UNKNOWN)
    with store.read() as session:
        assert [row.id for row in queries.recent(session, sala="norte")] == [north, of_all]
        assert [row.id for row in queries.questions(session, sala="sur")] == [of_all, south]
        assert len(queries.questions(session)) == 3
