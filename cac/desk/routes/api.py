"""Turns as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from flask import Response, current_app, jsonify, request
from pydantic import Field, StrictBool, StrictInt, StrictStr
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cac.desk import actions, queries
from cac.desk.actions import Press
from core.clock import LIMA, now_utc
from core.errors import Forbidden
from web.access import Principal, current_principal, requires
from web.api import ApiModel, store, write_once

api = APIBlueprint("desk_api", __name__, url_prefix="/api/v1", tag="Turnos")

Channel = Literal["kiosko", "ventanilla", "web", "telefono", "cita", "cabina"]
REASON_MAX = 200
Reason = Annotated[StrictStr, Field(max_length=REASON_MAX)]


class NewTicket(ApiModel):
    service: StrictStr
    preferente: StrictBool = False
    channel: Channel | None = None


class NewCall(ApiModel):
    ticket: StrictInt | None = None
    motivo: Reason | None = None


class VentanillaChange(ApiModel):
    motivo: Reason | None = None
    to_ventanilla: StrictInt | None = None


class MoveBody(ApiModel):
    ventanilla: StrictInt | None = None
    motivo: Reason | None = None
    service: StrictStr | None = None
    to_ventanilla: StrictInt | None = None
    resultado: Reason | None = None
    tramites: list[StrictStr] = Field(default_factory=list, max_length=30)


class ClassBody(ApiModel):
    preferente: StrictBool
    motivo: Reason | None = None


class NoticeView(ApiModel):
    code: str
    detail: str


class WaitRange(ApiModel):
    low_minutes: int
    high_minutes: int


class TicketAnswer(ApiModel):
    id: int
    code: str
    service: str
    preferente: bool
    state: str
    issued_at: datetime
    ahead: int
    wait: WaitRange | None
    ventanilla: int | None
    follow_url: str
    print_job: int | None


class MovedAnswer(TicketAnswer):
    warnings: list[NoticeView] = Field(default_factory=list)  # a forwarding says what nobody will see to


@api.get("/services")
@requires("tickets.issue")
def list_services() -> Response:
    """The services of the caller's sala, in the order of the kiosk."""
    with store().read() as session:
        return jsonify(queries.services_of(session, current_principal().sala, now=now_utc()))


@api.post("/tickets")
@api.input(NewTicket)
@api.output(TicketAnswer, status_code=201)
@requires("tickets.issue")
def create_ticket(json_data: NewTicket) -> Response:
    """Give a ticket; its paper is printed where the person stands."""
    response = jsonify(
        issue_ticket(json_data.service, preferente=json_data.preferente, channel=json_data.channel)
    )  # as built: to read it again as a TicketAnswer would cost as much as a statement
    response.status_code = 201
    return response


def issue_ticket(service: str, *, preferente: bool, channel: str | None) -> dict[str, Any]:
    """One ticket for this request's idempotency key."""
    principal, now = current_principal(), now_utc()
    wait = current_app.extensions["forecasts"].of_newcomer(principal.sala, service, preferente=preferente, now=now)
    issued: dict[str, Any] = write_once(
        actions.issue,
        service,
        preferente=preferente,
        channel=channel or ("kiosko" if principal.role == "kiosko" else "ventanilla"),
        principal=principal,
        public_url=public_url(),
        now=now,
        wait=wait,
        demo=current_app.extensions["settings"].demo,
    )
    return issued


@api.get("/tickets/<int:ticket_id>")
@api.output(TicketAnswer)
@requires("tickets.issue")
def show_ticket(ticket_id: int) -> dict[str, Any]:
    """The ticket as it stands."""
    with store().read() as session:
        return queries.ticket_as_it_stands(
            session, ticket_id, principal=current_principal(), public_url=public_url(), now=now_utc()
        )


@api.post("/ventanillas/<int:number>/llamados")
@api.input(NewCall)
@api.doc(responses={200: "El mismo llamado: su turno aún no llega", 201: "Llamado", 204: "Nadie espera"})
@requires("tickets.move")
def create_llamado(number: int, json_data: NewCall) -> Response:
    """Call the next ticket, or a chosen one; opens the ventanilla."""
    call = call_to(number, ticket_id=json_data.ticket, reason=json_data.motivo)
    if call is None:
        return Response(status=204)
    response = jsonify({"seq": call["seq"], "ticket": call["ticket"]})
    response.status_code = 200 if call.get("again") else 201
    return response


def call_to(number: int, *, ticket_id: int | None = None, reason: str | None = None) -> dict[str, Any] | None:
    """A call for this request's idempotency key; None when nobody waits."""
    verb = actions.call_next if ticket_id is None else actions.call_chosen
    call: dict[str, Any] | None = write_once(verb, press(ticket_id=ticket_id or 0, number=number, reason=reason))
    return call


def press(**given: Any) -> Press:
    """What this request's person pressed now."""
    return Press(current_principal(), now_utc(), public_url=public_url(), **given)


