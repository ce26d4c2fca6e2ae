"""The page where papers are put into a bag, and the bags that left."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cabinas.till import till
from cabinas.valijas import actions, queries
from core.clock import now_utc
from core.errors import Rejected
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("valijas", __name__)


@bp.get("/valija")
@requires("caja")
def show() -> str:
    return _page()


@bp.post("/valijas")
@requires("caja")
def create_valija() -> Response | tuple[str, int]:
    now: datetime = now_utc()
    try:
        till().refuse_without_space()
        sent = write_once(
            actions.send,
            request.form.getlist("number"),
            seal=request.form.get("precinto", ""),
            carried_by=request.form.get("lleva", ""),
            operator=current_principal().name,
            device=till().device,
            now=now,
        )
    except Rejected as refused:
        return _page(refused), refused.status
    flash(f"Valija {sent['code']} cerrada. Ponga una copia de la lista adentro y otra afuera.", "bien")
    return redirect(url_for("valijas.show"), 303)


def _page(refused: Rejected | None = None) -> str:
    asked = request.form if request.method == "POST" else request.args
    text, page = asked.get("q", "").strip(), max(1, asked.get("page", 1, type=int))
    with store().read() as session:
        return render_template(
            "cabinas/valija.html",
            here=queries.at_the_cabin(session, text=text, page=page),
            text=text,
            page=page,
            page_url=lambda number: url_for("valijas.show", q=text or None, page=number),
            sent=queries.valijas(session),
            chosen=set(request.form.getlist("number")),
            form=request.form,
            refused=refused,
        )
