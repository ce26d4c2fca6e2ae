"""From an empty PC to a till that starts by itself. Each step looks first and does only what is missing, so all of it may be
run again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import requests

from cabinas.app import ROOT
from cabinas.install import service
from cabinas.install.place import UNIT, Place
from cabinas.install.unit import desktop_entry, service_unit
from cabinas.serve import SETTINGS_FILE
from web.server import Refused

if sys.platform != "win32":
    import grp
    import pwd

FREE_BYTES_MIN = 512 * 1024 * 1024  # years of cases; the scans want more
STARTS_S = 90.0
PRINTER_GROUPS = ("lp", "dialout")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox-esr", "firefox")


def make_user(name: str) -> None:
    """The system's own user that the till runs as."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        service.ran(["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name])


def printer_groups() -> list[str]:
    here = {row.gr_name for row in grp.getgrall()}
    return [name for name in PRINTER_GROUPS if name in here]


def make_folders(place: Place) -> None:
    """Raises Refused."""
    for folder in (place.data, place.marker, place.copies):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if place.user:
                shutil.chown(folder, place.user, place.user)
        except OSError as error:
            raise Refused(f"No se puede usar la carpeta {folder}: {error.strerror}.") from None
    free = shutil.disk_usage(place.data).free
    if free < FREE_BYTES_MIN:
        raise Refused(f"En el disco de {place.data} quedan {free // 2**20} MB libres y la caja pide 512.")


def same_disk(place: Place) -> bool:
    return place.data.stat().st_dev == place.copies.stat().st_dev


def check_readable(place: Place) -> None:
    """The till's user must be able to run this very program. Raises Refused."""
    command = [str(ROOT / ".venv" / "bin" / "python"), "-c", "import cabinas"]
    done = subprocess.run(
        command,
        cwd="/",
        env={"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        **service.as_options(place.user),
    )
    if done.returncode:
        raise Refused(
            f"El usuario {place.user or 'actual'} no puede ejecutar el programa de {ROOT}. Clónelo en /opt/mesa-cac y repita allí."
        )


def write_settings(place: Place) -> None:
    _write(place.data / SETTINGS_FILE, place.settings_text(), place.user)


def point_to_program(place: Place) -> Path:
    """The version that the service starts: this one, unless an update chose another."""
    if not (place.program / "run.py").exists():
        with service.acting_as(place.user):
            place.program.unlink(missing_ok=True)
            place.program.symlink_to(ROOT)
    return place.program.resolve()


def write_unit(place: Place) -> bool:
    """True when it says something else than before."""
    text = service_unit(place, printer_groups() if place.user else ())
    if place.unit.exists() and place.unit.read_text() == text:
        return False
    place.unit.parent.mkdir(parents=True, exist_ok=True)
    place.unit.write_text(text)
    return True


def start_with_the_pc(place: Place, *, changed: bool) -> None:
    """Raises Refused."""
    if changed:
        service.systemctl(place, "daemon-reload")
    service.systemctl(place, "enable", "--quiet", UNIT)
    service.systemctl(place, "restart" if changed else "start", UNIT)
    if not place.user:
        try:
            service.ran(["loginctl", "enable-linger"])
        except Refused:
            click.echo(
                "La caja inicia cuando este usuario entra. Para que inicie al encender: sudo loginctl enable-linger "
                f"{pwd.getpwuid(os.geteuid()).pw_name}",
                err=True,
            )


def answers(place: Place, *, within_s: float = STARTS_S, alive: Callable[[], bool] = lambda: True) -> bool:
    """Whether the till's page opens, in rescue too; False at once when what should open it is no longer `alive`."""
    until = time.monotonic() + within_s
    while time.monotonic() < until and alive():
        try:
            requests.get(f"{place.url}/health", timeout=5)
            return True
        except requests.RequestException:
            time.sleep(0.5)
    return False


def write_desktop_entry(place: Place) -> Path:
    folder = Path("/etc/xdg/autostart") if place.user else Path.home() / ".config" / "autostart"
    folder.mkdir(parents=True, exist_ok=True)
    entry = folder / "cabina.desktop"
    entry.write_text(desktop_entry(place))
    return entry


def open_browser(url: str, *, find: Callable[[str], str | None] = shutil.which) -> list[str]:
    """The command that shows the till on the whole screen. Raises Refused."""
    for name in BROWSERS:
        if found := find(name):
            if "firefox" in name:
                return [found, "--kiosk", url]
            profile = Path.home() / ".config" / "cabina-navegador"
            quiet = ["--no-first-run", "--noerrdialogs", "--hide-crash-restore-bubble", f"--user-data-dir={profile}"]
            return [found, f"--app={url}", "--start-fullscreen", *quiet]
    raise Refused("No hay navegador en esta PC: sudo apt-get install chromium")


def _write(path: Path, text: str, user: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
    if user:
        shutil.chown(path, user, user)
