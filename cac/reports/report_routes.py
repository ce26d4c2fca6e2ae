"""Reports of a period: a page with pictures and their tables, and the same as files."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from cac.audit.reads import looked_at
from cac.desk.queries import salas_for
from cac.paper.queries import site_of_paper
from cac.paper.wording import for_a4
from cac.reports.calibration import LEAST, MIN_TOLD, MOST
from cac.reports.drawing import bars, lines
from cac.reports.figures import Tally
from cac.reports.grouping import grouped
from cac.reports.period import PeriodInvalid, PeriodReport, period_report
from cac.reports.sheets import COLUMNS, as_csv, as_sheet, as_xlsx, figures_of, tables
from cac.reports.told import CalibrationReport, calibration, sheets
from core.clock import lima_day, now_utc
from printing import pdf
from web.access import current_principal, requires
from web.api import store
from web.period import Period, read_period
from web.period import PeriodInvalid as OutOfReach
from web.spreadsheets import csv_bytes

bp = Blueprint("period_reports", __name__, url_prefix="/reportes")

CALIBRATED_DAYS = 28  # four weeks
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@requires("reports.read")
def show() -> tuple[str, int] | str:
    """The figures of a period; today's when none is asked for."""
    today = lima_day(now_utc())
    try:
        report, refusal = _report(), None
    except PeriodInvalid as error:
        report, refusal = _report(first=today, last=today), error.detail
    page = render_template("cac/reports/reportes.html", error=refusal, **_shown(report, today))
    return (page, 422) if refusal else page


@bp.get("/cifras.csv")
@requires("reports.read")
def download_csv() -> Response:
    return _file(_report(), as_csv, "text/csv; charset=utf-8", "csv")


@bp.get("/cifras.xlsx")
@requires("reports.read")
def download_xlsx() -> Response:
    return _file(_report(), as_xlsx, XLSX, "xlsx")


@bp.get("/espera")
@requires("reports.read")
def show_calibration() -> tuple[str, int] | str:
    """How far the wait told at issue can be believed: the last four weeks, when no period is asked for."""
    today, refusal = lima_day(now_utc()), None
    try:
        period = _weeks(today)
    except OutOfReach as error:
        period, refusal = read_period(None, None, today=today, days=CALIBRATED_DAYS), error.detail
    page = render_template(
        "cac/reports/espera.html",
        found=_calibration(period),
        salas=_salas(),
        least=LEAST,
        most=MOST,
        min_told=MIN_TOLD,
        error=refusal,
        principal=current_principal(),
    )
    return (page, 422) if refusal else page


@bp.get("/espera.csv")
@requires("reports.read")
def download_calibration() -> Response:
    found = _calibration(_weeks(lima_day(now_utc())))
    response = Response(csv_bytes(sheets(found)), mimetype="text/csv; charset=utf-8")
    name = f"espera-dicha-{found.sala}-{found.since}_{found.until}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _salas() -> list[tuple[str, str]]:
    with store().read() as session:
        return salas_for(session, current_principal().sala)


def _weeks(today: date) -> Period:
    """Raises OutOfReach."""
    return read_period(request.args.get("desde"), request.args.get("hasta"), today=today, days=CALIBRATED_DAYS)


def _calibration(period: Period) -> CalibrationReport:
    sala = current_principal().sala or request.args.get("sala")
    with store().read() as session:
        return calibration(session, sala, since=period.since, until=period.until, now=now_utc())


@bp.get("/cifras.pdf")
@requires("reports.read")
def download_pdf() -> Response:
    report, demo = _report(), current_app.extensions["settings"].demo
    with store().read() as session:
        held = for_a4(session, as_sheet(report, **site_of_paper(session), made_at=now_utc(), demo=demo))
    return _file(report, lambda _: pdf.draw(*held), "application/pdf", "pdf")


def _report(**given: date) -> PeriodReport:
    principal, now = current_principal(), now_utc()
    today = lima_day(now)
    period = given or {"first": _day("desde", today), "last": _day("hasta", today)}
    with store().read() as session:
        return period_report(
            session,
            sala=principal.sala or request.args.get("sala"),
            service=request.args.get("servicio", ""),
            now=now,
            **period,
        )


def _day(name: str, today: date) -> date:
    text = request.args.get(name, "")
    try:
        return date.fromisoformat(text) if text else today
    except ValueError:
        raise PeriodInvalid(field=name) from None


def _file(report: PeriodReport, make: Any, mimetype: str, ending: str) -> Response:
    """The figures as a file; it names clerks, so who took it is noted."""
    period = f"{report.first}_{report.last}"
    looked_at(f"reporte:{report.sala}:{period}", now=now_utc())
    response = Response(make(report), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="turnos-{report.sala}-{period}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _shown(report: PeriodReport, today: date) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "desde": report.first.isoformat(),
        "hasta": report.last.isoformat(),
        "sala": report.sala,
        "servicio": report.service,
    }
    over_time: list[tuple[str, Tally]]
    if report.first == report.last:
        unit, over_time = "hora", [(line.name, line.tally) for line in report.by_hour]
    else:
        unit, over_time = grouped(report.days)
    labels = [label for label, _ in over_time]
    tallies = [tally for _, tally in over_time]
    return {
        "report": report,
        "unit": unit,
        "over_time": over_time,
        "people": bars(labels, [[one.issued for one in tallies], [one.finished for one in tallies]]),
        "waits": lines(labels, [[one.wait_median for one in tallies], [one.wait_p90 for one in tallies]]),
        "tables": [
            (by, rows) for by, rows in tables(report) if by not in ("Día", "Hora") and (by != "Total" or rows[0][1].any)
        ],
        "columns": COLUMNS,
        "figures_of": figures_of,
        "principal": current_principal(),
        "pdf": url_for("period_reports.download_pdf", **asked),
        "csv": url_for("period_reports.download_csv", **asked),
        "xlsx": url_for("period_reports.download_xlsx", **asked),
        "shortcuts": _shortcuts(today, report),
        "now": now_utc(),
    }


def _shortcuts(today: date, report: PeriodReport) -> list[tuple[str, str, bool]]:
    """Periods people ask for: its words, its address, whether it is the one shown."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    periods = (
        ("Hoy", today, today),
        ("Ayer", today - timedelta(days=1), today - timedelta(days=1)),
        ("Últimos 7 días", today - timedelta(days=6), today),
        ("Este mes", month, today),
        ("Mes pasado", before, month - timedelta(days=1)),
        ("Este año", today.replace(month=1, day=1), today),
    )
    asked: dict[str, Any] = {"sala": report.sala, "servicio": report.service}
    return [
        (
            words,
            url_for("period_reports.show", desde=first.isoformat(), hasta=last.isoformat(), **asked),
            (report.first, report.last) == (first, last),
        )
        for words, first, last in periods
    ]
