"""/admin/impresoras: printers, what each prints, a page to try one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.paper import actions, queries
from core.clock import now_utc
from core.errors import Rejected
from printing import calibration
from printing.outcome import State
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
        said="La página de prueba va a la impresora. Cuando salga, responda aquí lo que ve en ella.",
        back=url_for("paper_setup.calibration_page", printer_id=printer_id),
    )


@bp.get("/<int:printer_id>/calibracion")
@requires("setup.write")
def calibration_page(printer_id: int) -> str:
    """The last test page as it should look, and four questions on the one that came out."""
    return _calibration(printer_id, {}, {})


@bp.post("/<int:printer_id>/calibraciones")
@requires("setup.write")
def create_calibration(printer_id: int) -> Page:
    """A person's answers become the printer's profile."""
    form = {name: request.form.get(name, "") for name in ("columns", "accents", "qr", "cut")}
    try:
        done = write_once(
            actions.calibrate,
            printer_id,
            columns=int(form["columns"]) if form["columns"].isdecimal() else 0,
            accents=form["accents"],
            qr=form["qr"],
            cut=form["cut"] == "si",
            principal=current_principal(),
            now=now_utc(),
        )
    except Rejected as refusal:
        return _calibration(printer_id, form, told(refusal)), refusal.status
    flash(f"Quedó guardado: {done['said']}. Pruébela otra vez para verla así.", "bien")
    return redirect(url_for("paper.printer_page", printer_id=printer_id))


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


def _calibration(printer_id: int, form: dict[str, str], errors: dict[str, str]) -> str:
    with store().read() as session:
        printer = queries.printer_card(session, printer_id, now=now_utc())
        job = actions.last_test(session, printer_id)
        return render_template(
            "cac/paper/calibration.html",
            printer=printer,
            job=actions.view(session, job) if job else None,
            came=job is not None and job.state in (State.CONFIRMED, State.UNKNOWN),
            widths=calibration.WIDTHS,
            accents=list(calibration.ACCENTS),
            sample=calibration.SAMPLE,
            form=form or (printer["calibrated"].answers if printer["calibrated"] else {}),
            errors=errors,
        )


def _press(write: Callable[[], Any], *, said: str, form: dict[str, str] | None = None, back: str | None = None) -> Page:
    try:
        write()
    except Rejected as refusal:
        return _printers(form or {}, told(refusal)), refusal.status
    flash(said, "bien")
    return redirect(back or url_for("paper_setup.printers"))


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
