"""A version of the program out of its repository: a folder of its own beside the first clone, with its own environment. The till
works on meanwhile."""

from __future__ import annotations

from pathlib import Path

from cabinas.install.service import ran
from web.server import Refused

GIT_S, ENVIRONMENT_S = 600.0, 3600.0


def fetch(program: Path, version: str | None) -> Path:
    """The folder of `version` (a branch, a tag, a commit; none: the newest), ready to run. Raises Refused; then nothing changed."""
    clone = _clone(program)
    ran(["git", "-C", str(clone), "fetch", "--quiet", "--tags", "origin"], timeout=GIT_S)
    commit = _commit(clone, version)
    if commit == _said(program, "rev-parse", "HEAD"):
        raise Refused("La caja ya es esa versión.")
    folder = clone.parent / f"{clone.name}-{commit[:10]}"
    if not folder.exists():
        ran(["git", "-C", str(clone), "worktree", "add", "--detach", str(folder), commit], timeout=GIT_S)
    ran(["make", "-C", str(folder), "--silent", ".venv/.cabina"], timeout=ENVIRONMENT_S)
    return folder


def forget_others(program: Path, *, keep: Path | None) -> None:
    """Only the version in use and the one before stay on the disk; the first clone always does."""
    clone = _clone(program)
    for line in _said(clone, "worktree", "list", "--porcelain").splitlines():
        folder = Path(line.removeprefix("worktree "))
        if line.startswith("worktree ") and folder.name.startswith(f"{clone.name}-") and folder not in (program, keep):
            ran(["git", "-C", str(clone), "worktree", "remove", "--force", str(folder)], timeout=GIT_S)


def _clone(program: Path) -> Path:
    return Path(_said(program, "rev-parse", "--path-format=absolute", "--git-common-dir")).parent


def _commit(clone: Path, version: str | None) -> str:
    for name in (f"origin/{version}", version) if version else ("origin/HEAD", "origin/main"):
        try:
            return _said(clone, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        except Refused:
            continue
    raise Refused(f"No hay una versión {version or 'nueva'} en el repositorio.")


def _said(folder: Path, *words: str) -> str:
    return ran(["git", "-C", str(folder), *words], timeout=GIT_S).strip()
