"""The TUPA and its terms, for anybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from apiflask import APIBlueprint
from pydantic import ConfigDict, Field

from cac.calendar import calendar, hours
from cac.tupa import queries
from core.clock import LIMA, lima_day, now_utc
from core.errors import Invalid
from core.workdays import CalendarMissing
from intake.clock import LawClock, law_clock, received_on
from intake.filing import TERM_UNKNOWN
from web.access import public
from web.api import ApiModel, store

api = APIBlueprint("tupa_api", __name__, url_prefix="/api/v1", tag="TUPA")


class DayInvalid(Invalid):
    code = "solicitud.invalida"
    detail = "Escriba el día como 2026-11-20, o el instante con su hora."


class TupaQuery(ApiModel):
    q: str = ""
    area: str = ""


class PlazoQuery(ApiModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, populate_by_name=True)

    tramite: str
    since: str | None = Field(default=None, alias="from", description="día (2026-11-20) o instante; hoy si falta")
    channel: str = "ventanilla"


class FeeVariantView(ApiModel):
    code: str
    label: str
    centimos: int


class RequisitoView(ApiModel):
    code: str
    text: str


class TramiteView(ApiModel):
    code: str
    name: str
    area: str
    area_code: str
    kind: Literal["procedimiento", "servicio"]
    qualification: Literal["automatico", "evaluacion_previa", "no_aplica"]
    silence: Literal["SAP", "SAN"] | None
    term_business_days: int
    fee_centimos: int
    fee_variants: list[FeeVariantView]
    requisitos: list[RequisitoView]
    channels: list[str]
    joins: bool
    cabin_fee_bearer: Literal["citizen", "municipality"]
    version: str
    reception_only: bool
    reply_business_days: int | None


class RemedyView(ApiModel):
    authority: str
    file_within_business_days: int | None
    resolve_within_business_days: int | None


class SheetView(ApiModel):
    qualification_label: str
    fee_legal_basis: str
    payment_modes: list[str]
    legal_basis: list[str]
    intake_unit: str
    decides: str
    result: str
    result_valid_for: str | None
    reconsideration: RemedyView | None
    appeal: RemedyView | None


class TramiteSheetView(TramiteView):
    sheet: SheetView


class SkippedView(ApiModel):
    on: date
    why: str


class PlazoView(ApiModel):
    received_on: date
    clock_start_on: date | None
    due_on: date | None
    sap_on: date | None
    skipped: list[SkippedView]
    warnings: list[str]


@api.get("/tupa")
@api.input(TupaQuery, location="query", arg_name="query")
@api.output(list[TramiteView])  # type: ignore[arg-type]  # lists of models are understood
@public
def list_tupa(query: TupaQuery) -> Any:
    """Trámites in force, by words of their name and by area."""
    with store().read() as session:
        return queries.list_tramites(session, day=lima_day(now_utc()), q=query.q, area=query.area)


@api.get("/tupa/<code>")
@api.output(TramiteSheetView)
@public
def show_tupa(code: str) -> Any:
    """One trámite with its legal base, remedies and ways to pay."""
    with store().read() as session:
        return queries.show_tramite(session, code, day=lima_day(now_utc()))


@api.get("/plazos")
@api.input(PlazoQuery, location="query", arg_name="query")
@api.output(PlazoView)
@public
def show_plazo(query: PlazoQuery) -> Any:
    """When a complete filing of `tramite` made on `from` would start and end its term."""
    moment = _moment(query.since)
    with store().read() as session:
        tramite = queries.get_tramite(session, query.tramite, day=lima_day(now_utc()))
    try:
        day = received_on(moment, query.channel, calendar=calendar(), hours=hours())
        clock = law_clock(day, tramite, calendar=calendar())
    except CalendarMissing:
        clock = LawClock(lima_day(moment), unknown=True)
    return {
        "received_on": clock.received_on,
        "clock_start_on": clock.clock_start_on,
        "due_on": clock.due_on,
        "sap_on": clock.sap_on,
        "skipped": [{"on": skipped.on, "why": skipped.why} for skipped in clock.skipped],
        "warnings": [TERM_UNKNOWN] if clock.unknown else [],
    }


def _moment(typed: str | None) -> datetime:
    """A day is its morning in Lima: before any closing hour. Raises DayInvalid."""
    if not typed:
        return now_utc()
    try:
        moment = datetime.fromisoformat(typed)
        return moment.astimezone(LIMA) if moment.tzinfo else moment.replace(tzinfo=LIMA)
    except (ValueError, OverflowError):
        raise DayInvalid(field="from") from None
