"""/valijas: the bags on the road, and a page to empty one by scanning."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.access.roles import may
from cac.valijas import actions, queries
from core.clock import now_utc
from core.errors import NotFound, Rejected
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("valijas", __name__, url_prefix="/valijas")


@bp.get("")
@requires("cases.read")
def index() -> str | Response:
    if code := request.args.get("codigo", "").strip():
        return redirect(url_for("valijas.show", code=code.rpartition("/")[2].upper()))
    with store().read() as session:
        return render_template("cac/valijas/lista.html", valijas=queries.valijas(session))


@bp.get("/<code>")
@requires("cases.read")
def show(code: str) -> str:
    return _page(code, None)


@bp.post("/<code>/recepciones")
@requires("cases.write")
def create_reception(code: str) -> Response | tuple[str, int]:
    try:
        done = write_once(
            actions.receive, code, request.form.get("scanned", ""), principal=current_principal(), now=now_utc()
        )
    except NotFound:
        raise
    except Rejected as refused:
        return _page(code, refused), refused.status
    flash(f"{done['number']} recibido: cuente {done['folios']} {'folio' if done['folios'] == 1 else 'folios'}.", "bien")
    return redirect(url_for("valijas.show", code=code), 303)


@bp.post("/<code>/cierres")
@requires("cases.write")
def create_close(code: str) -> Response:
    done = write_once(actions.close, code, principal=current_principal(), now=now_utc())
    if done["missing"]:
        lacks = "Falta 1" if len(done["missing"]) == 1 else f"Faltan {len(done['missing'])}"
        flash(f"{lacks}. La cabina figura con alarma hasta que llegue todo.", "aviso")
    else:
        flash("Valija completa.", "bien")
    return redirect(url_for("valijas.show", code=code), 303)


def _page(code: str, refused: Rejected | None) -> str:
    with store().read() as session:
        seen, items = queries.valija(session, code)
        return render_template(
            "cac/valijas/valija.html",
            valija=seen,
            items=items,
            refused=refused,
            may_write=may(current_principal().role, "cases.write"),
        )
