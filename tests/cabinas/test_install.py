"""What `make cabina` writes and refuses, without systemd: the unit's text is held against systemd's own reader where there is one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cabinas.cli import cabina
from cabinas.install import service
from cabinas.install.place import Place, checked
from cabinas.install.steps import open_browser
from cabinas.install.unit import desktop_entry, service_unit
from cabinas.serve import read_settings
from core import clock
from tests.cabinas.stand_in import StandIn, make_catalogue
from tests.servers import ROOT
from web.server import Refused

PERSON = {"OPERADOR": "elva", "NOMBRE": "Elva Rojas", "PIN": "4821"}


@pytest.fixture(autouse=True)
def lima_friday() -> None:
    """A till that is installed keeps the true hour."""


@pytest.fixture
def centre():
    centre = StandIn(clock=clock.now_utc)
    centre.catalogue = make_catalogue().model_copy(update={"demo": False})
    centre.start()
    yield centre
    centre.stop()


@pytest.fixture
def installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`make cabina` with these variables, for a user of this folder; nobody at the terminal, nothing started."""
    monkeypatch.setattr(service, "has_systemd", lambda: False)

    def run(**variables: str) -> Result:
        home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "PROPIA": "1", "SIN_INICIAR": "1"}
        return CliRunner().invoke(cabina, ["install"], env=home | variables)

    return run


def a_place(folder: Path, user: str) -> Place:
    return Place(folder / "datos", folder / "marca", folder / "copias", 8100, user)


def test_an_installed_cabin_is_paired_staffed_and_pointed_to_and_a_second_time_changes_nothing(
    installs, centre: StandIn, tmp_path: Path
):
    where = {"CENTRO": centre.url, "CODIGO": centre.code, "PUERTO": "8155", "COPIAS": str(tmp_path / "usb")}
    done = installs(**where, **PERSON)
    assert done.exit_code == 0, done.output
    data = tmp_path / ".local/share/cabina/datos"
    fingerprint = centre.code.replace("-", "")[-12:]
    assert "-".join(re.findall("....", fingerprint)) in done.output
    assert (data / "programa").resolve() == ROOT and (data.stat().st_mode & 0o777) == 0o700
    settings = read_settings(data)
    assert settings.copies_dir == tmp_path / "usb" and settings.port == 8155
    assert (tmp_path / ".local/share/cabina/datos-marca/cabina.marca").exists(), "the mark lies outside the data"
    unit = tmp_path / ".config/systemd/user/cabina.service"
    assert f"--dir {data} --port 8155" in unit.read_text()
    seen = {path: path.read_bytes() for path in (unit, data / "ajustes.env", *(data / "keys").iterdir())}
    again = installs(CODIGO=centre.code)
    assert again.exit_code == 0 and "el código no se usó" in again.output
    assert seen == {path: path.read_bytes() for path in seen}


def test_each_thing_that_is_missing_or_wrong_is_one_sentence(installs, centre: StandIn, tmp_path: Path):
    def refusal(**variables: str) -> str:
        done = installs(**variables)
        assert done.exit_code != 0
        return str(getattr(done.exception, "message", "")) or done.output

    assert "Falta CENTRO" in refusal()
    assert "Falta CODIGO" in refusal(CENTRO=centre.url)
    assert "mal escrito" in refusal(CENTRO=centre.url, CODIGO="XXXX-1")
    assert "espacios" in refusal(CARPETA=str(tmp_path / "mis datos"))
    (tmp_path / "lleno").write_text("no es una carpeta")
    assert "No se puede usar la carpeta" in refusal(COPIAS=str(tmp_path / "lleno"))
    paired = {"CENTRO": centre.url, "CODIGO": centre.code}
    assert "Falta OPERADOR" in refusal(**paired), "paired all the same: the code is spent once"
    assert "Falta el PIN" in refusal(OPERADOR="elva", NOMBRE="Elva")
    assert installs(**PERSON).exit_code == 0


def test_a_disk_with_no_room_is_refused_before_the_code_is_spent(installs, centre: StandIn, monkeypatch):
    monkeypatch.setattr("cabinas.install.steps.FREE_BYTES_MIN", 1 << 62)
    done = installs(CENTRO=centre.url, CODIGO=centre.code, **PERSON)
    assert done.exit_code == 2 and "MB libres" in done.output and centre.lease is None


@pytest.mark.parametrize("user", ["", "root"], ids=["of the user", "of the system"])
def test_systemd_reads_the_unit_without_complaint(tmp_path: Path, user: str):
    place = a_place(tmp_path, user)
    (place.program / ".venv/bin").mkdir(parents=True)
    (place.program / ".venv/bin/python").symlink_to("/bin/true")
    text = service_unit(place, ["lp"] if user else [])
    assert "Restart=always" in text and "StartLimitIntervalSec=0" in text and "network" not in text
    assert ("ProtectSystem=strict" in text) == bool(user)
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    unit = tmp_path / "cabina.service"
    unit.write_text(text)
    (tmp_path / "run").mkdir()
    command = ["systemd-analyze", *([] if user else ["--user"]), "verify", str(unit)]
    environment = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path / "run")}
    said = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert said.returncode == 0 and "cabina.service" not in said.stderr, said.stderr


def test_a_copies_disk_that_is_not_there_does_not_keep_the_till_from_starting(tmp_path: Path):
    assert f"-{tmp_path}/copias" in service_unit(a_place(tmp_path, "cabina"), [])


def test_the_desktop_opens_the_till_once_it_answers(tmp_path: Path):
    place = a_place(tmp_path, "")
    assert f"Exec={place.program}/.venv/bin/python {place.program}/run.py cabina browser --port 8100" in desktop_entry(
        place
    )
    assert open_browser(place.url, find=lambda name: f"/usr/bin/{name}")[:2] == [
        "/usr/bin/chromium",
        "--app=http://127.0.0.1:8100",
    ]
    only_firefox = open_browser(place.url, find=lambda name: name if name == "firefox" else None)
    assert only_firefox == ["firefox", "--kiosk", "http://127.0.0.1:8100"]
    with pytest.raises(Refused, match="apt-get install chromium"):
        open_browser(place.url, find=lambda name: None)


def test_a_folder_with_a_name_that_a_unit_would_read_otherwise_is_refused():
    assert checked(Path("/var/lib/cabina/datos")) == Path("/var/lib/cabina/datos")
    for name in ("/var/lib/mi cabina", "/var/lib/100%", "/var/lib/ñandú"):
        with pytest.raises(Refused):
            checked(Path(name))
