"""What the API of cases takes and answers: the shapes that validate, and that the OpenAPI document is made from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from flask import request
from pydantic import AliasChoices, BeforeValidator, Field, SerializerFunctionWrapHandler, StrictBool, model_serializer

from cac.expedientes.rules import POINT_CHARS_MAX, POINTS_MAX
from intake.request import ANNEXES_MAX, SHEETS_MAX, Short
from web.api import ApiModel


def _typed_in_a_form(value: Any) -> Any:
    """A form has only text: there "12" is twelve; in JSON it is a wrong type."""
    return int(value) if isinstance(value, str) and value.isdecimal() and not request.is_json else value


Point = Annotated[str, Field(max_length=POINT_CHARS_MAX)]  # of what an area asks the citizen for
Sheets = Annotated[int, Field(ge=0, le=SHEETS_MAX, strict=True), BeforeValidator(_typed_in_a_form)]


class SearchQuery(ApiModel):
    q: str = ""
    state: str = ""
    area: str = ""
    page: int = 1


class WithFile(ApiModel):
    """A file as base64 (PDF, JPG or PNG); a form sends it as `file` instead."""

    content: str | None = None


class DocumentRequest(WithFile):
    name: str = Field(default="Documento", max_length=300, validation_alias=AliasChoices("name", "title"))
    sheets: Sheets = 1


class CureRequest(WithFile):
    presented: list[Short] | None = Field(
        default=None, max_length=ANNEXES_MAX, validation_alias=AliasChoices("presented", "items")
    )
    name: str = Field(default="", max_length=300)
    sheets: Sheets = 1


class ForwardRequest(ApiModel):
    area: str | None = Field(default=None, max_length=160)
    motivo: str = Field(default="", max_length=1000)
    report: StrictBool = False


class ReceiveRequest(ApiModel):
    note: str = Field(default="", max_length=1000)


class ActRequest(WithFile):
    kind: str = "resolucion"
    resultado: str | None = Field(default=None, max_length=40)
    text: str = Field(default="", max_length=20_000)
    items: list[Point] | None = Field(default=None, max_length=POINTS_MAX)
    days: Annotated[int, Field(ge=1, le=30, strict=True)] | None = None
    sheets: Sheets = 1


class DeliverRequest(ApiModel):
    to: str = Field(default="", max_length=160)
    document: str = Field(default="", max_length=60)
    note: str = Field(default="", max_length=1000)


class RectifyRequest(ApiModel):
    motivo: str = Field(default="", max_length=1000)
    subject: str | None = Field(default=None, max_length=1000)
    applicant_name: str | None = Field(default=None, max_length=300)
    notify_email: str | None = Field(default=None, max_length=300)


class ReprintRequest(ApiModel):
    document_type: Short = "DNI"
    document_number: Short


class TrackQuery(ApiModel):
    key: str = ""


class ObservedView(ApiModel):
    missing: list[str]
    due_on: date | None


class ChargeView(ApiModel):
    concept: str
    centimos: int


class NoticeView(ApiModel):
    code: str
    detail: str


class FiledAnswer(ApiModel):
    """`observed` is there only when something is missing, `document` only when the paper joined an existing case."""

    number: str
    state: str
    received_at: datetime
    received_on: date
    clock_start_on: date | None
    due_on: date | None
    sap_on: date | None
    observed: ObservedView | None = None
    charges: list[ChargeView]
    total_centimos: int
    warnings: list[NoticeView]
    cargo_url: str
    track_url: str
    track_key: str
    print_job: int | None
    document: int | None = None

    @model_serializer(mode="wrap")
    def _without_what_is_not_there(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        shown: dict[str, Any] = handler(self)
        return {
            name: value for name, value in shown.items() if value is not None or name not in ("observed", "document")
        }


class FoundCase(ApiModel):
    number: str
    tramite: str
    tramite_name: str
    applicant: str
    document_type: str
    document_number: str
    subject: str
    state: str
    state_name: str
    area: str
    area_code: str
    on_its_way: bool
    received_at: datetime
    received_on: date
    due_on: date | None
    observed_due_on: date | None
    since_at: datetime
    channel: str
    cabina: str | None


class FoundCases(ApiModel):
    """`more`: another page follows."""

    items: list[FoundCase]
    page: int
    more: bool


class PersonView(ApiModel):
    document_type: str
    document_number: str
    name: str
    phone: str = ""
    email: str = ""
    address: str = ""


class MovementView(ApiModel):
    """`days`: business days until the next step, until today for the last one."""

    id: int
    kind: str
    name: str
    from_state: str | None
    to_state: str
    from_area: str | None
    to_area: str | None
    note: str
    detail: dict[str, Any]
    due_on: date | None
    at: datetime
    by: str
    days: int | None


class DocumentView(ApiModel):
    ordinal: int
    kind: str
    name: str
    sheets: int
    first_folio: int
    last_folio: int
    tramite: str | None
    due_on: date | None
    sha256: str | None
    media_type: str | None
    bytes: int | None
    received_at: datetime
    by: str


class ActView(ApiModel):
    kind: str
    number: str
    resultado: str | None
    text: str
    area: str
    issued_at: datetime
    by: str
    sha256: str | None


class PaidView(ChargeView):
    method: str


class RequisitoStateView(ApiModel):
    code: str
    text: str
    presented: bool


class ObservationItemView(ApiModel):
    code: str
    text: str
    cured: bool


class ObservationView(ApiModel):
    """`kind`: `ingreso` (the desk) or `area` (the area's one request)."""

    kind: str
    items: list[ObservationItemView]
    missing: list[str]
    observed_at: datetime
    due_on: date | None
    closed_at: datetime | None
    outcome: str | None


class CaseView(ApiModel):
    """`moves` are the steps its state allows now."""

    number: str
    tramite: str
    tramite_name: str
    tupa_version: str
    applicant: PersonView
    representative: PersonView | None
    subject: str
    sheets: int
    annexes: list[str]
    state: str
    state_name: str
    area: str
    area_code: str
    home_area: str
    home_area_code: str
    on_its_way: bool
    since_at: datetime
    channel: str
    cabina: str | None
    ticket: str | None
    related: str | None
    notify: dict[str, Any] | None
    place: str
    receiver: str
    received_at: datetime
    registered_at: datetime
    received_on: date
    clock_start_on: date | None
    due_on: date | None
    sap_on: date | None
    term_business_days: int
    silence: str | None
    qualification: str
    requisitos: list[RequisitoStateView]
    fee_centimos: int
    total_centimos: int
    payment: dict[str, Any] | None
    charges: list[PaidView]
    refund: dict[str, Any] | None
    warnings: list[NoticeView]
    observed: ObservationView | None
    observations: list[ObservationView]
    movements: list[MovementView]
    documents: list[DocumentView]
    acts: list[ActView]
    moves: list[str]


class TrackedStepView(ApiModel):
    what: str
    kind: str
    area: str | None
    at: datetime


class TrackedObservationView(ApiModel):
    items: list[str]
    due_on: date | None


class TrackedView(ApiModel):
    """Nothing of a person: who holds the cargo knows who they are, who found it need not."""

    number: str
    tramite: str
    tramite_name: str
    state: str
    state_name: str
    area: str
    since_at: datetime
    received_at: datetime
    received_on: date
    clock_start_on: date | None
    due_on: date | None
    sap_on: date | None
    term_business_days: int
    silence: str | None
    late: bool
    observed: TrackedObservationView | None
    resultado: str | None
    next: str
    steps: list[TrackedStepView]
