"""The ventanilla's page: one screen, worked with the keyboard alone. Every move is a form; with JavaScript only what changed is swapped."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response

from cac.desk import queries
from cac.desk.routes.api import REASON_MAX, MoveBody, call_to, classify, make_move, ventanilla_step
from cac.desk.stranded import left_places, stranded_in
from cac.desk.turns import turn_history
from cac.desk.workplace import Workplace, places, workplace
from cac.tupa.queries import list_tramites
from core.clock import lima_day, now_utc
from core.errors import Invalid, Rejected
from web.access import current_principal, requires
from web.api import store

TRAMITES_SHOWN = 8

bp = Blueprint("desk", __name__, url_prefix="/ventanilla")

PAUSES = ("Refrigerio", "Servicios higiénicos", "Reunión", "Trámite interno", "Sistema")
HOLDS = ("Fue por copia", "Fue a pagar", "Completa un formato", "Espera a su acompañante")
OUTCOMES = ("Atendido", "Orientado", "Le falta un requisito", "Vuelve otro día")
OUT_OF_ORDER = (
    "Emergencia o malestar",
    "Ya estuvo en esta ventanilla",
    "Lo pidió supervisión",
    "Se le llamó por error a otra ventanilla",
)
CLASS_REASONS = ("Gestante", "Con niña o niño", "Adulto mayor", "Persona con discapacidad", "Se marcó por error")
MOVES = "rellamados,atenciones,esperas,ausencias,retornos,derivaciones,tomas,anulaciones,cierres"
MOVED = {
    "rellamados": "rellamado",
    "atenciones": "en atención",
    "esperas": "en espera",
    "ausencias": "marcado ausente",
    "retornos": "de vuelta en la cola",
    "derivaciones": "derivado",
    "tomas": "ahora está en su ventanilla",
    "anulaciones": "anulado",
    "cierres": "terminado",
}


@bp.get("")
@requires("tickets.move")
def show() -> str | Response:
    """The working screen, or the choice of a ventanilla when none is kept for this session."""
    number = session.get("ventanilla")
    if number is None:
        return choose()
    return render_template("cac/desk/ventanilla.html", **_shown(number))


@bp.get("/puestos")
@requires("tickets.move")
def choose() -> str:
    with store().read() as reading:
        sala = queries.find_sala(reading, current_principal().sala)
        found, principal = places(reading, sala.id), current_principal()
        left, stuck = left_places(reading, sala.id, principal=principal), stranded_in(reading, sala.id)
    return render_template(
        "cac/desk/elegir.html", sala=sala, places=found, left=left, stranded=stuck, principal=principal
    )


@bp.post("/puestos")
@requires("tickets.move")
def take_place() -> Response:
    """Sit at a ventanilla: it opens, and stays this session's until another is chosen."""
    number = request.form.get("number", type=int)
    if number is None:
        raise Invalid(field="number")
    ventanilla_step("aperturas", number, reason=None)
    session["ventanilla"] = number
    return redirect(url_for("desk.show"), 303)


@bp.get("/vivo")
@requires("tickets.move")
def live() -> str | Response:
    """The queue and the turn, for the page to swap in."""
    number = session.get("ventanilla")
    if number is None:
        return Response(status=204)
    return render_template("cac/desk/_partes.html", **_shown(number))


@bp.get("/ficha")
@requires("tickets.move")
def sheet() -> str:
    """The right pane for the turn in front."""
    number = session.get("ventanilla")
    return render_template("cac/desk/_ficha.html", **_shown(number)) if number is not None else ""


@bp.get("/tramites")
@requires("tickets.move")
def tramites() -> str:
    """Trámites whose name or code fits what is typed, for the sheet that ends a turn."""
    with store().read() as reading:
        found = list_tramites(reading, day=lima_day(now_utc()), q=request.args.get("buscado", ""))
    return render_template("cac/filing/_opciones.html", options=found[:TRAMITES_SHOWN])


@bp.get("/turnos/<int:ticket_id>")
@requires("tickets.move")
def history(ticket_id: int) -> str:
    """A turn from its issue to its end: who moved it, when and why, and what was filed in it."""
    with store().read() as reading:
        turn = turn_history(reading, ticket_id, principal=current_principal(), now=now_utc())
    return render_template("cac/desk/turno.html", turn=turn, principal=current_principal())


@bp.post("/llamados")
@requires("tickets.move")
def create_llamado() -> str | Response | tuple[str, int]:
    return _after(lambda number: _call(number))


@bp.post(f"/turnos/<int:ticket_id>/<any({MOVES}):move>")
@requires("tickets.move")
def move(ticket_id: int, move: str) -> str | Response | tuple[str, int]:
    return _after(lambda number: _move(number, ticket_id, move))


@bp.post("/clases")
@requires("tickets.move")
def correct_class() -> str | Response | tuple[str, int]:
    return _after(lambda _: _correct())


