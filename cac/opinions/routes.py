"""/reportes/opiniones: what people answered, and the same as a file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from cac.desk.queries import salas_for
from cac.opinions import queries
from cac.opinions.rules import CHANNELS, FACES, FEWEST, PLACES, monday_of
from core.clock import lima_day, now_utc
from web.access import current_principal, requires
from web.api import store
from web.period import Period, read_period
from web.spreadsheets import Sheet, csv_bytes

bp = Blueprint("opinions", __name__, url_prefix="/reportes")

SHOWN_DAYS = 28
WORDS = {face.value: face.word for face in FACES}


@bp.get("/opiniones")
@requires("live.read")
def show() -> str:
    period = _period()
    with store().read() as session:
        found = queries.opinions_of(session, _sala(), since=period.since, until=period.until)
        salas = salas_for(session, current_principal().sala)
    return render_template(
        "cac/opinions/index.html",
        found=found,
        salas=salas,
        period=period,
        faces=FACES,
        fewest=FEWEST,
        principal=current_principal(),
    )


@bp.get("/opiniones.csv")
@requires("live.read")
def export() -> Response:
    """One answer a line. Neither the turn nor who attended: few answers would tell who said what."""
    period = _period()
    with store().read() as session:
        answers = queries.answers_of(session, _sala(), since=period.since, until=period.until)
    rows = tuple(
        (
            answer.given_on.isoformat(),
            monday_of(answer.given_on).isoformat(),
            answer.service,
            CHANNELS.get(answer.channel, answer.channel),
            PLACES[answer.place],
            answer.face,
            WORDS[answer.face],
            answer.comment or "",
        )
        for answer in answers
    )
    head = ("día", "semana del", "servicio", "canal", "dónde opinó", "cara (1 a 5)", "palabra", "comentario")
    name = f"opiniones-{period.since}-{period.until}.csv"
    return Response(
        csv_bytes([Sheet("Opiniones", head, rows)]),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _period() -> Period:
    return read_period(request.args.get("desde"), request.args.get("hasta"), today=lima_day(now_utc()), days=SHOWN_DAYS)


def _sala() -> str | None:
    return current_principal().sala or request.args.get("sala")
