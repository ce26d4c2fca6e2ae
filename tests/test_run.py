"""The command line as an operator meets it: real processes, one clear line when something is wrong."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import requests

from tests.databases import free_port
from tests.servers import ROOT, LiveServer, run_cli

pytestmark = pytest.mark.slow


def complaint(*arguments: str, **environment: str) -> tuple[int, str]:
    ended = run_cli(*arguments, **environment)
    assert not ended.stdout
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    return ended.returncode, ended.stderr


def test_a_server_says_where_it_listens_and_stops_cleanly(demo):
    server = demo.serve()
    assert requests.get(f"{server.url}/health", timeout=30).json()["database"]["ok"]
    assert server.url.startswith("http://127.0.0.1:")
    assert server.stop() == 0


def test_a_second_server_on_the_same_sqlite_data_is_refused(demo):
    demo.serve()
    status, said = complaint("serve", "--port", "0", CAC_DATA_DIR=str(demo.centro))
    assert status == 2 and "ya usa los datos" in said


@pytest.fixture
def taken():
    """A port that another program uses."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield str(other.getsockname()[1])


def test_a_port_in_use_is_one_clear_line_and_leaves_the_data_alone(demo, taken):
    address = demo.centro / "direccion"
    before = address.read_text()
    status, said = complaint("serve", "--port", taken, CAC_DATA_DIR=str(demo.centro))
    assert status == 2 and taken in said and "--port" in said
    assert address.read_text() == before


def test_a_till_on_a_port_in_use_is_one_clear_line(demo, taken):
    status, said = complaint("cabina", "--dir", str(demo.cabina), "--port", taken)
    assert status == 2 and taken in said


def test_a_demonstration_is_never_another_program_that_answers_on_its_port(tmp_path, taken):
    status, said = complaint("demo", "--dir", str(tmp_path / "demo"), "--port", taken, "--prepare")
    assert status == 2 and taken in said
    assert not (tmp_path / "demo").exists()


def test_a_killed_server_comes_back_at_once(demo):
    demo.serve().kill()
    assert demo.serve().stop() == 0


def test_two_servers_share_one_postgresql(databases, tmp_path):
    environment = {"CAC_DATABASE_URL": databases.empty("postgresql"), "CAC_DATA_DIR": str(tmp_path)}
    servers = [LiveServer("serve", "--port", "0", **environment) for _ in range(2)]
    assert [server.stop() for server in servers] == [0, 0]


def test_the_server_speaks_tls_with_an_authority_of_its_own(demo):
    server = demo.serve("--tls")
    authority = demo.centro / "keys" / "ca.pem"
    assert requests.get(f"{server.url}/health", verify=str(authority), timeout=30).status_code == 200


def test_a_token_is_printed_alone_and_works_while_the_server_runs(demo):
    server = demo.serve()
    token = demo.token("kiosko")
    assert len(token.split()) == 1 and len(token) > 40
    answer = requests.get(f"{server.url}/api/v1/nada", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nada"], "nada"),
        (["token", "create", "--role", "rey", "--name", "x"], "rey"),
        (["token", "create"], "--role"),
        (["serve", "--port", "muchos"], "muchos"),
        (["staff", "add", "ana", "--name", "Ana", "--role", "admin", "--password", "corta"], "contraseña"),
    ],
)
def test_bad_input_is_one_clear_line(tmp_path, arguments, expected):
    status, said = complaint(*arguments, CAC_DATA_DIR=str(tmp_path))
    assert status != 0 and expected in said


def test_a_bad_setting_is_named(tmp_path):
    status, said = complaint("db", "upgrade", CAC_DATA_DIR=str(tmp_path), CAC_PORT="ocho mil")
    assert status == 2 and "CAC_PORT" in said


def test_a_process_clock_needs_the_data_of_a_demonstration(tmp_path, demo):
    instant = {"CAC_CLOCK": "2026-03-31T10:00:00-05:00"}
    assert complaint("serve", "--port", "0", CAC_DATA_DIR=str(tmp_path), **instant)[0] == 2
    assert demo.serve(**instant).stop() == 0


def test_a_database_that_does_not_answer_is_one_clear_line(tmp_path):
    url = "postgresql+psycopg://cac@127.0.0.1:1/cac"
    status, said = complaint("db", "upgrade", CAC_DATA_DIR=str(tmp_path), CAC_DATABASE_URL=url)
    assert status == 1 and "no responde" in said


def test_the_log_of_a_new_centre_is_whole(demo):
    checked = run_cli("audit", "verify", CAC_DATA_DIR=str(demo.centro))
    assert checked.returncode == 0 and "íntegro" in checked.stdout


def test_the_demonstration_is_made_once_and_comes_back_with_its_data(demo):
    port = str(free_port())
    before = demo.token("kiosko")
    again = run_cli("demo", "--dir", str(demo.folder), "--port", port, "--prepare")
    assert again.returncode == 0, again.stderr
    server = demo.serve()
    headers = {"Authorization": f"Bearer {before}"}
    assert requests.get(f"{server.url}/api/v1/nada", headers=headers, timeout=30).status_code == 404


def test_a_folder_with_other_data_is_never_touched_by_the_demonstration(tmp_path):
    precious = tmp_path / "centro" / "cac.db"
    precious.parent.mkdir()
    precious.write_text("de verdad")
    assert complaint("demo", "--dir", str(tmp_path), "--port", str(free_port()), "--fresh", "--prepare")[0] == 1
    assert precious.read_text() == "de verdad"


def test_the_demonstration_stops_cleanly_when_told(demo):
    command = [sys.executable, str(ROOT / "run.py"), "demo", "--dir", str(demo.folder), "--port", str(free_port())]
    command += ["--cabina-port", str(free_port())]
    town = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert town.stdout
    for line in town.stdout:
        if "Ctrl-C" in line:
            break
    time.sleep(0.5)
    town.send_signal(signal.SIGINT)
    assert town.wait(30) == 0
