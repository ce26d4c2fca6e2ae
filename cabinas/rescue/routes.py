"""The pages of rescue: what is wrong, the copies with how they are, what can still be read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from sqlcipher3 import dbapi2 as sqlcipher
from werkzeug.wrappers import Response

from cabinas.copies import Copy, copies, fault_of, put_back
from core.clock import now_utc
from core.errors import NotFound
from web.access import public

READABLE_MAX = 200  # cases shown of what can still be read

log = logging.getLogger(__name__)
bp = Blueprint("rescue", __name__)


class CopyUnknown(NotFound):
    code = "rescate.sin_copia"
    detail = "Esa copia ya no está. Actualice la página y elija otra."


@dataclass(slots=True)
class Rescue:
    """`done` is called once a sound database is in place: the till starts again on it."""

    database: Path
    copies_dir: Path
    fault: str
    done: Callable[[], object]
    restored: bool = False
    put: tuple[Copy, Path] | None = None  # the copy put back, and where what was there is


@bp.get("/health")
@public
def health() -> tuple[dict[str, Any], int]:
    return {"status": "error", "database": {"ok": False, "reason": _rescue().fault}}, 503


@bp.get("/")
@public
def show() -> str | tuple[str, int]:
    rescue = _rescue()
    if rescue.put:  # a browser keeps its connection: it asks this server once more while the till starts
        return _restored(*rescue.put)
    found = [(copy, fault_of(copy.path)) for copy in copies(rescue.copies_dir)]
    cases = readable(rescue.database)
    page = render_template(
        "cabinas/rescate.html", fault=rescue.fault, copies=found, folder=rescue.copies_dir, cases=cases
    )
    return page, 503


@bp.post("/restauraciones")
@public
def create_restoration() -> Response | str:
    """Put a copy back. It is looked through once more first."""
    rescue = _rescue()
    copy = _named(rescue, request.form.get("copia", ""))
    if fault := fault_of(copy.path):
        flash(f"Esa copia también está dañada ({fault}). Elija otra.", "error")
        return redirect("/", 303)
    try:
        aside = put_back(copy.path, rescue.database, now=now_utc())
    except OSError as error:
        log.warning("put back %s: %s", copy.path, error)
        flash(
            f"No se pudo poner esa copia ({error.strerror}). Nada cambió: libere espacio en el disco y repita.", "error"
        )
        return redirect("/", 303)
    log.warning("restored %s; what was there is in %s", copy.path, aside)
    rescue.restored, rescue.put = True, (copy, aside)
    rescue.done()
    return _restored(copy, aside)


def readable(database: Path) -> list[tuple[str, str]]:
    """Number and Lima day of the newest cases that a damaged database still gives, to answer who asks for one."""
    found: list[tuple[str, str]] = []
    try:
        link = sqlcipher.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)
        try:
            query = "SELECT number, taken_on FROM expediente ORDER BY id DESC LIMIT ?"
            for row in link.execute(query, (READABLE_MAX,)):
                found.append((str(row[0]), str(row[1])))
        finally:
            link.close()
    except sqlcipher.Error:
        pass  # as far as it goes
    return found


def _restored(copy: Copy, aside: Path) -> str:
    return render_template("cabinas/restaurada.html", copy=copy, aside=aside)


def _named(rescue: Rescue, name: str) -> Copy:
    for copy in copies(rescue.copies_dir):
        if copy.path.name == name:
            return copy
    raise CopyUnknown()


def _rescue() -> Rescue:
    found: Rescue = current_app.extensions["rescue"]
    return found
