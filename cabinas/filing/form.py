"""The form of a new trámite, read into the same request as the API's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from core.errors import Invalid
from intake.request import FilingRequest
from intake.tramite import Tramite

WORDS = {
    "applicant.document_number": "Revise el número de documento.",
    "applicant.name": "Escriba los nombres y apellidos.",
    "representative.document_number": "Revise el documento del representante.",
    "representative.name": "Escriba el nombre del representante.",
    "subject": "Escriba qué pide.",
    "sheets": "Los folios son un número entero.",
    "quantity": "La cantidad es un número entero, desde 1.",
}


class FormInvalid(Invalid):
    code = "solicitud.invalida"


def read_form(form: MultiDict[str, str], tramite: Tramite) -> FilingRequest:
    """Requisites come ticked when received; the missing ones are the rest. Raises FormInvalid."""
    received = set(form.getlist("requisito"))
    body: dict[str, Any] = {
        "tramite": tramite.code,
        "applicant": {
            "document_type": form.get("document_type", "DNI"),
            "document_number": form.get("document_number", "").strip() or None,
            "name": form.get("name", "").strip(),
            "phone": form.get("phone", "").strip() or None,
            "email": form.get("notify_email", "").strip() or None,
            "address": form.get("address", "").strip() or None,
        },
        "subject": form.get("subject", "").strip() or tramite.name,
        "sheets": _whole(form, "sheets", 1),
        "quantity": _whole(form, "quantity", 1),
        "missing": [row.code for row in tramite.requisitos if row.code not in received],
        "fee_variant": form.get("fee_variant") or None,
        "related": form.get("related", "").strip() or None,
        "representative": _representative(form),
        "notify": _notify(form),
        "payment": _payment(form),
    }
    try:
        return FilingRequest.model_validate(body)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise FormInvalid(WORDS.get(where, f"Revise: {where}."), field=where) from None


def _representative(form: Mapping[str, str]) -> dict[str, Any] | None:
    number, name = form.get("rep_number", "").strip(), form.get("rep_name", "").strip()
    if not (number or name):
        return None
    return {"document_type": form.get("rep_type", "DNI"), "document_number": number, "name": name}


def _notify(form: Mapping[str, str]) -> dict[str, Any] | None:
    """By mail only with consent: without it the address is kept to write to, not to notify."""
    email = form.get("notify_email", "").strip()
    return {"email": email, "consent": "notify_consent" in form} if email else None


def _payment(form: Mapping[str, str]) -> dict[str, Any] | None:
    method = form.get("method", "")
    if not method:
        return None
    return {
        "method": method,
        "reference": form.get("reference", "").strip() or None,
        "motivo": form.get("motivo", "").strip() or None,
    }


def _whole(form: Mapping[str, str], name: str, default: int) -> int:
    text = form.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal():
        raise FormInvalid(WORDS[name], field=name)
    return int(text)
