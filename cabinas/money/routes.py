"""Pages of the drawer: what is in it, remittances, extornos, the blind count and its Z."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cabinas.money import actions, asides, phone, queries
from cabinas.money.state import drawer
from cabinas.shifts.queries import open_shift
from cabinas.sync.queries import sync_state
from cabinas.sync.words import last_ok_words
from cabinas.till import till
from core import wire
from core.cash import COINS, NOTES, typed_counts
from core.clock import now_utc
from core.errors import NotFound, Rejected
from core.ledger import Account, cash_expected, from_own_pocket
from core.money import parse_soles
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("money", __name__)

VOIDS_MAX = 500


class CierreUnknown(NotFound):
    code = "cierre.no_existe"
    detail = "Ese cierre no existe en esta cabina."


@bp.get("/caja")
@requires("caja")
def caja() -> str:
    return _caja(now_utc())


@bp.post("/remesas")
@requires("caja")
def create_remittance() -> str | Response | tuple[str, int]:
    now = now_utc()
    try:
        till().refuse_without_space()
        write_once(
            actions.declare_remittance,
            centimos=_soles(request.form.get("importe", "")),
            reference=request.form.get("referencia", "").strip()[:120],
            principal=current_principal(),
            device=till().device,
            now=now,
        )
    except Rejected as refused:
        return _caja(now, refused=refused), refused.status
    return redirect(url_for("money.caja"), 303)


@bp.post("/remesas/<remittance_id>/codigos")
@requires("caja")
def create_code(remittance_id: str) -> str | Response | tuple[str, int]:
    """Treasury's word read over the phone."""
    now = now_utc()
    try:
        enter_code(remittance_id, request.form.get("codigo", ""), now=now)
    except Rejected as refused:
        return _caja(now, refused=refused), refused.status
    return redirect(url_for("money.caja"), 303)


@bp.post("/extornos")
@requires("caja")
def create_extorno() -> str | Response | tuple[str, int]:
    now = now_utc()
    try:
        till().refuse_without_space()
        motivo = request.form.get("motivo", "").strip()[:300]
        if not motivo:
            raise actions.MotivoMissing()
        write_once(
            actions.declare_extorno,
            number=request.form.get("numero", ""),
            motivo=motivo,
            principal=current_principal(),
            device=till().device,
            now=now,
        )
    except Rejected as refused:
        return _caja(now, refused=refused), refused.status
    return redirect(url_for("money.caja"), 303)


@bp.get("/extornos")
@requires("caja")
def voids() -> str:
    """Every void of this till, with what treasury said."""
    text = request.args.get("q", "").strip()
    with store().read() as session:
        found = queries.extornos(session, VOIDS_MAX, text=text)
    standing = [row.centimos for row in found if row.state not in ("rechazado", "apartado")]
    return render_template("cabinas/extornos.html", found=found, text=text, total_centimos=sum(standing))


@bp.get("/cierre")
@requires("caja")
def cierre() -> str:
    return _cierre(None)


@bp.post("/cierres")
@requires("caja")
def create_cierre() -> str | Response | tuple[str, int]:
    try:
        till().refuse_without_space()
        answer = write_once(
            actions.close_day,
            counts=typed_counts(request.form),
            operator=current_principal().name,
            device=till().device,
            now=now_utc(),
        )
    except Rejected as refused:
        return _cierre(refused), refused.status
    return redirect(url_for("money.closed", z=answer["z"]), 303)


@bp.get("/cierres/<int:z>")
@requires("caja")
def closed(z: int) -> str:
    """The difference, told only after the count."""
    with store().read() as session:
        found = queries.cierre(session, z)
        if found is None:
            raise CierreUnknown()
        parts = [wire.ShiftPart.model_validate(part) for part in found.shifts]
        own = from_own_pocket(found.expected_centimos)
        before = queries.cierre(session, z - 1)
        entries = (before.last_entry_id if before else 0, found.last_entry_id)
        return render_template(
            "cabinas/cerrado.html",
            cierre=found,
            parts=parts,
            own_centimos=own,
            returned=queries.returned_between(session, *entries),
            undone=asides.undone_between(session, *entries),
        )


def enter_code(remittance_id: str, typed: str, *, now: datetime) -> dict[str, Any]:
    """Raises CodeWrong with the tries left, and what the verbs raise."""
    with store().read() as session:
        right = phone.check(session, remittance_id, typed)
    answer: dict[str, Any] = write_once(
        phone.take_code,
        remittance_id,
        typed,
        right=right,
        operator=current_principal().name,
        device=till().device,
        now=now,
    )
    if not right:
        raise phone.CodeWrong(f"{phone.CodeWrong.detail} Quedan {answer['tries_left']} intentos.", field="codigo")
    return answer


def _caja(now: datetime, *, refused: Rejected | None = None) -> str:
    with store().read() as session:
        seen, balance = drawer(session, now=now), queries.balances(session)
        on_its_way = balance[Account.REMITTANCE_IN_TRANSIT]
        return render_template(
            "cabinas/caja.html",
            drawer=seen,
            to_remit_centimos=max(0, seen.municipal_held_centimos - on_its_way),
            own_centimos=from_own_pocket(cash_expected(balance)),
            last_ok=last_ok_words(sync_state(session).last_ok_at, now),
            remittances=queries.remittances(session),
            extornos=queries.extornos(session),
            asides=asides.all_of_them(session),
            refused=refused,
            form=request.form,
        )


def _cierre(refused: Rejected | None) -> str:
    with store().read() as session:
        last = queries.last_cierre(session)
        return render_template(
            "cabinas/cierre.html",
            notes=NOTES,
            coins=COINS,
            taken=queries.taken_since(session, last),
            shift=open_shift(session),
            last=last,
            cierres=queries.cierres(session, 6),
            refused=refused,
            form=request.form,
        )


def _soles(text: str) -> int:
    try:
        return parse_soles(text.replace("S/", "").replace(",", "."))
    except ValueError:
        raise actions.AmountInvalid("Escriba el importe en soles, por ejemplo 150.00.", field="importe") from None
