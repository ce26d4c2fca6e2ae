"""The agent against a real centre on a real port and a printer with faults."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from apiflask import APIFlask
from werkzeug.serving import make_server

from cac.access import actions as access
from cac.app import create_app
from cac.base import Base
from cac.paper import actions, queries
from core.clock import now_utc
from kiosks.agent.centre import CentreJobs, CentreRefuses, NotSecure
from kiosks.agent.pin import AnotherCentre, NotAPin
from printing import handshake
from printing.outcome import Outcome, State
from printing.papers import CalibrationPaper
from printing.ports import open_port
from printing.spool import Job, Worker
from storage import Store
from tests.databases import free_port
from tests.printing.fault_printer import FaultPrinter
from web.access import ANYBODY
from web.settings import Settings
from web.tls import authority_pin, certificate


@pytest.fixture
def schema():
    return Base.metadata


@pytest.fixture
def app(store: Store, tmp_path) -> APIFlask:
    return create_app(store, Settings(data_dir=tmp_path, secret_key="only for tests"))


@pytest.fixture
def centre(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def token(store: Store) -> str:
    now = now_utc()
    store.write(actions.add_printer, name="piso-2", url="agent://piso-2", principal=ANYBODY, now=now)
    return store.write(access.create_token, role="agente", name="piso-2", now=now)


@pytest.fixture
def job(store: Store, token) -> int:
    paper = CalibrationPaper(site="Municipalidad", printer="piso-2", printed_at=now_utc())
    with store.read() as session:
        printer = actions.find_printer(session, "piso-2").id
    return store.write(actions.print_test, printer, paper=paper, now=now_utc())["print_job"]


def state_of(store: Store, job: int) -> str | None:
    with store.read() as session:
        return queries.job_state(session, job)


def test_an_agent_named_like_its_printer_prints_its_jobs(store, centre, token, job):
    with FaultPrinter() as printer:
        worker = Worker(CentreJobs(centre, token), open_port(printer.url))
        worker.source.recover()
        assert worker.step() and not worker.step()
        with store.read() as session:
            assert printer.paper == session.get(actions.PrintJob, job).data
    assert state_of(store, job) == "confirmada"


def test_a_mute_printer_at_the_agent_is_a_question_at_the_centre(store, centre, token, job, monkeypatch):
    monkeypatch.setattr(handshake, "BARRIER_S", 0.3)
    monkeypatch.setattr(handshake, "SLOWEST_BYTES_PER_S", 100_000)
    with FaultPrinter("mute") as printer:
        Worker(CentreJobs(centre, token), open_port(printer.url)).step()
    assert state_of(store, job) == "desconocida"


def test_an_answer_lost_on_the_way_changes_nothing_twice(store, centre, token, job, monkeypatch):
    """The link dies after the centre did each thing and before it said so."""
    monkeypatch.setattr("kiosks.agent.centre.PAUSE_S", 0.01)
    source = CentreJobs(centre, token)
    send, lost = source.session.request, set()

    def flapping(method, url, **kw):
        answer = send(method, url, **kw)
        if method == "POST" and url not in lost:
            lost.add(url)
            raise requests.ConnectionError("the link went")
        return answer

    monkeypatch.setattr(source.session, "request", flapping)
    with FaultPrinter() as printer:
        assert Worker(source, open_port(printer.url)).step()
        assert printer.paper.count(b"\x1dV") == 1
    assert len(lost) >= 2
    assert state_of(store, job) == "confirmada"


def test_an_agent_started_again_leaves_what_it_was_printing_as_a_question(store, centre, token, job):
    source = CentreJobs(centre, token)
    claimed = source.claim()
    assert claimed is not None and source.mark(claimed)
    again = CentreJobs(centre, token)
    again.recover()
    assert again.claim() is None
    assert state_of(store, job) == "desconocida"
    again.result(Job(str(job), b"", 1), Outcome(State.CONFIRMED, "La impresora confirmó."))
    assert state_of(store, job) == "confirmada"


def test_the_loop_waits_for_a_centre_that_is_off_and_goes_on(store, app, token, job):
    port = free_port()
    with FaultPrinter() as printer:
        errors: list[Exception] = []
        worker = Worker(CentreJobs(f"http://127.0.0.1:{port}", token), open_port(printer.url), on_error=errors.append)
        thread = threading.Thread(target=worker.loop)
        thread.start()
        time.sleep(0.5)  # not a wait: it may have asked in vain or not, both must do
        server = make_server("127.0.0.1", port, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        until = time.monotonic() + 60
        while state_of(store, job) != "confirmada":
            assert time.monotonic() < until
            time.sleep(0.05)
        worker.stop()
        thread.join(60)
        server.shutdown()
        server.server_close()


def test_a_wrong_token_and_plain_http_are_refused_in_words(centre, token):
    with pytest.raises(CentreRefuses, match="token"):
        CentreJobs(centre, "wrong").describe()
    with pytest.raises(NotSecure, match="https"):
        CentreJobs("http://cac.ejemplo.gob.pe", token)


@pytest.fixture
def secure(app, tmp_path) -> Iterator[tuple[str, Path]]:
    keys = tmp_path / "keys"
    files = certificate(keys, "127.0.0.1", now=now_utc())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(**files)
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}", keys
    server.shutdown()
    server.server_close()


def test_an_agent_knows_its_centre_by_the_fingerprint_alone(store, secure, token, job):
    url, keys = secure
    with pytest.raises(requests.exceptions.SSLError):
        CentreJobs(url, token).describe()
    typed = authority_pin(keys).lower().replace("-", " ")
    with FaultPrinter() as printer:
        assert Worker(CentreJobs(url, token, pin=typed), open_port(printer.url)).step()
    assert state_of(store, job) == "confirmada"


def test_a_renewed_server_certificate_keeps_the_fingerprint(secure, token):
    url, keys = secure
    pin = authority_pin(keys)
    (keys / "server.pem").unlink()
    certificate(keys, "127.0.0.1", now=now_utc())
    assert authority_pin(keys) == pin


def test_a_centre_of_another_key_is_refused_before_the_token_is_told(secure, token, tmp_path):
    url, _ = secure
    certificate(tmp_path / "other", "127.0.0.1", now=now_utc())
    source = CentreJobs(url, token, pin=authority_pin(tmp_path / "other"))
    with pytest.raises(AnotherCentre):
        source.describe()
    with pytest.raises(NotAPin):
        CentreJobs(url, token, pin="7K4M").describe()
