"""`/health` of the till: for whoever watches over the partner's PC."""

from __future__ import annotations

import shutil
from typing import Any

from apiflask import APIBlueprint

from cabinas.paper.worker import Spooler
from cabinas.sync.queries import sync_state
from cabinas.sync.words import link_words
from cabinas.till import FREE_BYTES_MIN, till
from web.access import public
from web.api import store

bp = APIBlueprint("health", __name__, tag="Estado")


@bp.get("/health")
@public
def health() -> tuple[dict[str, Any], int]:
    """Cómo está esta caja, parte por parte; 503 cuando no puede registrar."""
    around = till()
    with store().read() as session:
        seen = sync_state(session)
    linked = around.sync is not None and around.sync.tried and around.sync.failing_since is None
    parts = {
        "database": _part(store().alive and not seen.frozen, seen.frozen or "la base de datos no acepta cambios"),
        "live": _part(linked, link_words(seen, around.sync)),
        "spool": _part(around.spooler is not None and around.spooler.ready, _printer_words(around.spooler)),
        "disk": _part(shutil.disk_usage(around.folder).free >= FREE_BYTES_MIN, "queda poco espacio en el disco"),
    }
    well = parts["database"]["ok"] and parts["disk"]["ok"]
    sound = all(part["ok"] for part in parts.values())
    return {"status": "error" if not well else "ok" if sound else "degradado", **parts}, 200 if well else 503


def _part(ok: bool, reason: str) -> dict[str, Any]:
    return {"ok": True} if ok else {"ok": False, "reason": reason}


def _printer_words(spooler: Spooler | None) -> str:
    return spooler.words if spooler else "Sin impresora"
