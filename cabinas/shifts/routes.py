"""The page of the drawer's shift: who has it, opening with a blind count, handing it over, the partner's own cash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cabinas.access import begin_session, may
from cabinas.money.queries import balances, last_cierre
from cabinas.operators.actions import note_wrong_pin
from cabinas.operators.models import Operator
from cabinas.operators.queries import by_pin, named
from cabinas.operators.routes import tries
from cabinas.shifts import actions, queries
from cabinas.till import till
from core.cash import COINS, NOTES, typed_counts
from core.clock import now_utc
from core.errors import Rejected
from core.ledger import EntryKind, change_fund, from_own_pocket, own_service_in_drawer
from core.money import parse_soles, soles
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("shifts", __name__)

MOVES = (
    (EntryKind.CHANGE_FUND_PUT, "Poner fondo de cambio"),
    (EntryKind.CHANGE_FUND_TAKEN, "Retirar fondo de cambio"),
    (EntryKind.OWN_TAKEN, "Retirar lo ganado por su servicio"),
)
SAID = {
    EntryKind.CHANGE_FUND_PUT: "Fondo de cambio puesto: S/ {}.",
    EntryKind.CHANGE_FUND_TAKEN: "Fondo de cambio retirado: S/ {}.",
    EntryKind.OWN_TAKEN: "Retirado de su servicio: S/ {}. El dinero municipal no se toca.",
}
RULED = {
    True: "Desde ahora no se cobra ni se mueve dinero sin un turno abierto.",
    False: "Desde ahora se puede cobrar sin turno abierto: el cierre lo dirá a nombre de nadie.",
}


@bp.get("/turno")
@requires("caja")
def show() -> str:
    return _page(None)


@bp.post("/turnos")
@requires("caja")
def create_shift() -> str | Response | tuple[str, int]:
    """Whoever is signed in takes the drawer that nobody has."""
    try:
        till().refuse_without_space()
        told = write_once(
            actions.open_shift,
            operator=current_principal().name,
            counts=typed_counts(request.form),
            fund_centimos=_soles("fondo"),
            device=till().device,
            now=now_utc(),
        )
    except Rejected as refused:
        return _page(refused), refused.status
    flash(f"Turno abierto. {_count_words(told)}", "bien")
    return redirect(url_for("shifts.show"), 303)


@bp.post("/turnos/entregas")
@requires("caja")
def create_hand_over() -> str | Response | tuple[str, int]:
    """One count, two PINs: the drawer and this page pass to who takes it."""
    now = now_utc()
    try:
        till().refuse_without_space()
        giver, taker = _both(now)
        told = write_once(
            actions.hand_over,
            giver=giver,
            taker=taker.name,
            counts=typed_counts(request.form),
            device=till().device,
            now=now,
        )
    except Rejected as refused:
        return _page(refused), refused.status
    begin_session(taker)
    flash(f"La caja pasó de {giver} a {taker.name}. {_count_words(told)}", "bien")
    return redirect(url_for("shifts.show"), 303)


@bp.post("/turnos/reglas")
@requires("operadores")
def create_rule() -> Response:
    """Whoever answers for the cabin says whether cash may move in nobody's shift."""
    compulsory = request.form.get("obligatorio") == "si"
    store().write(actions.rule_shifts, compulsory=compulsory, by=current_principal().name, now=now_utc())
    flash(RULED[compulsory], "bien")
    return redirect(url_for("shifts.show"), 303)


@bp.post("/fondos")
@requires("caja")
def create_move() -> str | Response | tuple[str, int]:
    """The partner's own cash, in or out."""
    move = request.form.get("que", "")
    try:
        till().refuse_without_space()
        told = write_once(
            actions.move_own_cash,
            move=move,
            centimos=_soles("importe"),
            principal=current_principal(),
            device=till().device,
            now=now_utc(),
        )
    except Rejected as refused:
        return _page(refused), refused.status
    flash(SAID[EntryKind(move)].format(soles(told["centimos"])), "bien")
    return redirect(url_for("shifts.show"), 303)


def _both(now: datetime) -> tuple[str, Operator]:
    """Who gives the drawer and who takes it, each by their own PIN. Slow on purpose, so before the write. Raises NoShift, PinWrong."""
    takes = request.form.get("recibe", "").strip().lower()
    with store().read() as reading:
        shift = queries.open_shift(reading)
        if shift is None:
            raise actions.NoShift()
        gives = [operator.login for operator in named(reading, shift.operator)]
        if any(tries.exhausted(login, now) for login in (takes, *gives)):
            raise actions.PinWrong("Demasiados intentos. Espere un minuto y vuelva a probar.", field="pin_entrega")
        given = any(by_pin(reading, login, request.form.get("pin_entrega", "")) for login in gives)
        taker = by_pin(reading, takes, request.form.get("pin_recibe", ""))
    if not given:
        detail = f"El PIN de {shift.operator}, que entrega, no coincide. La caja sigue a su cargo."
        raise _noted(gives, actions.PinWrong(detail, field="pin_entrega"), now)
    if taker is None:
        detail = f"El usuario o el PIN de quien recibe no coinciden. La caja sigue a cargo de {shift.operator}."
        raise _noted([takes], actions.PinWrong(detail, field="pin_recibe"), now)
    return shift.operator, taker


def _noted(logins: list[str], wrong: actions.PinWrong, now: datetime) -> actions.PinWrong:
    """A wrong PIN counts here as it does at the door."""
    for login in logins:
        tries.note(login, now)
        store().write(note_wrong_pin, login)
    return wrong


def _page(refused: Rejected | None) -> str:
    now = now_utc()
    with store().read() as reading:
        shift, last, held = queries.open_shift(reading), last_cierre(reading), balances(reading)
        since = last.at if last else shift.at if shift else now
        parts = queries.parts_since(reading, last, since=since, until=now)
        return render_template(
            "cabinas/turno.html",
            shift=shift,
            rule=queries.rule(reading),
            rules=may(current_principal().role, "operadores"),
            mine=shift is not None and shift.operator == current_principal().name,
            parts=parts[:-1] if shift else parts,  # of the one open the sums wait for its count
            filings=parts[-1].filings if shift else 0,
            history=queries.history(reading),
            fund_centimos=change_fund(held),
            own_centimos=max(0, own_service_in_drawer(held)),
            notes=NOTES,
            coins=COINS,
            moves=MOVES,
            refused=refused,
            form=request.form,
        )


def _count_words(told: dict[str, Any]) -> str:
    """Told only after the count."""
    difference_centimos, own_centimos = told["difference_centimos"], from_own_pocket(told["expected_centimos"])
    if own_centimos:
        return f"De lo devuelto, S/ {soles(own_centimos)} se pagaron con dinero propio de la cabina: quedan a su favor."
    if not difference_centimos:
        return "El conteo cuadra."
    word = "Faltan" if difference_centimos < 0 else "Sobran"
    return f"{word} S/ {soles(abs(difference_centimos))}: quedó anotado."


def _soles(field: str) -> int:
    """Empty is none."""
    text = request.form.get(field, "").replace("S/", "").replace(",", ".").strip()
    try:
        return parse_soles(text) if text else 0
    except ValueError:
        raise actions.OwnCashInvalid("Escriba el importe en soles, por ejemplo 50.00.", field=field) from None
