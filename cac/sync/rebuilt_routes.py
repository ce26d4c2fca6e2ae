"""/reconstrucciones: a cabin's receipt whose filing never arrived becomes a case again; and the later branch of a fork."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response

from cac.admin.forms import Page, Typed, press
from cac.calendar import calendar, hours
from cac.sync import branches, rebuilt
from cac.sync.keys import centre_key
from cac.treasury.pressing import pressed, settle_by
from core.clock import now_utc
from core.errors import Rejected
from core.identity import DOCUMENT_TYPES
from core.money import parse_soles, soles
from core.receipt import CODE_CHARS_MAX
from intake.fees import QUANTITY_MAX
from intake.request import ANNEXES_MAX, SHEETS_MAX, FilingRequest
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told
from web.sentences import sentences

bp = Blueprint("rebuilt", __name__)

METHODS = (
    ("efectivo", "Efectivo"),
    ("tarjeta", "Tarjeta"),
    ("billetera", "Billetera digital"),
    ("transferencia", "Transferencia"),
    ("banco", "Pago en banco o CAC"),
    ("exonerado", "Exonerado"),
)
BLANK = {"document_type": "DNI", "sheets": "1", "quantity": "1", "method": "efectivo"}


@bp.get("/reconstrucciones")
@requires("cabins.rebuild")
def show() -> str | tuple[str, int]:
    text = request.args.get("c", "")[:CODE_CHARS_MAX].strip()
    return _page(text, BLANK, {})


@bp.post("/reconstrucciones")
@requires("cabins.rebuild")
def create() -> Page:
    text = request.form.get("codigo", "")[:CODE_CHARS_MAX].strip()

    def done(made: Any) -> Response:
        same = made["number"] == made["printed"]
        renamed = "" if same else f" Su papel dice {made['printed']}: también se encuentra por ese número."
        flash(f"Registrado como {made['number']}.{renamed} La cabina lo sabrá cuando se conecte.", "bien")
        return redirect(url_for("cases.show", number=made["number"]), 303)

    def write() -> Any:
        return write_once(
            rebuilt.rebuild,
            text,
            _carried(text),
            calendar=calendar(),
            hours=hours(),
            key=centre_key(current_app.extensions["settings"].keys_dir),
            principal=current_principal(),
            now=now_utc(),
        )

    return press(write, done=done, again=lambda errors: _page(text, request.form, errors))


@bp.post("/tesoreria/cabinas/<code>/ramas/<place>/<int:event_id>")
@requires("treasury.write")
def register_branch(code: str, place: str, event_id: int) -> Response:
    def settle() -> str:
        made = settle_by(branches.register, code, place, event_id, calendar=calendar(), hours=hours(), now=now_utc())
        if made["number"] == made["printed"]:
            return f"Registrado con su propio número, {made['number']}."
        return f"Registrado como {made['number']}; se encuentra también por {made['printed']}, el de su papel."

    return pressed(settle, code)


def _page(text: str, typed: Any, errors: dict[str, str]) -> str | tuple[str, int]:
    """What the receipt says, and the form to copy the rest of the paper."""
    paper, status = None, 200
    if text:
        try:
            with store().read() as session:
                paper = rebuilt.find_paper(session, text)
        except Rejected as refused:
            errors, status = errors or told(refused), refused.status
    if paper is not None and typed is BLANK:
        cabina = paper.cabina
        charged = cabina.service_bearer == "citizen" and paper.tramite.cabin_fee_bearer != "municipality"
        typed = BLANK | {"service": soles(cabina.service_centimos if charged else 0)}
    page = render_template(
        "cac/reconstruir.html",
        text=text,
        paper=paper,
        typed=typed,
        errors=errors,
        documents=[(kind, kind) for kind in DOCUMENT_TYPES],
        methods=METHODS,
    )
    return (page, status) if status != 200 else page


def _carried(text: str) -> rebuilt.Carried:
    """Raises Invalid, every wrong field told at once; ReceiptInvalid, ReceiptFalse."""
    typed = Typed(request.form)
    with store().read() as session:
        tramite = rebuilt.find_paper(session, text).tramite
    applicant = {
        "document_type": typed.choice("document_type", DOCUMENT_TYPES, missing="Elija el tipo de documento."),
        "document_number": typed.text("document_number", longest=60),
        "name": typed.text("name", longest=160, missing="Escriba el nombre como está en el papel."),
        "phone": typed.text("phone", longest=60) or None,
    }
    method = typed.choice("method", tuple(value for value, _ in METHODS), missing="Elija cómo se pagó.")
    asked: dict[str, Any] = {
        "tramite": tramite.code,
        "applicant": applicant,
        "subject": typed.text("subject", longest=1000) or tramite.name,
        "sheets": typed.count("sheets", 0, SHEETS_MAX),
        "missing": request.form.getlist("missing")[:ANNEXES_MAX],
        "payment": {
            "method": method,
            "reference": typed.text("reference", longest=300) or None,
            "motivo": typed.text("reference", longest=300) or None,
        },
        "fee_variant": typed.text("fee_variant", longest=60) or None,
        "quantity": typed.count("quantity", 1, QUANTITY_MAX),
    }
    service = 0
    try:
        service = parse_soles(request.form.get("service", "").strip() or "0.00")
    except ValueError:
        typed.wrong("service", "Escriba el importe en soles, como 4.00.")
    typed.check()
    try:
        filing = FilingRequest.model_validate(asked)
    except ValidationError as error:
        for name, sentence in sentences(error).items():
            typed.wrong(name.rpartition(".")[2], sentence)
        typed.check()
        raise
    return rebuilt.Carried(
        request=filing,
        track_key=request.form.get("track_key", "")[:300],
        operator=typed.text("operator", longest=120),
        service_centimos=service,
    )
