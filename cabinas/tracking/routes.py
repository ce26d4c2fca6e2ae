"""The page where a citizen's case is looked up; for one of this till the key is known."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from cabinas.enrolment.queries import terms
from cabinas.filing import queries as filing
from cabinas.sync.client import LinkDown
from cabinas.till import till
from cabinas.tracking.client import NotTold, Tracked, ask
from web.access import requires
from web.api import store

bp = Blueprint("tracking", __name__)

NUMBER_CHARS_MAX, KEY_CHARS_MAX = 40, 20


@bp.get("/seguimiento")
@requires("caja")
def track() -> str:
    """Changes nothing, here or there."""
    number = request.args.get("numero", "").strip()[:NUMBER_CHARS_MAX]
    key = request.args.get("clave", "").strip()[:KEY_CHARS_MAX]
    with store().read() as session:
        held, own = terms(session), filing.case(session, number) if number else None
        waits = own is not None and not filing.is_held(session, own)
    if own is not None:
        number, key = own.number, key or str(own.answer["track_key"])
    told: Tracked | None = None
    outcome = "" if number and key else "incompleto" if number or key else "nada"
    refusal = ""
    if not outcome and till().sync is None:
        outcome = "capacitacion"
    if not outcome:
        try:
            told = ask(number, key, centre_url=held.identity.centre_url, verify=till().verify)
        except NotTold as refused:
            outcome, refusal = "no_dice", refused.detail
        except LinkDown:
            outcome = "sin_enlace"
    return render_template(
        "cabinas/seguimiento.html",
        number=number,
        key=key,
        told=told,
        outcome=outcome,
        refusal=refusal,
        own=own,
        waits=waits,
    )
