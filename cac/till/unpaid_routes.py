"""The page of pending payments, the same as a file, and the payment seen on the spot."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from cac.access.roles import may
from cac.audit.reads import looked_at
from cac.calendar import calendar
from cac.sync.queries import all_cabinas
from cac.till.payments import register_payment
from cac.till.unpaid import CENTRE, ROWS_MAX, Unpaid, sheets, unpaid
from core.clock import lima_day, now_utc
from core.errors import NotFound, Rejected
from web.access import current_principal, requires
from web.api import store, write_once
from web.spreadsheets import XLSX, csv_bytes, xlsx_bytes

bp = Blueprint("unpaid", __name__, url_prefix="/caja/pendientes")

FILES = {"csv": ("text/csv", csv_bytes), "xlsx": (XLSX, xlsx_bytes)}


class FileUnknown(NotFound):
    code, title = "pago.archivo", "Archivo desconocido"
    detail = "Ese archivo no existe. Vuelva a los pagos pendientes y elija uno de los que ofrece."


@bp.get("")
@requires("cash.read")
def show() -> str:
    role = current_principal().role
    with store().read() as session:
        found = _found(session)
        return render_template(
            "cac/till/pendientes.html",
            found=found,
            total_centimos=sum(one.centimos for one in found),
            late=sum(one.late for one in found),
            late_after=_late_after(),
            cut=len(found) == ROWS_MAX,
            cabina=_cabina(),
            cabinas=[(CENTRE, "CAC"), *((one.code, f"{one.code} {one.name}") for one in all_cabinas(session))],
            may_write=may(role, "cash.write"),
            sees_cases=may(role, "cases.read"),
            sees_treasury=may(role, "treasury.read"),
        )


@bp.get("/<ending>")
@requires("cash.read")
def download(ending: str) -> Response:
    """`csv` or `xlsx` of what the page shows; who took it is noted."""
    if ending not in FILES:
        raise FileUnknown()
    mimetype, made = FILES[ending]
    with store().read() as session:
        content = made(sheets(_found(session)))
    name = f"pagos-pendientes-{lima_day(now_utc())}.{ending}"
    looked_at(f"pagos:{name}", now=now_utc())
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=mimetype, headers=headers)


@bp.post("/pagos")
@requires("cash.write")
def press_payment() -> Response:
    try:
        number, reference = request.form.get("numero", ""), request.form.get("reference", "")
        paid = write_once(register_payment, number, reference=reference, principal=current_principal(), now=now_utc())
        flash(f"Pago de {paid['number']} registrado con la operación {paid['reference']}.", "bien")
    except Rejected as refused:
        flash(refused.detail, "error")
    return redirect(url_for("unpaid.show", cabina=request.form.get("cabina") or None), 303)


def _found(session: Session) -> list[Unpaid]:
    today = lima_day(now_utc())
    return unpaid(session, cabina=_cabina(), today=today, calendar=calendar(), late_after=_late_after())


def _cabina() -> str:
    return request.args.get("cabina", "")


def _late_after() -> int:
    days: int = current_app.extensions["settings"].payment_late_days
    return days
