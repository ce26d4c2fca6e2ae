"""The till's own settlement of a period and its ledger as files: the same figures as at the centre."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from cabinas.enrolment.queries import terms
from cabinas.money import asides, queries, settlements
from cabinas.paper import actions as paper
from cabinas.paper.wording import for_a4
from cabinas.till import till
from core.clock import lima_day, now_utc
from core.errors import NotFound
from core.journal import FORMATS
from core.settlement import Line, Settlement, found, settle
from core.wire import Liquidacion
from printing import pdf
from printing.papers import Aside, Remittance
from printing.settlement import closed_paper, settlement_paper
from web.access import current_principal, requires
from web.api import store, write_once
from web.period import Period, read_period
from web.settlement import ACCOUNT_WORDS, KIND_WORDS, about, closed_xlsx, settlement_xlsx
from web.spreadsheets import XLSX

bp = Blueprint("settlement", __name__)

DAYS = 30
ALL = Period(date(2000, 1, 1), date(2999, 12, 31))
SHOWN_MAX = 500


class FileUnknown(NotFound):
    code = "liquidacion.archivo"
    detail = "Ese archivo no existe. Vuelva a la liquidación y elija uno de los que ofrece."


class SettlementUnknown(NotFound):
    code = "liquidacion.no_existe"
    detail = "Esa liquidación no está en esta cabina. Vea en la lista las que Tesorería cerró."


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
            closed=list(reversed(settlements.closed(session))),
            differing=settlements.differing(session),
            closes=queries.closes_between(session, period.since, period.until),
            kinds=KIND_WORDS,
            about=about,
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
            asides=[
                Aside(lima_day(row.at), row.about, row.centimos)
                for row in reversed(asides.all_of_them(session))
                if period.since <= lima_day(row.at) <= period.until
            ],
            prepared_by=current_principal().name,
            issued_at=now_utc(),
            demo=held.catalogue.demo,
        )
        made = for_a4(session, paper)
    return _file(pdf.draw(*made), "application/pdf", f"{told.number}.pdf")


@bp.get("/liquidaciones/<int:n>/<ending>")
@requires("caja")
def download_closed(n: int, ending: str) -> Response:
    """A closed settlement as `pdf` or `xlsx`, the same as treasury's."""
    told, demo = _closed(n)
    number = told.settlement().number
    if ending == "xlsx":
        return _file(closed_xlsx(told), XLSX, f"{number}.xlsx")
    if ending != "pdf":
        raise FileUnknown()
    with store().read() as session:
        made = for_a4(session, closed_paper(told, demo=demo))
    return _file(pdf.draw(*made), "application/pdf", f"{number}.pdf")


@bp.post("/liquidaciones/<int:n>/impresiones")
@requires("caja")
def print_closed(n: int) -> Response:
    """On the till's own paper; a second time it says REIMPRESIÓN."""
    told, demo = _closed(n)
    given = {"subject": told.settlement().number, "device": till().device, "now": now_utc()}
    write_once(paper.print_or_reprint, closed_paper(told, demo=demo), by=current_principal().name, **given)
    flash(f"{given['subject']} va a la impresora.", "bien")
    return redirect(url_for("settlement.show"), 303)  # type: ignore[return-value]


def _closed(n: int) -> tuple[Liquidacion, bool]:
    with store().read() as session:
        told = settlements.one(session, n)
        if told is None:
            raise SettlementUnknown()
        return told, terms(session).catalogue.demo


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