VENTANILLA_STEPS = {
    "aperturas": actions.open_ventanilla,
    "pausas": actions.pause_ventanilla,
    "cierres": actions.close_ventanilla,
}


@api.post("/ventanillas/<int:number>/aperturas", endpoint="aperturas")
@api.post("/ventanillas/<int:number>/pausas", endpoint="pausas")
@api.post("/ventanillas/<int:number>/cierres", endpoint="cierres")
@api.input(VentanillaChange)
@requires("tickets.move")
def change_ventanilla(number: int, json_data: VentanillaChange) -> Response:
    """Open, pause or close a ventanilla; its state after it."""
    return jsonify(
        ventanilla_step(
            request.path.rsplit("/", 1)[1], number, reason=json_data.motivo, to_ventanilla=json_data.to_ventanilla
        )
    )


def ventanilla_step(step: str, number: int, *, reason: str | None, to_ventanilla: int | None = None) -> dict[str, Any]:
    """Open, pause or close; who was assigned to one that closes goes `to_ventanilla`, or to the queue."""
    pressed = press(number=number, reason=reason, to_ventanilla=to_ventanilla)
    state: dict[str, Any] = write_once(VENTANILLA_STEPS[step], pressed)
    return state


MOVES: dict[str, Callable[[Session, Press], dict[str, Any]]] = {
    "rellamados": actions.recall,
    "atenciones": actions.start,
    "esperas": actions.hold,
    "ausencias": actions.absent,
    "retornos": actions.return_,
    "derivaciones": actions.forward,
    "tomas": actions.take_over,
    "anulaciones": actions.cancel,
    "cierres": actions.finish,
}


@api.post("/tickets/<int:ticket_id>/rellamados", endpoint="rellamados")
@api.post("/tickets/<int:ticket_id>/atenciones", endpoint="atenciones")
@api.post("/tickets/<int:ticket_id>/esperas", endpoint="esperas")
@api.post("/tickets/<int:ticket_id>/ausencias", endpoint="ausencias")
@api.post("/tickets/<int:ticket_id>/retornos", endpoint="retornos")
@api.post("/tickets/<int:ticket_id>/derivaciones", endpoint="derivaciones")
@api.post("/tickets/<int:ticket_id>/tomas", endpoint="tomas")
@api.post("/tickets/<int:ticket_id>/anulaciones", endpoint="anulaciones")
@api.post("/tickets/<int:ticket_id>/cierres", endpoint="ticket_cierres")
@api.input(MoveBody)
@api.output(MovedAnswer)
@requires("tickets.move")
def move_ticket(ticket_id: int, json_data: MoveBody) -> Response:
    """One move of a ticket; the ticket after it."""
    return jsonify(make_move(request.path.rsplit("/", 1)[1], ticket_id, json_data))


def make_move(name: str, ticket_id: int, body: MoveBody) -> dict[str, Any]:
    """The move called `name` in the address, for this request's idempotency key."""
    pressed = press(
        ticket_id=ticket_id,
        number=body.ventanilla,
        reason=body.motivo,
        service=body.service,
        to_ventanilla=body.to_ventanilla,
        outcome=body.resultado,
        tramites=tuple(body.tramites),
    )
    moved: dict[str, Any] = write_once(MOVES[name], pressed)
    return moved


@api.post("/tickets/<int:ticket_id>/clases")
@api.input(ClassBody)
@api.output(TicketAnswer)
@requires("preferente.note")
def correct_class(ticket_id: int, json_data: ClassBody) -> dict[str, Any]:
    """Put a waiting ticket in the class it should have been given; the reason stays as evidence of Ley 28683."""
    return classify(ticket_id, preferente=json_data.preferente, reason=json_data.motivo)


def classify(ticket_id: int, *, preferente: bool, reason: str | None) -> dict[str, Any]:
    """The class corrected, for this request's idempotency key."""
    pressed = press(ticket_id=ticket_id, reason=(reason or "").strip()[:REASON_MAX] or None)
    moved: dict[str, Any] = write_once(actions.classify, pressed, preferente=preferente)
    return moved


@api.get("/salas/<code>/tablero")
@requires("board.read")
def show_board(code: str) -> BaseResponse:
    """The whole board; 304 while nothing but the hour changed."""
    return board_response(code)


def board_response(code: str) -> BaseResponse:
    """The board of a sala for whoever may see it, with its ETag."""
    require_sala(current_principal(), code)
    now = now_utc()
    with store().read() as session:
        board = queries.board_of(session, code, now=now)
    response = jsonify(board.as_json(now.astimezone(LIMA)))
    response.set_etag(board.etag())
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


def require_sala(principal: Principal, code: str) -> None:
    """A device or clerk of one sala looks at no other."""
    if principal.sala and principal.sala != code:
        raise Forbidden()


def public_url() -> str:
    return str(current_app.extensions["settings"].public_url).rstrip("/")
