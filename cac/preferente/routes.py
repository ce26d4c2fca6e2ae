"""/preferente: what staff write down at once; /reportes/preferente: the evidence of Ley 28683, as a page and as files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from cac.access.roles import may
from cac.desk import actions as desk
from cac.desk.queries import find_sala, salas_for
from cac.opinions.rules import read_entry
from cac.preferente import actions, queries
from cac.preferente.actions import ComplaintTicketUnknown
from cac.preferente.sheets import sheets
from core.clock import lima_day, now_utc
from core.errors import Rejected
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told
from web.period import Period, read_period
from web.spreadsheets import XLSX, csv_bytes, xlsx_bytes

bp = Blueprint("preferente", __name__)

SHOWN_DAYS = 7
RECENT = 30
REASON_MAX = 200
Page = str | Answer | tuple[str, int]


@bp.get("/preferente")
@requires("preferente.note")
def notes() -> str:
    return _notes({})


@bp.post("/preferente/clases")
@requires("preferente.note")
def create_clase() -> Page:
    """A waiting turn of today in the other class, with the reason."""
    return _press(_classify, "La corrección quedó registrada: {code} es {word}.")


@bp.post("/preferente/quejas")
@requires("preferente.note")
def create_complaint() -> Page:
    return _press(_complain, "La queja quedó registrada con el número {number}.")


@bp.get("/reportes/preferente")
@requires("preferente.read")
def show() -> str:
    principal = current_principal()
    with store().read() as session:
        salas = salas_for(session, principal.sala)
    return render_template(
        "cac/preferente/evidence.html",
        found=_evidence(_period()),
        salas=salas,
        may_answer=may(principal.role, "live.read"),
        text_max=actions.TEXT_MAX,
        principal=principal,
    )


@bp.get("/reportes/preferente.csv")
@requires("preferente.read")
def export_csv() -> Response:
    found = _evidence(_period())
    return _file(csv_bytes(sheets(found)), "text/csv", f"ley-28683-{found.since}-{found.until}.csv")


@bp.get("/reportes/preferente.xlsx")
@requires("preferente.read")
def export_xlsx() -> Response:
    found = _evidence(_period())
    return _file(xlsx_bytes(sheets(found)), XLSX, f"ley-28683-{found.since}-{found.until}.xlsx")


@bp.post("/reportes/preferente/quejas/<int:complaint_id>/respuestas")
@requires("live.read")
def create_answer(complaint_id: int) -> Answer:
    """What was done about a complaint."""
    try:
        answered = write_once(
            actions.answer_complaint,
            complaint_id,
            what=request.form.get("que", ""),
            principal=current_principal(),
            now=now_utc(),
        )
        flash(f"Queja {answered['number']}: quedó anotado lo que se hizo.", "bien")
    except Rejected as refusal:
        if refusal.status >= 500:
            raise
        flash(refusal.detail, "error")
    back: dict[str, Any] = {name: request.form[name] for name in ("desde", "hasta", "sala") if request.form.get(name)}
    return redirect(url_for("preferente.show", **back), 303)


def _classify() -> dict[str, Any]:
    principal, preferente = current_principal(), request.form.get("clase") == "preferente"
    with store().read() as session:
        ticket = queries.ticket_of_today(session, principal.sala, _code(), now=now_utc())
    press = desk.Press(principal, now_utc(), ticket, reason=request.form.get("motivo", "").strip()[:REASON_MAX] or None)
    moved = write_once(desk.classify, press, preferente=preferente)
    return {"code": moved["code"], "word": "preferente" if preferente else "general"}


def _complain() -> dict[str, Any]:
    noted: dict[str, Any] = write_once(
        actions.note_complaint,
        sala=current_principal().sala,
        ticket=_code(),
        ventanilla=request.form.get("ventanilla", type=int),
        what=request.form.get("que", ""),
        principal=current_principal(),
        now=now_utc(),
    )
    return noted


def _code() -> str:
    """The turn typed, as it is printed; empty when none was. Raises ComplaintTicketUnknown."""
    typed = request.form.get("turno", "").strip()
    entry = read_entry(typed) if typed else None
    if typed and (entry is None or not entry.code):
        raise ComplaintTicketUnknown(field="turno")
    return entry.code if entry else ""


def _press(act: Any, said: str) -> Page:
    try:
        flash(said.format(**act()), "bien")
    except Rejected as refusal:
        if refusal.status >= 500:
            raise
        return _notes(told(refusal)), refusal.status
    return redirect(url_for("preferente.notes"), 303)


def _notes(errors: dict[str, str]) -> str:
    principal, now = current_principal(), now_utc()
    today = lima_day(now)
    with store().read() as session:
        sala = find_sala(session, principal.sala)
        shown = queries.today_of(session, sala.id, today=today, limit=RECENT, now=now)
    form = request.form if request.method == "POST" else {}
    which = request.path.rsplit("/", 1)[1] if errors else ""
    return render_template(
        "cac/preferente/notes.html",
        sala=sala,
        errors={which: errors},
        form={which: form},
        text_max=actions.TEXT_MAX,
        principal=principal,
        **shown,
    )


def _evidence(period: Period) -> queries.Evidence:
    sala = current_principal().sala or request.args.get("sala")
    with store().read() as session:
        return queries.evidence(session, sala, since=period.since, until=period.until, now=now_utc())


def _period() -> Period:
    today = lima_day(now_utc())
    return read_period(request.args.get("desde"), request.args.get("hasta"), today=today, days=SHOWN_DAYS)


def _file(content: bytes, mimetype: str, name: str) -> Response:
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})
