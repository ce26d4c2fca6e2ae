"""/admin/impresoras: printers, what each prints, a page to try one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.paper import actions, queries
from core.clock import now_utc
from core.errors import Rejected
from printing.papers import CalibrationPaper
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told

bp = Blueprint("paper_setup", __name__, url_prefix="/admin/impresoras")

Page = str | Response | tuple[str, int]


@bp.get("")
@requires("setup.write")
def printers() -> str:
    return _printers({}, {})


@bp.post("")
@requires("setup.write")
def add_printer() -> Page:
    """A new printer, or a new address or paper for the one of that name."""
    form = {name: request.form.get(name, "").strip() for name in ("name", "url", "purpose", "sala")}
    return _press(
        lambda: write_once(actions.set_up_printer, **form, principal=current_principal(), now=now_utc()),
        said=f"La impresora {form['name']} quedó lista. Pruébela con «Probar».",
        form=form,
    )


@bp.post("/<int:printer_id>/pruebas")
@requires("setup.write")
def create_test(printer_id: int) -> Page:
    return _press(
        lambda: write_once(actions.print_test, printer_id, paper=_test_page(printer_id), now=now_utc()),
        said="La página de prueba va a la impresora. Mire en Impresiones si confirmó.",
    )


@bp.post("/<int:printer_id>/bajas")
@requires("setup.write")
def retire_printer(printer_id: int) -> Page:
    return _press(
        lambda: write_once(actions.retire_printer, printer_id, principal=current_principal(), now=now_utc()),
        said="La impresora quedó fuera de uso. Lo que imprimió se conserva.",
    )


def _test_page(printer_id: int) -> CalibrationPaper:
    with store().read() as session:
        name = actions.get_printer(session, printer_id).name
        site = queries.site_name(session)
    demo = current_app.extensions["settings"].demo
    return CalibrationPaper(site=site, printer=name, printed_at=now_utc(), demo=demo)


def _press(write: Callable[[], Any], *, said: str, form: dict[str, str] | None = None) -> Page:
    try:
        write()
    except Rejected as refusal:
        return _printers(form or {}, told(refusal)), refusal.status
    flash(said, "bien")
    return redirect(url_for("paper_setup.printers"))


def _printers(form: dict[str, str], errors: dict[str, str]) -> str:
    with store().read() as session:
        return render_template(
            "cac/paper/printers.html",
            printers=queries.printers(session),
            salas=[("", "Todas las salas"), *queries.salas(session)],
            purposes=[("", "Nada por ahora"), *((purpose, purpose.title()) for purpose in actions.PURPOSES)],
            form=form,
            errors=errors,
        )
