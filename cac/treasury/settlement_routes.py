"""A cabin's settlement of a period, its movements, and its ledger as files that accounting programs read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from cac.audit.reads import looked_at
from cac.paper.wording import for_a4
from cac.sync.actions import find
from cac.sync.models import Cabina
from cac.sync.queries import all_cabinas, municipality
from cac.treasury import closing, ledger, queries, slips
from cac.treasury.pressing import may_write, settle_by
from core.clock import lima_day, now_utc
from core.errors import NotFound, Rejected
from core.journal import FORMATS
from core.settlement import Line, Settlement, found, settle
from printing import pdf
from printing.papers import Aside, Remittance
from printing.settlement import closed_paper, settlement_paper
from web.access import current_principal, requires
from web.api import store, write_once
from web.period import Period, read_period
from web.settlement import ACCOUNT_WORDS, KIND_WORDS, about, closed_xlsx, settlement_xlsx
from web.spreadsheets import XLSX

bp = Blueprint("settlement", __name__, url_prefix="/tesoreria")

DAYS = 30
ALL = Period(date(2000, 1, 1), date(2999, 12, 31))
SHOWN_MAX = 500


class FileUnknown(NotFound):
    code, title = "liquidacion.archivo", "Archivo desconocido"
    detail = "Ese archivo no existe. Vuelva a la liquidación y elija uno de los que ofrece."


@bp.get("/cabinas/<code>/liquidacion")
@requires("treasury.read")
def show(code: str) -> str:
    period = _period()
    with store().read() as session:
        cabina = find(session, code)
        lines = ledger.lines(session, cabina.id, period.since, period.until)
        told = _settled(session, cabina, lines, period)
        return render_template(
            "cac/treasury/liquidacion.html",
            cabina=cabina,
            told=told,
            period=period,
            closed=list(reversed(closing.closed(session, cabina.id))),
            close_until=_close_until(session, cabina),
            may_write=may_write(),
            lines=found(lines, request.args.get("q", ""))[:SHOWN_MAX],
            total=len(lines),
            q=request.args.get("q", ""),
            kinds=KIND_WORDS,
            about=about,
            accounts=ACCOUNT_WORDS,
            formats=tuple(FORMATS),
        )


@bp.get("/cabinas/<code>/liquidacion/<ending>")
@requires("treasury.read")
def download(code: str, ending: str) -> Response:
    """`pdf` and `xlsx` of the period; `beancount` and `journal` of the whole ledger."""
    now = now_utc()
    with store().read() as session:
        cabina = find(session, code)
        if ending in FORMATS:
            everything = ledger.lines(session, cabina.id, ALL.since, ALL.until)
            text = FORMATS[ending]({cabina.code: everything}, title=f"Cabina {cabina.code} {cabina.name}")
            return _file(text.encode(), "text/plain; charset=utf-8", f"{cabina.code}.{ending}")
        period = _period()
        lines = ledger.lines(session, cabina.id, period.since, period.until)
        told = _settled(session, cabina, lines, period)
        if ending == "xlsx":
            made = settlement_xlsx(told, lines)
            return _file(made, XLSX, f"{told.number}.xlsx")
        if ending != "pdf":
            raise FileUnknown()
        paper = settlement_paper(
            told,
            site=municipality(session),
            office="Tesorería",
            cabina=f"{cabina.code} {cabina.name}",
            remittances=[_remittance(*row) for row in _remittances(session, cabina, period)],
            asides=[Aside(part.on, part.about, part.centimos) for part in closing.asides(session, cabina, told)],
            prepared_by=current_principal().name,
            issued_at=now,
            demo=current_app.extensions["settings"].demo,
        )
        held = for_a4(session, paper)
    return _file(pdf.draw(*held), "application/pdf", f"{told.number}.pdf")


@bp.post("/cabinas/<code>/liquidaciones")
@requires("treasury.write")
def close(code: str) -> Response:
    """Close the cabin's next settlement. Its figures are made outside the writer; what comes meanwhile is of the one after."""
    now = now_utc()
    try:
        until = date.fromisoformat(request.form.get("hasta", ""))
    except ValueError:
        until = date.min
    try:
        with store().read() as session:
            cabina = find(session, code)
            if not cabina.created_at.date() <= until:
                raise closing.PeriodNotOver(field="hasta")
            told = closing.next_settlement(session, cabina, until)
        even_so = request.form.get("con_lo_que_hay") == "1"
        done = settle_by(closing.close_settlement, code, told, today=lima_day(now), even_so=even_so, now=now)
        flash(f"{done['number']} cerrada: ya no cambia. La cabina la recibe cuando se conecte.", "bien")
    except Rejected as refused:
        flash(refused.detail, "error")
    return redirect(url_for("settlement.show", code=code), 303)  # type: ignore[return-value]


