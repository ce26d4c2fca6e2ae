"""A version of the program out of its repository: a folder of its own beside the first clone, with its own environment. The till
works on meanwhile.

A version is known by the whole hash of its commit, which is the hash of all that is in it: what the centre approved, signed, or
what a person was told. Names are never believed: whoever can move a tag in the repository moves no till."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from cabinas.install import service
from core.wire import Release
from web.server import Refused

GIT_S, ENVIRONMENT_S = 600.0, 3600.0
HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
UNTOLD = (
    "La Municipalidad aún no dijo qué versión usar (Administración, Cabinas, «Teléfonos y versión»). "
    "Pídale que la diga, o escriba usted la huella entera: cabina update HUELLA."
)
STAYS = "La caja sigue con su versión."


def approved(told: str | None, release: Release | None) -> str:
    """The commit to be: the hash that a person typed, else what the centre approved. Raises Refused."""
    if told and HASH.fullmatch(told.lower()):
        return told.lower()
    if told and (release is None or told != release.name):
        known = f" La aprobada es {release.name}." if release else ""
        raise Refused(f"«{told}» no es una huella ni la versión aprobada.{known} Escriba la huella entera. {STAYS}")
    if release is None:
        raise Refused(UNTOLD)
    return release.commit


def fetch(program: Path, commit: str) -> Path:
    """The folder of that version, ready to run. Raises Refused; then nothing changed."""
    clone = _clone(program)
    if commit == _git(program, "rev-parse", "HEAD"):
        raise Refused("La caja ya es esa versión.")
    if not _has(clone, commit):
        _fetch(clone)
    if not _has(clone, commit):
        raise Refused(f"En el repositorio no está la versión de huella {commit[:12]}…: no se instala otra. {STAYS}")
    folder = clone.parent / f"{clone.name}-{commit[:10]}"
    if not folder.exists():
        _git(clone, "worktree", "prune")  # a folder that somebody removed by hand
        _git(clone, "worktree", "add", "--quiet", "--detach", str(folder), commit)
    _check_untouched(folder, commit)
    try:
        # by the Python of this version, which the till's user can run; the administrator's own may be another
        python = f"PYTHON={sys._base_executable}"  # type: ignore[attr-defined]
        service.ran(["make", "-C", str(folder), "--silent", python, ".venv/.cabina"], timeout=ENVIRONMENT_S)
    except Refused as failure:
        raise Refused(
            f"La versión nueva está en {folder}, pero no se pudo preparar: {failure.message}. {STAYS} Repita cuando haya internet."
        ) from None
    return folder


def forget_others(program: Path, *, keep: Path | None) -> None:
    """Only the version in use and the one before stay on the disk; the first clone always does."""
    clone = _clone(program)
    for line in _git(clone, "worktree", "list", "--porcelain").splitlines():
        folder = Path(line.removeprefix("worktree "))
        if line.startswith("worktree ") and folder.name.startswith(f"{clone.name}-") and folder not in (program, keep):
            _git(clone, "worktree", "remove", "--force", str(folder))


def _fetch(clone: Path) -> None:
    """Raises Refused."""
    try:
        _git(clone, "-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--tags", "--force", "origin")
    except Refused as failure:
        raise Refused(
            f"No se pudo traer la versión nueva: no hay internet o el repositorio no responde ({failure.message}). "
            f"{STAYS} Repita cuando haya."
        ) from None


def _check_untouched(folder: Path, commit: str) -> None:
    """That folder is that version, to the byte; what the program makes itself (`.gitignore`) does not count. Raises Refused."""
    if _git(folder, "rev-parse", "HEAD") != commit or _git(folder, "status", "--porcelain"):
        raise Refused(
            f"La carpeta {folder} no es la versión tal como se publicó: alguien la cambió. Bórrela y repita. {STAYS}"
        )


def _has(clone: Path, commit: str) -> bool:
    try:
        return _git(clone, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") == commit
    except Refused:
        return False


def _clone(program: Path) -> Path:
    try:
        return Path(_git(program, "rev-parse", "--path-format=absolute", "--git-common-dir")).parent
    except Refused:
        raise Refused(
            f"{program} no es un repositorio de git. Actualice con «cabina update --from CARPETA». {STAYS}"
        ) from None


def _git(folder: Path, *words: str) -> str:
    """What git said; it asks nobody for a password, and speaks English whatever the PC does."""
    quiet = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    return service.ran(["git", "-C", str(folder), *words], timeout=GIT_S, env=os.environ | quiet).strip()
