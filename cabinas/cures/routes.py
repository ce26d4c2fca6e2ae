"""The form by which a case's observation is cured."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from cabinas.cures import actions
from cabinas.filing.page import case_page
from cabinas.till import till
from core.clock import now_utc
from core.errors import Invalid, NotFound, Rejected
from intake.request import SHEETS_MAX
from web.access import current_principal, requires
from web.api import write_once

bp = Blueprint("cures", __name__)


@bp.post("/registrado/<number>/subsanaciones")
@requires("caja")
def create_cure(number: str) -> Response | tuple[str, int]:
    now = now_utc()
    try:
        till().refuse_without_space()
        answer = write_once(
            actions.cure,
            number,
            presented=request.form.getlist("requisito"),
            sheets=whole("sheets", default=1),
            operator=current_principal().name,
            device=till().device,
            now=now,
        )
    except NotFound:
        raise
    except Rejected as refused:
        return case_page(number, now=now, refused=refused), refused.status
    done = "Recibido. Todavía falta algo: mire la lista." if answer["missing"] else "Subsanado: no falta nada."
    flash(f"{done} Entregue el cargo que sale de la impresora.", "aviso" if answer["missing"] else "bien")
    return redirect(url_for("filing.filed", number=answer["number"]), 303)


def whole(name: str, *, default: int) -> int:
    """Folios as typed. Raises Invalid."""
    text = request.form.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) <= SHEETS_MAX):
        raise Invalid("Los folios son un número entero.", field=name)
    return int(text)
