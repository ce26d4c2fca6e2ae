"""/supervisor/simulacion: what if a ventanilla more had been open today."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from statistics import median
from typing import Any

from flask import Blueprint, render_template, request

from cac.desk import queries as desk
from cac.desk.actions.rows import desks_of
from cac.replay.chart import HEIGHT, LEFT, WIDTH, chart
from cac.replay.queries import Today, today_of
from core.clock import LIMA, now_utc
from core.errors import Invalid, Rejected
from ticketing.policy import Desk
from ticketing.replay import Stretch, by_quarter, replay
from ticketing.rules import Policy, parse_policy
from web.access import current_principal, requires
from web.api import store
from web.forms import told

bp = Blueprint("replay", __name__, url_prefix="/supervisor")


@bp.get("/simulacion")
@requires("live.read")
def show() -> str | tuple[str, int]:
    now, form = now_utc(), request.args
    with store().read() as session:
        sala = desk.find_sala(session, current_principal().sala)
        services = desk.services_of(session, sala.code, now=now)
        numbers = [found.number for found, _ in desks_of(session, sala.id).values()]
        today = today_of(session, sala.id, now=now)
    names = {row["code"]: row["name"] for row in services}
    options = {
        "numbers": [("", "Elija"), *((str(number), str(number)) for number in numbers)],
        "services": [("", "Elija"), *((row["code"], f"{row['code']} {row['name']}") for row in services)],
    }
    shown: dict[str, Any] = {
        "sala": sala,
        "service": names.get(form.get("servicio", "")),
        "options": options,
        "form": form,
        "errors": {},
    }
    if not form:
        return render_template("cac/replay/page.html", **shown)
    try:
        more = _more(today, services, numbers, now)
        return render_template(
            "cac/replay/page.html", **shown, **_compared(today, more, parse_policy(sala.policy), now)
        )
    except Rejected as refusal:
        return render_template("cac/replay/page.html", **(shown | {"errors": told(refusal)})), refusal.status


def _more(today: Today, services: list[dict[str, Any]], numbers: list[int], now: datetime) -> Stretch:
    """The ventanilla of the form, for its service, from its hour until it really opened, or now. Raises Invalid."""
    number, service = request.args.get("ventanilla", type=int), request.args.get("servicio", "")
    if number not in numbers:
        raise Invalid("Elija una ventanilla.", field="ventanilla")
    if service not in {row["code"] for row in services}:
        raise Invalid("Elija un servicio.", field="servicio")
    try:
        hour = time.fromisoformat(request.args.get("desde", ""))
    except ValueError:
        raise Invalid("Escriba la hora como 10:00.", field="desde") from None
    since = datetime.combine(now.astimezone(LIMA).date(), hour.replace(tzinfo=None), LIMA)
    own = [stretch for stretch in today.stretches if stretch.desk.number == number]
    if any(stretch.since <= since < stretch.until for stretch in own):
        raise Invalid(
            f"La ventanilla {number} ya estaba abierta a esa hora. Elija otra hora u otra ventanilla.", field="desde"
        )
    until = min((stretch.since for stretch in own if stretch.since > since), default=now)
    if since >= until:
        raise Invalid("Escriba una hora de hoy que ya pasó.", field="desde")
    return Stretch(Desk(number, (service,)), since, until)


def _compared(today: Today, more: Stretch, policy: Policy, now: datetime) -> dict[str, Any]:
    days = [
        replay(today.visits, stretches, policy=policy, until=now)
        for stretches in (today.stretches, (*today.stretches, more))
    ]
    if not days[0]:
        raise Invalid("Hoy todavía no vino nadie: no hay con qué comparar.")
    lines = [by_quarter(today.visits, waits) for waits in days]
    would = dict(lines[1])
    return {
        "more": more,
        "picture": chart(*lines),
        "size": (WIDTH, HEIGHT, LEFT),
        "figures": [_figures(list(waits.values())) for waits in days],
        "quarters": [(at.astimezone(LIMA), round(was), round(would[at])) for at, was in lines[0] if at in would],
    }


def _figures(waits: list[timedelta]) -> dict[str, int]:
    """Whole minutes, of people and not of quarters."""
    minutes = sorted(wait.total_seconds() / 60 for wait in waits)
    return {
        "people": len(minutes),
        "median": round(median(minutes)),
        "p90": round(minutes[int(0.9 * (len(minutes) - 1))]),
        "longest": round(minutes[-1]),
    }
