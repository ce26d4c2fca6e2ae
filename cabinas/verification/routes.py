"""The page where any cabin's receipt is read by scanner or typed."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from cabinas.filing.queries import case
from cabinas.sync.queries import sync_state
from cabinas.verification.queries import verification
from core.receipt import CODE_CHARS_MAX, NotAReceipt, judge, read
from web.access import requires
from web.api import store

bp = Blueprint("verification", __name__)


@bp.get("/verificar")
@requires("caja")
def verify() -> str:
    text = request.args.get("c", "")[:CODE_CHARS_MAX].strip()
    with store().read() as session:
        known, as_of = verification(session), sync_state(session).last_ok_at
        receipt, ours = None, None
        outcome: str | None = None
        if text and known:
            try:
                signed = read(text)
                receipt, outcome = signed.receipt, judge(signed, known.keys, frozenset(known.voided))
                ours = case(session, receipt.number)
            except NotAReceipt:
                outcome = "ilegible"
    return render_template(
        "cabinas/verificar.html", text=text, known=known, as_of=as_of, receipt=receipt, outcome=outcome, ours=ours
    )
