"""Where a cabin lives on its PC. All but the copies is of the one user that the till runs as."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from web.server import Refused

PROGRAM = "programa"  # a link in the data folder to the version in use: what the service starts
SYSTEM_USER = "cabina"
SYSTEM_UNITS = Path("/etc/systemd/system")
SYSTEM_DATA = Path("/var/lib/cabina/datos")
UNIT = "cabina.service"
PLAIN = re.compile(r"/[\w./-]+", re.ASCII)  # what a unit, a shell and a person read the same


@dataclass(frozen=True, slots=True)
class Place:
    data: Path
    marker: Path
    copies: Path
    port: int
    user: str  # "": the till is of whoever installs it, and so is its service

    @property
    def program(self) -> Path:
        return self.data / PROGRAM

    @property
    def unit(self) -> Path:
        return (SYSTEM_UNITS if self.user else own_units()) / UNIT

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings_text(self) -> str:
        """What each command on this data folder reads, so that all of them mean the same mark and the same copies."""
        return f"CAC_MARKER_DIR={self.marker}\nCAC_COPIES_DIR={self.copies}\nCAC_PORT={self.port}\n"


def own_units() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def own_data() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cabina" / "datos"


def default_data(system: bool) -> Path:
    """The folder of the cabin that this PC has, else where one goes."""
    unit = (SYSTEM_UNITS if system else own_units()) / UNIT
    if unit.exists() and (found := re.search(r"--dir (\S+)", unit.read_text())):
        return Path(found[1])
    return SYSTEM_DATA if system else own_data()


def checked(path: Path) -> Path:
    """An absolute folder with a plain name. Raises Refused."""
    path = path.expanduser().absolute()
    if not PLAIN.fullmatch(str(path)):
        raise Refused(f"La carpeta {path} tiene espacios o signos. Elija una de letras, números, puntos y guiones.")
    return path
