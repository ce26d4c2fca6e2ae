"""/impresora: how the till's printer is, what it printed, and its test page with four questions."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cabinas.enrolment.queries import terms
from cabinas.paper import actions, queries
from cabinas.till import till
from core.clock import now_utc
from core.errors import Rejected
from printing.calibration import ACCENTS, SAMPLE, WIDTHS
from printing.outcome import State
from printing.papers import CalibrationPaper
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told

bp = Blueprint("printer", __name__, url_prefix="/impresora")

Page = str | Response | tuple[str, int]


@bp.get("")
@requires("caja")
def show() -> str:
    return _page({}, {})


@bp.post("/pruebas")
@requires("caja")
def create_test() -> Page:
    try:
        write_once(actions.print_test, _test_page(), device=till().device, now=now_utc())
    except Rejected as refusal:
        return _page({}, told(refusal)), refusal.status
    flash("La página de prueba va a la impresora. Cuando salga, responda aquí lo que ve en ella.", "bien")
    return redirect(url_for("printer.show"), 303)


@bp.post("/calibraciones")
@requires("caja")
def create_calibration() -> Page:
    """A person's answers become the printer's profile, from its next paper on."""
    form = {name: request.form.get(name, "") for name in ("columns", "accents", "qr", "cut")}
    try:
        done = write_once(
            actions.calibrate,
            columns=int(form["columns"]) if form["columns"].isdecimal() else 0,
            accents=form["accents"],
            qr=form["qr"],
            cut=form["cut"] == "si",
            by=current_principal().name,
            now=now_utc(),
        )
    except Rejected as refusal:
        return _page(form, told(refusal)), refusal.status
    till().use_printer(done["url"])
    flash(f"Quedó guardado: {done['said']}. Pruébela otra vez para verla así.", "bien")
    return redirect(url_for("printer.show"), 303)


def _test_page() -> CalibrationPaper:
    with store().read() as session:
        held = terms(session)
    catalogue, cabina = held.catalogue, held.lease.cabina
    return CalibrationPaper(site=catalogue.municipality, printer=cabina, printed_at=now_utc(), demo=catalogue.demo)


def _page(form: dict[str, str], errors: dict[str, str]) -> str:
    with store().read() as session:
        printer, job = queries.printer_card(session, now=now_utc()), queries.last_test(session)
    return render_template(
        "cabinas/impresora.html",
        printer=printer,
        job=job,
        came=job is not None and job.state in (State.CONFIRMED, State.UNKNOWN),
        widths=WIDTHS,
        accents=list(ACCENTS),
        sample=SAMPLE,
        form=form or (printer["calibrated"].answers if printer["calibrated"] else {}),
        errors=errors,
    )
