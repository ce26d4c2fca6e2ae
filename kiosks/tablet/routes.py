"""/orientador: choose a service, and the ticket comes on paper or as a code for the phone."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from cac.desk import actions as desk
from cac.desk import queries
from core.clock import now_utc
from core.errors import Rejected
from kiosks.dispenser.queries import ticket_screen
from web.access import current_principal, requires
from web.api import store, write_once
from web.qr import qr_svg

bp = Blueprint("tablet", __name__, url_prefix="/orientador")

PAPER, PHONE = "papel", "celular"


@bp.get("")
@requires("tickets.give")
def home() -> str:
    return _home()


@bp.post("/tickets")
@requires("tickets.give")
def create_ticket() -> Answer | tuple[str, int]:
    """One ticket for the key the page made; then its screen."""
    service, preferente = request.form.get("service", ""), request.form.get("preferente") == "1"
    principal, now = current_principal(), now_utc()
    wait = current_app.extensions["forecasts"].of_newcomer(principal.sala, service, preferente=preferente, now=now)
    try:
        issued = write_once(
            desk.issue,
            service,
            preferente=preferente,
            channel="ventanilla",
            on_paper=request.form.get("entrega") != PHONE,
            principal=principal,
            public_url=_public_url(),
            now=now,
            wait=wait,
            demo=current_app.extensions["settings"].demo,
        )
    except Rejected as refusal:
        if refusal.status >= 500:
            raise
        return _home(refusal.detail), refusal.status
    return redirect(url_for("tablet.show_ticket", token=issued["follow_url"].rsplit("/", 1)[1]), 303)


@bp.get("/tickets/<token>")
@requires("tickets.give")
def show_ticket(token: str) -> str:
    """The ticket to show or hand over, and how its paper stands."""
    with store().read() as reading:
        shown = ticket_screen(reading, token, now=now_utc())
    return render_template("kiosks/tablet/ticket.html", principal=current_principal(), **shown)


@bp.get("/tickets/<token>/papel")
@requires("tickets.give")
def show_paper(token: str) -> str:
    """The part of it that changes while it is printed."""
    with store().read() as reading:
        shown = ticket_screen(reading, token, now=now_utc())
    return render_template("kiosks/tablet/_paper.html", **shown)


@bp.get("/qr/<token>.svg")
@requires("tickets.give")
def qr(token: str) -> Response:
    return Response(qr_svg(f"{_public_url()}/t/{token}"), mimetype="image/svg+xml")


def _home(refusal: str = "") -> str:
    principal = current_principal()
    with store().read() as reading:
        services = queries.services_of(reading, principal.sala, now=now_utc())
    return render_template("kiosks/tablet/home.html", services=services, refusal=refusal, principal=principal)


def _public_url() -> str:
    return str(current_app.extensions["settings"].public_url).rstrip("/")
