"""The till's own settlement of a period and its ledger as files: the same figures as at the centre."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from cabinas.enrolment.queries import terms
from cabinas.money import queries
from core.clock import lima_day, now_utc
from core.errors import NotFound
from core.journal import FORMATS
from core.settlement import Line, Settlement, found, settle
from printing.papers import Remittance
from printing.pdf import settlement_pdf
from printing.settlement import settlement_paper
from web.access import current_principal, requires
from web.api import store
from web.period import Period, read_period
from web.settlement import ACCOUNT_WORDS, KIND_WORDS, settlement_xlsx
from web.spreadsheets import XLSX

bp = Blueprint("settlement", __name__)

DAYS = 30
ALL = Period(date(2000, 1, 1), date(2999, 12, 31))
SHOWN_MAX = 500


class FileUnknown(NotFound):
    code = "liquidacion.archivo"
    detail = "Ese archivo no existe. Vuelva a la liquidación y elija uno de los que ofrece."


@bp.get("/liquidacion")
@requires("caja")
def show() -> str:
    period = _period()
    with store().read() as session:
        lines = queries.ledger_lines(session, period.since, period.until)
        return render_template(
            "cabinas/liquidacion.html",
            told=_settled(session, lines, period),
            period=period,
            lines=found(lines, request.args.get("q", ""))[:SHOWN_MAX],
            total=len(lines),
            q=request.args.get("q", ""),
            closes=queries.closes_between(session, period.since, period.until),
            kinds=KIND_WORDS,
            accounts=ACCOUNT_WORDS,
            formats=tuple(FORMATS),
        )


@bp.get("/liquidacion/<ending>")
@requires("caja")
def download(ending: str) -> Response:
    """`pdf` and `xlsx` of the period; `beancount` and `journal` of the whole ledger."""
    with store().read() as session:
        held = terms(session)
        cabina, name = held.lease.cabina, held.catalogue.convenio.name
        if ending in FORMATS:
            everything = queries.ledger_lines(session, ALL.since, ALL.until)
            text = FORMATS[ending]({cabina: everything}, title=f"Cabina {cabina} {name}")
            return _file(text.encode(), "text/plain; charset=utf-8", f"{cabina}.{ending}")
        period = _period()
        lines = queries.ledger_lines(session, period.since, period.until)
        told = _settled(session, lines, period)
        if ending == "xlsx":
            return _file(settlement_xlsx(told, lines), XLSX, f"{told.number}.xlsx")
        if ending != "pdf":
            raise FileUnknown()
        paper = settlement_paper(
            told,
            site=held.catalogue.municipality,
            office=f"Cabina {cabina}",
            cabina=f"{cabina} {name}",
            remittances=_remittances(session, period),
            prepared_by=current_principal().name,
            issued_at=now_utc(),
            demo=held.catalogue.demo,
        )
    return _file(settlement_pdf(paper), "application/pdf", f"{told.number}.pdf")


def _settled(session: Session, lines: list[Line], period: Period) -> Settlement:
    opening = queries.ledger_before(session, period.since)
    return settle(terms(session).lease.cabina, opening, lines, from_on=period.since, to_on=period.until)


def _remittances(session: Session, period: Period) -> list[Remittance]:
    declared = reversed(queries.remittances(session, limit=1_000))
    in_period = [row for row in declared if period.since <= lima_day(row.at) <= period.until]
    return [Remittance(lima_day(row.at), row.reference, row.received_centimos, row.state) for row in in_period]


def _period() -> Period:
    return read_period(request.args.get("desde"), request.args.get("hasta"), today=lima_day(now_utc()), days=DAYS)


def _file(made: bytes, mimetype: str, name: str) -> Response:
    response = Response(made, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
