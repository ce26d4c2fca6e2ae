"""What a filing asks for, as it arrives: `POST /expedientes` of the centre and of the cabin, and their forms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from intake.fees import QUANTITY_MAX, Method

DocumentType = Literal["DNI", "CE", "RUC", "PAS", "PTP", "SIN"]
Channel = Literal["kiosko", "ventanilla", "web", "telefono", "cita", "cabina"]

SHEETS_MAX = 100_000
ANNEXES_MAX = 60  # each is a line of the cargo
Short = Annotated[str, StringConstraints(max_length=60)]
Line = Annotated[str, StringConstraints(max_length=300)]
Filled = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class _Part(BaseModel):
    # unknown fields are ignored, wrong types are an error: "12" is not 12
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class PersonRequest(_Part):
    document_type: DocumentType
    document_number: Short | None = None
    name: Filled
    phone: Short | None = None
    email: Line | None = None
    address: Line | None = None


class PaymentRequest(_Part):
    method: Method
    reference: Line | None = None
    motivo: Line | None = None


class NotifyRequest(_Part):
    email: Line
    consent: bool


class FilingRequest(_Part):
    tramite: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    applicant: PersonRequest
    subject: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    sheets: Annotated[int, Field(ge=0, le=SHEETS_MAX)]
    missing: Annotated[list[Short], Field(max_length=ANNEXES_MAX)] = []
    annexes: Annotated[list[Line], Field(max_length=ANNEXES_MAX)] | None = (
        None  # what was handed in, when it is not the requisites as published
    )
    payment: PaymentRequest | None = None
    fee_variant: Short | None = None
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] = 1
    related: Short | None = None
    representative: PersonRequest | None = None
    notify: NotifyRequest | None = None
    ticket: int | Short | None = None
    channel: Channel | None = None