@bp.post("/<any(aperturas,pausas,cierres):step>")
@requires("tickets.move")
def change(step: str) -> str | Response | tuple[str, int]:
    """Pause with its reason, go on, or leave the ventanilla."""
    return _after(lambda number: _step(number, step))


def _call(number: int) -> str:
    """The next one; with `codigo`, that one, for the reason given."""
    typed, reason, ticket_id = request.form.get("codigo", "").strip(), request.form.get("motivo", "").strip(), None
    if typed:
        if not reason:
            raise Invalid("Escriba por qué llama a ese turno antes que a otros.", field="motivo")
        with store().read() as reading:
            sala = queries.find_sala(reading, current_principal().sala)
            ticket_id = queries.waiting_ticket(reading, sala.id, typed)
    call = call_to(number, ticket_id=ticket_id, reason=reason[:REASON_MAX] or None)
    return f"Llamado: {call['ticket']['code']}." if call else "Nadie espera para su ventanilla."


def _move(number: int, ticket_id: int, move: str) -> str:
    form = request.form
    fields: dict[str, Any] = {"ventanilla": number, "motivo": form.get("motivo") or None}
    if move == "derivaciones":
        where = form.get("destino", "")  # "s:B" a service, "v:4" a ventanilla
        fields |= (
            {"service": where[2:]} if where[:2] == "s:" else {"to_ventanilla": int(where[2:] or 0)} if where else {}
        )
    if move == "cierres":
        fields |= {"resultado": form.get("resultado") or None, "tramites": _tramites(form.getlist("tramites"))}
    if move in ("retornos", "anulaciones", "derivaciones"):
        fields["ventanilla"] = None if form.get("ajeno") else number
    try:
        body = MoveBody(**fields)
    except ValidationError as wrong:
        raise Invalid(field=str(wrong.errors()[0]["loc"][0])) from None
    ticket = make_move(move, ticket_id, body)
    return " ".join([f"{ticket['code']}: {MOVED[move]}.", *(one["detail"] for one in ticket.get("warnings", ()))])


def _correct() -> str:
    """The class of one that waits, by the number on its paper."""
    with store().read() as reading:
        sala = queries.find_sala(reading, current_principal().sala)
        ticket_id = queries.waiting_ticket(reading, sala.id, request.form.get("codigo", ""))
    preferente = request.form.get("clase") == "preferente"
    ticket = classify(ticket_id, preferente=preferente, reason=request.form.get("motivo"))
    return f"{ticket['code']} ahora es {'preferente' if preferente else 'general'}."


def _tramites(typed: list[str]) -> list[str]:
    """Codes chosen one by one, or typed with commas between."""
    return [code.strip().upper() for text in typed for code in text.split(",") if code.strip()]


def _step(number: int, step: str) -> str:
    """Of this ventanilla, or of `otra`, left open in the clerk's name."""
    reason, other = request.form.get("motivo") or None, request.form.get("otra", type=int)
    to = request.form.get("pasan_a", type=int)
    state = ventanilla_step(step, other or number, reason=reason, to_ventanilla=to)
    if step != "cierres":
        return "Ventanilla en pausa." if step == "pausas" else "Ventanilla abierta."
    if other is None:
        session.pop("ventanilla", None)
    where = f"a la ventanilla {to}" if to else "a la cola"
    gone = f" {', '.join(state['released'])}: de vuelta {where}, en su lugar." if state["released"] else ""
    return f"Ventanilla {other or number} cerrada.{gone}"


def _after(act: Any) -> str | Response | tuple[str, int]:
    """Do it and show the screen as it is then, refused or not: whole pages for forms, the live part for scripts."""
    number = session.get("ventanilla")
    if number is None:
        return redirect(url_for("desk.choose"), 303)
    try:
        kind, text, status = "bien", act(number), 200
    except Rejected as refusal:
        kind, text, status = "error", refusal.detail, refusal.status
    if status >= 500 or "HX-Request" not in request.headers:
        flash(text, kind)
        return redirect(url_for("desk.show"), 303) if status < 500 else (text, status)
    if session.get("ventanilla") is None:
        return Response(status=204, headers={"HX-Redirect": url_for("desk.show")})
    return render_template("cac/desk/_partes.html", said=text, said_kind=kind, **_shown(number)), status


def _shown(number: int) -> dict[str, Any]:
    now, principal = now_utc(), current_principal()
    with store().read() as reading:
        sala = queries.find_sala(reading, principal.sala)
        place: Workplace = workplace(reading, sala.code, number, principal=principal, now=now)
    check = current_app.extensions.get("live")
    return {
        "place": place,
        "turn": place.turn,
        "principal": principal,
        "screens": check.screens(place.sala) if check else None,
        "pauses": PAUSES,
        "holds": HOLDS,
        "outcomes": OUTCOMES,
        "out_of_order": OUT_OF_ORDER,
        "class_reasons": CLASS_REASONS,
        "now": now,
    }
