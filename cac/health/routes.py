"""`/health`, `/metrics` and the OpenAPI document, at the root and under /api/v1."""

from __future__ import annotations

import shutil
from typing import Any

from apiflask import APIBlueprint
from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cac.access.roles import ADMIN
from core.errors import Forbidden
from web.access import current_principal, public
from web.api import store

MIN_FREE_BYTES = 200 * 1024 * 1024

bp = Blueprint("health", __name__)
api = APIBlueprint("health_api", __name__, url_prefix="/api/v1", tag="Estado")


@bp.get("/health")
@api.get("/health")
@public
def health() -> tuple[Response, int]:
    """Whether this process can serve, part by part with the reason; 503 when it cannot."""
    parts = {"database": _database(), "live": _live(), "spool": _spool(), "disk": _disk()}
    well = parts["database"]["ok"] and parts["disk"]["ok"]
    degraded = not all(part["ok"] for part in parts.values())
    body = {"status": "error" if not well else "degradado" if degraded else "ok", **parts}
    return jsonify(body), 200 if well else 503


@bp.get("/metrics")
@api.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus text, for this machine or an admin."""
    if request.remote_addr not in ("127.0.0.1", "::1") and current_principal().role != ADMIN:
        raise Forbidden()
    return Response(generate_latest(), mimetype=CONTENT_TYPE_LATEST)


@bp.get("/openapi.json")
@api.get("/openapi.json")
@api.doc(hide=True)
@public
def openapi() -> Response:
    """The API as OpenAPI 3.1, made from what validates."""
    return jsonify(current_app.spec)  # type: ignore[attr-defined]


def _database() -> dict[str, Any]:
    try:
        with store().read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return {"ok": False, "reason": f"la base de datos no responde: {type(error).__name__}"}
    return {"ok": True}


def _disk() -> dict[str, Any]:
    free = shutil.disk_usage(current_app.extensions["settings"].data_dir).free
    if free < MIN_FREE_BYTES:
        return {"ok": False, "reason": f"quedan {free // 1024 // 1024} MiB libres"}
    return {"ok": True, "free_mib": free // 1024 // 1024}


def _live() -> dict[str, Any]:
    """Whether the heartbeat of the screens runs; `cac.desk` says so."""
    check = current_app.extensions.get("health.live")
    return check() if check else {"ok": False, "reason": "el tiempo real no está encendido en este proceso"}


def _spool() -> dict[str, Any]:
    """Whether printers work; `cac.paper` says so."""
    check = current_app.extensions.get("health.spool")
    return check() if check else {"ok": False, "reason": "la impresión no está encendida en este proceso"}
