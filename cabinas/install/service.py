"""The till's service, where this PC has systemd; and commands run as the till's own user."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cabinas.install.place import UNIT, Place
from web.server import Refused

if sys.platform != "win32":
    import pwd

COMMAND_S = 120.0
SYSTEMD = Path("/run/systemd/system")  # there while systemd runs the PC (sd_booted(3))


def has_systemd() -> bool:
    return SYSTEMD.exists()


def ran(command: Sequence[str], *, timeout: float = COMMAND_S, **options: object) -> str:
    """What a command of the system said. Raises Refused with its last line."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **options)  # type: ignore[call-overload]
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise Refused(f"No se pudo ejecutar «{' '.join(command[:3])}»: {failure}") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Refused(f"«{' '.join(command[:3])}» no funcionó: {lines[-1] if lines else 'no dijo por qué'}")
    return str(done.stdout)


def systemctl(place: Place, *words: str) -> str:
    return ran(["systemctl", *([] if place.user else ["--user"]), *words])


def is_active(place: Place) -> bool:
    if not has_systemd() or not place.unit.exists():
        return False
    scope = [] if place.user else ["--user"]
    return subprocess.run(["systemctl", *scope, "is-active", "--quiet", UNIT], check=False).returncode == 0


@contextmanager
def stopped(place: Place, *, wanted: bool = False) -> Iterator[bool]:
    """The service out of the way for a while, if it runs (whether it did); it comes back whatever happened. `wanted`: also one that
    ends as soon as it starts."""
    working = wanted or is_active(place)
    if working:
        systemctl(place, "stop", UNIT)
    try:
        yield working
    finally:
        if working:
            systemctl(place, "start", UNIT)


def owner_of(folder: Path) -> str:
    """The user whose data it is, when that is somebody else and we may act for them."""
    owner = folder.stat().st_uid
    return pwd.getpwuid(owner).pw_name if os.geteuid() == 0 and owner != 0 else ""


@contextmanager
def acting_as(user: str) -> Iterator[None]:
    """A few lines of this process as the till's user: what they write is the till's."""
    if not user:
        yield
        return
    row = pwd.getpwnam(user)
    os.setegid(row.pw_gid)
    os.seteuid(row.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def as_user(user: str, program: Path, *words: str, environment: Mapping[str, str] | None = None) -> None:
    """`run.py cabina WORDS` of a version of the program, as the till's user; it speaks for itself. Raises Refused.

    As that user, or what it writes would not be the till's; and a PC's fingerprint is another to who may read its board's number."""
    command = [str(program / ".venv" / "bin" / "python"), "run.py", "cabina", *words]
    done = subprocess.run(
        command, cwd=program, env=_surroundings(user) | dict(environment or {}), check=False, **as_options(user)
    )
    if done.returncode:
        sys.exit(done.returncode)  # it said why


def _surroundings(user: str) -> dict[str, str]:
    if not user:
        return dict(os.environ) | {"PYTHONUNBUFFERED": "1"}
    return {
        "PYTHONUNBUFFERED": "1",
        "PATH": os.environ.get("PATH", ""),
        "HOME": pwd.getpwnam(user).pw_dir,
        "LANG": "C.UTF-8",
    }


def as_options(user: str) -> dict[str, Any]:
    if not user:
        return {}
    row = pwd.getpwnam(user)
    return {"user": row.pw_uid, "group": row.pw_gid, "extra_groups": os.getgrouplist(user, row.pw_gid)}
