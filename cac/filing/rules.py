"""What a typed sheet means. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from cac.expedientes.enclosed import Enclosed
from core.errors import Invalid
from core.identity import clean_text
from intake.fees import QUANTITY_MAX
from intake.request import SHEETS_MAX, FilingRequest
from intake.tramite import Tramite

TICKET_MAX = 999_999_999
METHODS = (("efectivo", "Efectivo"), ("tarjeta", "Tarjeta"), ("billetera", "Yape o Plin"))
OTHER = "otra"
OTHER_METHODS = (("transferencia", "Transferencia"), ("banco", "Pago en banco"), ("exonerado", "Exonerado"))
CONCEPTS = {
    "derecho": "Derecho de trámite",
    "servicio_cabina": "Servicio de la cabina",
    "redondeo": "Redondeo por efectivo",
}
SILENCES = {"SAP": "silencio positivo", "SAN": "silencio negativo"}
# field names of the request -> of the sheet, where they differ
NAMES = {
    "applicant.document_number": "document_number",
    "applicant.document_type": "document_number",
    "applicant.name": "name",
    "applicant.email": "email",
    "applicant.phone": "phone",
    "applicant.address": "address",
    "payment": "pago",
    "payment.method": "pago",
    "payment.motivo": "reference",
    "payment.reference": "reference",
    "notify.email": "notify_email",
    "representative.document_number": "rep_number",
    "representative.name": "rep_name",
}
SENTENCES = {
    "name": "Escriba el nombre o la razón social.",
    "document_number": "Escriba el número de documento.",
    "tramite": "Elija el trámite.",
    "sheets": "Escriba cuántos folios entrega, con números.",
    "files": "Escriba con números cuántos folios son de cada adjunto, o déjelo vacío.",
    "quantity": f"Escriba una cantidad entre 1 y {QUANTITY_MAX}.",
    "subject": "El asunto admite hasta 1000 caracteres.",
    "notify_email": "Escriba el correo para notificar.",
}
TEXTS = (
    "document_type",
    "document_number",
    "name",
    "phone",
    "email",
    "address",
    "tramite",
    "subject",
    "sheets",
    "pago",
    "otra",
    "reference",
    "fee_variant",
    "quantity",
    "related",
    "rep_type",
    "rep_number",
    "rep_name",
    "notify_email",
    "person_of",
    "ticket",
    "_key",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A sheet as it was typed: texts by field, and the requisites ticked."""

    texts: Mapping[str, str] = field(default_factory=dict)
    requisitos: tuple[str, ...] = ()
    notify: bool = False
    folios: Mapping[str, str] = field(default_factory=dict)  # of each file, by its hash

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    @property
    def method(self) -> str:
        return self.text("otra") if self.text("pago") == OTHER else self.text("pago")

    def plain(self) -> dict[str, Any]:
        """As a draft keeps it."""
        texts, folios = dict(self.texts), dict(self.folios)
        return {"texts": texts, "requisitos": list(self.requisitos), "notify": self.notify, "folios": folios}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Typed:
        requisitos = tuple(plain.get("requisitos", ()))
        return cls(plain.get("texts", {}), requisitos, bool(plain.get("notify")), plain.get("folios", {}))


class SheetInvalid(Invalid):
    """Several fields to mend at once: `fields` has a sentence for each."""

    def __init__(self, fields: dict[str, str]):
        super().__init__(fields=fields)
        self.fields = fields


def tramite_code(typed: str) -> str:
    """The code of a chosen trámite: the first word of what the field shows, `LF-11  Autorización…`."""
    words = clean_text(typed).split(" ", 1)
    return words[0].upper()


def chosen(typed: str, found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The trámite a text names among those `found`: by its code, or because only one fits."""
    code = tramite_code(typed)
    exact = next((tramite for tramite in found if tramite["code"] == code), None)
    return exact or (found[0] if len(found) == 1 else None)


def missing(typed: Typed, tramite: Tramite) -> list[str]:
    """Requisites not ticked, in TUPA order."""
    return [requisito.code for requisito in tramite.requisitos if requisito.code not in typed.requisitos]


def request_of(typed: Typed, tramite: Tramite) -> FilingRequest:
    """The filing a sheet asks for. Raises SheetInvalid with a sentence a field."""
    errors: dict[str, str] = {}
    sheets = count(typed.text("sheets"), 0, SHEETS_MAX)
    if sheets is None:
        errors["sheets"] = SENTENCES["sheets"]
    of_files = [count(text or "0", 0, SHEETS_MAX) for text in typed.folios.values()]
    if None in of_files:
        errors["files"] = SENTENCES["files"]
    elif sheets is not None and (together := sum(filter(None, of_files))) > sheets:
        errors["sheets"] = f"Los adjuntos suman {together} folios: escriba todos los que entrega."
    quantity = count(typed.text("quantity") or "1", 1, QUANTITY_MAX)
    if quantity is None:
        errors["quantity"] = SENTENCES["quantity"]
    if not clean_text(typed.text("name")):
        errors["name"] = SENTENCES["name"]
    if tramite.reception_only and not clean_text(typed.text("subject")):
        errors["subject"] = "Escriba qué pide la persona: este trámite no lo dice por sí solo."
    plain = {
        "tramite": tramite.code,
        "applicant": _person(typed, "document_type", "document_number", "name")
        | {part: typed.text(part) or None for part in ("phone", "email", "address")},
        "subject": typed.text("subject") or tramite.name,
        "sheets": sheets or 0,
        "missing": missing(typed, tramite),
        "payment": _payment(typed),
        "fee_variant": typed.text("fee_variant") or None,
        "quantity": quantity or 1,
        "related": clean_text(typed.text("related")) or None,
        "representative": _person(typed, "rep_type", "rep_number", "rep_name") if typed.text("rep_name") else None,
        "notify": {"email": typed.text("notify_email"), "consent": True} if typed.notify else None,
        "ticket": count(typed.text("ticket"), 1, TICKET_MAX),
    }
    try:
        request = FilingRequest.model_validate(plain)
    except ValidationError as wrong:
        for error in wrong.errors():
            name = field_name(".".join(str(part) for part in error["loc"]))
            errors.setdefault(name, SENTENCES.get(name, "Revise este dato."))
    if errors:
        raise SheetInvalid(errors)
    return request


def enclosed(files: Sequence[Mapping[str, Any]], folios: Mapping[str, str]) -> list[Enclosed]:
    """The files of a sheet as a filing takes them."""
    return [
        Enclosed(
            name=file["name"],
            sheets=count(folios.get(file["sha256"], ""), 0, SHEETS_MAX) or 0,
            sha256=file["sha256"],
            media_type=file["media"],
            bytes=file["size"],
        )
        for file in files
    ]


def field_name(of_request: str) -> str:
    """The sheet's field of a field of the request."""
    return NAMES.get(of_request, of_request.split(".")[0])


def plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _person(typed: Typed, kind: str, number: str, name: str) -> dict[str, Any]:
    return {
        "document_type": typed.text(kind) or "DNI",
        "document_number": typed.text(number) or None,
        "name": typed.text(name),
    }


def _payment(typed: Typed) -> dict[str, Any] | None:
    method, note = typed.method, clean_text(typed.text("reference")) or None
    if not method:
        return None
    return {"method": method, "motivo" if method == "exonerado" else "reference": note}


def count(text: str, low: int, high: int) -> int | None:
    """The whole number typed, when it is one between `low` and `high`."""
    stripped = text.strip()
    if not stripped.isascii() or not stripped.isdigit() or len(stripped) > 9:
        return None
    return int(stripped) if low <= int(stripped) <= high else None