@bp.get("/cabinas/<code>/liquidaciones/<int:n>/<ending>")
@requires("treasury.read")
def download_closed(code: str, n: int, ending: str) -> Response:
    """A closed settlement as `pdf` or `xlsx`: the same whenever it is asked, and at the cabin."""
    with store().read() as session:
        told = closing.one(session, find(session, code).id, n)
    number = told.settlement().number
    if ending == "xlsx":
        return _file(closed_xlsx(told), XLSX, f"{number}.xlsx")
    if ending != "pdf":
        raise FileUnknown()
    with store().read() as session:
        held = for_a4(session, closed_paper(told, demo=current_app.extensions["settings"].demo))
    return _file(pdf.draw(*held), "application/pdf", f"{number}.pdf")


@bp.post("/cabinas/<code>/liquidaciones/<int:n>/impresiones")
@requires("treasury.write")
def print_closed(code: str, n: int) -> Response:
    """On thermal paper; the page it goes to shows the very bytes that were queued. A second time it says REIMPRESIÓN."""
    demo = current_app.extensions["settings"].demo
    try:
        done = write_once(slips.print_slip, code, n, demo=demo, principal=current_principal(), now=now_utc())
    except Rejected as refused:
        flash(refused.detail, "error")
        return redirect(url_for("settlement.show", code=code), 303)  # type: ignore[return-value]
    flash(f"{done['number']} va a la impresora.", "bien")
    return redirect(url_for("paper.job_page", job_id=done["job"]), 303)  # type: ignore[return-value]


@bp.get("/libro/<ending>")
@requires("treasury.read")
def download_all(ending: str) -> Response:
    """The ledgers of every cabin in one `beancount` or `journal` file."""
    if ending not in FORMATS:
        raise FileUnknown()
    with store().read() as session:
        ledgers = {
            cabina.code: ledger.lines(session, cabina.id, ALL.since, ALL.until) for cabina in all_cabinas(session)
        }
        title = f"Cabinas de {municipality(session)}"
    return _file(FORMATS[ending](ledgers, title=title).encode(), "text/plain; charset=utf-8", f"cabinas.{ending}")


def _close_until(session: Session, cabina: Cabina) -> date | None:
    """The day proposed: the last that is over; None when nothing is left to close."""
    yesterday = lima_day(now_utc()) - timedelta(days=1)
    before = closing.closed(session, cabina.id)
    first = before[-1].to_on + timedelta(days=1) if before else lima_day(cabina.created_at)
    return yesterday if first <= yesterday else None


def _settled(session: Session, cabina: Cabina, lines: list[Line], period: Period) -> Settlement:
    opening = ledger.before(session, cabina.id, period.since)
    return settle(cabina.code, opening, lines, from_on=period.since, to_on=period.until)


def _remittances(session: Session, cabina: Cabina, period: Period) -> list[Any]:
    return queries.remittances_between(session, cabina.id, period.since, period.until)


def _remittance(declared: Any, word: Any) -> Remittance:
    state = word.kind.split("_")[1] if word else "declarada"
    centimos = word.centimos if state == "confirmada" else declared.centimos
    return Remittance(lima_day(declared.declared_at), declared.reference, centimos, state)


def _period() -> Period:
    today = lima_day(now_utc())
    return read_period(request.args.get("desde"), request.args.get("hasta"), today=today, days=DAYS)


def _file(made: bytes, mimetype: str, name: str) -> Response:
    """Who took it is noted: it names cases."""
    looked_at(f"liquidacion:{name}", now=now_utc())
    response = Response(made, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
