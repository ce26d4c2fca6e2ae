"""Treasury's buttons on what a cabin sent and could not be applied: its text as it came, corrected, or set aside."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from cac.calendar import calendar, hours
from cac.sync import aside
from cac.sync.actions import find
from cac.sync.applying import Rules
from cac.sync.branches import kept_text
from cac.sync.queries import acts
from cac.sync.undoing import ASIDE
from cac.treasury.pressing import pressed, settle_by
from core.clock import now_utc
from web.access import current_principal, requires
from web.api import store, write_once

ASKED_CHARS = 100

bp = Blueprint("held", __name__, url_prefix="/tesoreria/cabinas/<code>")


@bp.get("/hechos")
@requires("treasury.read")
def index(code: str) -> str:
    """Each thing that was done at the cabin, by whom: what its operators signed for, as it came."""
    text = request.args.get("q", "").strip()[:ASKED_CHARS]
    with store().read() as session:
        cabina = find(session, code)
        found = acts(session, cabina.id, text, page=request.args.get("page", 1, type=int))
    return render_template("cac/treasury/hechos.html", cabina=cabina, found=found, text=text)


@bp.get("/hechos/<place>/<int:event_id>.json")
@requires("treasury.read")
def raw(code: str, place: str, event_id: int) -> Response:
    """The event as it was signed."""
    with store().read() as session:
        text = kept_text(session, find(session, code), place, event_id)
    pretty = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    named = f'attachment; filename="{code}-{place}-{event_id}.json"'
    return Response(pretty, mimetype="application/json", headers={"Content-Disposition": named})


@bp.post("/hechos/<place>/<int:event_id>/apartados")
@requires("treasury.write")
def ask_aside(code: str, place: str, event_id: int) -> BaseResponse:
    def settle() -> str:
        motivo = request.form.get("motivo", "")
        made = write_once(aside.ask, code, place, event_id, motivo=motivo, principal=current_principal(), now=now_utc())
        if made["state"] == ASIDE:
            return "Apartado: no se aplicará. Lo que llegó queda guardado."
        return "Pedido anotado. Como mueve dinero, debe aprobarlo otra persona de Tesorería con su propia cuenta."

    return pressed(settle, code)


@bp.post("/apartados/<int:order_id>/aprobaciones")
@requires("treasury.write")
def approve(code: str, order_id: int) -> BaseResponse:
    def settle() -> str:
        made = settle_by(aside.decide, code, order_id, approved=True, now=now_utc())
        if made["place"] == "perdidos":
            return "Cerrado: la cabina lo sabrá cuando se conecte. Lo que se perdió y su motivo quedan aquí."
        return "Apartado: no se aplicará. La cabina lo deshace en su caja en cuanto se conecte."

    return pressed(settle, code)


@bp.post("/apartados/<int:order_id>/rechazos")
@requires("treasury.write")
def refuse(code: str, order_id: int) -> BaseResponse:
    def settle() -> str:
        settle_by(aside.decide, code, order_id, approved=False, now=now_utc())
        return "Sigue como estaba: espera a una persona."

    return pressed(settle, code)


@bp.post("/verificaciones/<int:event_id>/correcciones")
@requires("treasury.write")
def correct(code: str, event_id: int) -> BaseResponse:
    def settle() -> str:
        made = write_once(
            aside.correct,
            code,
            event_id,
            request.form,
            rules=Rules(calendar(), hours()),
            principal=current_principal(),
            now=now_utc(),
        )
        return f"{made['number']} aplicado con lo corregido; lo que firmó la cabina queda como llegó."

    return pressed(settle, code)
