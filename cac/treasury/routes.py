"""Treasury's desk: cabins with what they owe, remittances and extornos to settle, suspension."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Blueprint, current_app, render_template, request
from pydantic import Field, StrictInt
from sqlalchemy import select
from werkzeug.wrappers import Response

from cac.calendar import calendar, hours
from cac.sync import actions as sync
from cac.sync import aside, branches
from cac.sync import queries as cabins
from cac.sync.applying import Rules, retry
from cac.sync.keys import centre_key
from cac.sync.lost import losses
from cac.sync.rules import ago, waits_too_long
from cac.sync.told import advice, told
from cac.till.unpaid import count_unpaid
from cac.treasury import actions, check, guarantee, old_prices, phone, queries, views
from cac.treasury.late import late_payments
from cac.treasury.pressing import may_write, pressed, settle_by
from cac.tupa.models import TupaVersion
from core.clock import lima_day, now_utc
from core.money import AMOUNT_MAX_CENTIMOS, parse_soles
from core.wire import ConfirmationKind, public_text
from web.access import current_principal, requires
from web.api import ApiModel, store, write_once

bp = Blueprint("treasury", __name__, url_prefix="/tesoreria")
api = APIBlueprint("treasury_api", __name__, url_prefix="/api/v1/cabinas/<code>", tag="Tesorería")


class ReceivedRequest(ApiModel):
    centimos: Annotated[StrictInt, Field(gt=0, le=AMOUNT_MAX_CENTIMOS)] | None = (
        None  # what arrived; all that was declared when absent
    )


class ReasonRequest(ApiModel):
    motivo: Annotated[str, Field(max_length=300)] = ""


class DepositRequest(ApiModel):
    centimos: Annotated[StrictInt, Field(gt=0, le=AMOUNT_MAX_CENTIMOS)]
    reference: Annotated[str, Field(max_length=guarantee.REFERENCE_MAX)]  # its receipt or bank operation


# --- programs


@api.post("/remesas/<remittance_id>/confirmaciones")
@requires("treasury.write")
@api.input(ReceivedRequest, arg_name="asked")
def confirm_remittance(code: str, remittance_id: str, asked: ReceivedRequest) -> tuple[dict[str, Any], int]:
    return settle_by(
        actions.settle_remittance, code, remittance_id, confirmed=True, centimos=asked.centimos, now=now_utc()
    ), 201


@api.post("/remesas/<remittance_id>/rechazos")
@requires("treasury.write")
@api.input(ReasonRequest, arg_name="asked")
def reject_remittance(code: str, remittance_id: str, asked: ReasonRequest) -> tuple[dict[str, Any], int]:
    return settle_by(
        actions.settle_remittance, code, remittance_id, confirmed=False, reason=asked.motivo, now=now_utc()
    ), 201


@api.post("/extornos/<extorno_id>/confirmaciones")
@requires("treasury.write")
def confirm_extorno(code: str, extorno_id: str) -> tuple[dict[str, Any], int]:
    return settle_by(actions.settle_extorno, code, extorno_id, confirmed=True, now=now_utc()), 201


@api.post("/extornos/<extorno_id>/rechazos")
@requires("treasury.write")
@api.input(ReasonRequest, arg_name="asked")
def reject_extorno(code: str, extorno_id: str, asked: ReasonRequest) -> tuple[dict[str, Any], int]:
    return settle_by(actions.settle_extorno, code, extorno_id, confirmed=False, reason=asked.motivo, now=now_utc()), 201


@api.post("/garantias")
@requires("treasury.write")
@api.input(DepositRequest, arg_name="asked")
def receive_guarantee(code: str, asked: DepositRequest) -> tuple[dict[str, Any], int]:
    return settle_by(guarantee.receive, code, centimos=asked.centimos, reference=asked.reference, now=now_utc()), 201


# --- people


@bp.get("")
@requires("treasury.read")
def show_cabinas() -> str:
    now = now_utc()
    with store().read() as session:
        found = views.all_cabinas(session, now=now, unpaid_late=late_payments(session, now=now))
        by_id = {view.cabina.id: view.cabina for view in found}
        return render_template(
            "cac/treasury/index.html",
            cabinas=found,
            by_id=by_id,
            remittances=queries.remittances(session, open_only=True),
            extornos=queries.extornos(session, open_only=True),
            owed_centimos=sum(view.owed_centimos for view in found),
            in_transit_centimos=sum(view.in_transit_centimos for view in found),
            age=lambda since: ago(since, now=now),
            late=lambda since: waits_too_long(since, now=now),
            unpaid=count_unpaid(session),
            may_write=may_write(),
        )


@bp.get("/cuadre")
@requires("treasury.read")
def show_check() -> str:
    """What the ledgers say is owed beside what the cases say is to be received."""
    with store().read() as session:
        compared = check.compare(session)
    return render_template(
        "cac/treasury/cuadre.html",
        cabinas=compared,
        owed_centimos=sum(one.ledger_centimos for one in compared),
        receivable_centimos=sum(one.receivable_centimos for one in compared),
        differ=[one for one in compared if one.difference_centimos],
    )


@bp.get("/cabinas/<code>")
@requires("treasury.read")
def show_cabina(code: str) -> str:
    now = now_utc()
    with store().read() as session:
        view = views.one_cabina(session, code, now=now, unpaid_late=late_payments(session, now=now))
        cabina_id, splits = view.cabina.id, branches.splits(session, view.cabina)
        in_a_branch = {step.id for split in splits for step in split.later if step.place == "hechos"}
        return render_template(
            "cac/treasury/cabina.html",
            view=view,
            remittances=queries.remittances(session, cabina_id),
            extornos=queries.extornos(session, cabina_id),
            closes=queries.closes(session, cabina_id),
            shifts=queries.shifts(session, cabina_id),
            old_prices=old_prices.charged_by_another(session, view.cabina.code, today=lima_day(now)),
            quarantined=[
                (row, event, told(event.event))
                for row, event in cabins.quarantined(session, cabina_id)
                if event.id not in in_a_branch
            ],
            advice=advice,
            set_aside=queries.words_of(session, cabina_id, ConfirmationKind.EVENT_SET_ASIDE),
            aside={(order.place, order.event_id): order for order in aside.orders(session, cabina_id)},
            versions=session.scalars(select(TupaVersion.version).order_by(TupaVersion.id.desc())).all(),
            splits=splits,
            losses=losses(session, cabina_id),
            series=cabins.series(session, cabina_id),
            held=cabins.held_events(session, cabina_id),
            orders=guarantee.orders(session, cabina_id),
            guarantee_moves=guarantee.movements(session, cabina_id),
            who=current_principal().key,
            may_write=may_write(),
            age=lambda since: ago(since, now=now),
            late=lambda since: waits_too_long(since, now=now),
        )


@bp.post("/cabinas/<code>/remesas/<remittance_id>/confirmaciones")
@requires("treasury.write")
def press_confirm_remittance(code: str, remittance_id: str) -> Response:
    def settle() -> str:
        try:
            centimos = parse_soles(request.form.get("importe", ""))
        except ValueError:
            raise actions.AmountInvalid() from None
        settle_by(actions.settle_remittance, code, remittance_id, confirmed=True, centimos=centimos, now=now_utc())
        return "Remesa confirmada. La cabina queda libre en cuanto se conecte."

    return pressed(settle, code)


@bp.post("/cabinas/<code>/remesas/<remittance_id>/rechazos")
@requires("treasury.write")
def press_reject_remittance(code: str, remittance_id: str) -> Response:
    def settle() -> str:
        reason = request.form.get("motivo", "")
        settle_by(actions.settle_remittance, code, remittance_id, confirmed=False, reason=reason, now=now_utc())
        return "Remesa rechazada. La cabina verá el motivo."

    return pressed(settle, code)


@bp.post("/cabinas/<code>/extornos/<extorno_id>/confirmaciones")
@requires("treasury.write")
def press_confirm_extorno(code: str, extorno_id: str) -> Response:
    def settle() -> str:
        settle_by(actions.settle_extorno, code, extorno_id, confirmed=True, now=now_utc())
        return "Extorno confirmado: la cabina ya no debe ese cobro."

    return pressed(settle, code)


@bp.post("/cabinas/<code>/extornos/<extorno_id>/rechazos")
@requires("treasury.write")
def press_reject_extorno(code: str, extorno_id: str) -> Response:
    def settle() -> str:
        reason = request.form.get("motivo", "")
        settle_by(actions.settle_extorno, code, extorno_id, confirmed=False, reason=reason, now=now_utc())
        return "Extorno rechazado. La cabina sigue debiendo ese cobro."

    return pressed(settle, code)


@bp.post("/cabinas/<code>/codigos")
@requires("treasury.write")
def press_phone_code(code: str) -> Response:
    """For a cabin without a link: the code to read aloud, shown on the page it goes back to."""

    def settle() -> str:
        try:
            centimos = parse_soles(request.form.get("importe", ""))
        except ValueError:
            raise actions.AmountInvalid("Escriba lo recibido en soles, como 150.00.", field="importe") from None
        given = settle_by(
            phone.confirm,
            code,
            place=request.form.get("codigo", ""),
            centimos=centimos,
            reference=request.form.get("referencia", ""),
            now=now_utc(),
        )
        return f"Dicte a la cabina el código {given['code']} para la remesa {given['slot']}: solo sirve una vez y por ese importe."

    return pressed(settle, code)


@bp.post("/cabinas/<code>/suspensiones")
@requires("treasury.write")
def press_suspension(code: str) -> Response:
    suspended = request.form.get("suspended", "1") == "1"

    def settle() -> str:
        write_once(
            sync.suspend,
            code,
            suspended=suspended,
            reason=request.form.get("motivo", ""),
            principal=current_principal(),
            now=now_utc(),
        )
        return (
            "Cabina suspendida: deja de registrar en menos de un minuto si tiene conexión."
            if suspended
            else ("Cabina rehabilitada: vuelve a registrar cuando se conecte.")
        )

    return pressed(settle, code)


@bp.post("/cabinas/<code>/verificaciones/<int:event_id>")
@requires("treasury.write")
def press_retry(code: str, event_id: int) -> Response:
    def settle() -> str:
        key = centre_key(current_app.extensions["settings"].keys_dir)
        write_once(
            retry,
            code,
            event_id,
            rules=Rules(calendar(), hours()),
            centre_key=public_text(key),
            principal=current_principal(),
            now=now_utc(),
        )
        return "Aplicado: ya no está en verificación."

    return pressed(settle, code)
