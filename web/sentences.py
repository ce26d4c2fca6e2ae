"""What a validator found, as a person reads it. Unknown kinds of error fall to a sentence that is always true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

SENTENCES: Mapping[str, str] = {
    "missing": "Falta este dato.",
    "string_type": "Debe ser un texto.",
    "string_too_short": "No puede quedar vacío.",
    "string_too_long": "Admite hasta {max_length} caracteres.",
    "string_pattern_mismatch": "No tiene la forma esperada.",
    "int_type": "Debe ser un número entero.",
    "int_parsing": "Debe ser un número entero.",
    "int_from_float": "Debe ser un número entero.",
    "bool_type": "Debe ser verdadero o falso.",
    "bool_parsing": "Debe ser verdadero o falso.",
    "list_type": "Debe ser una lista.",
    "dict_type": "Debe ser un objeto.",
    "model_type": "Debe ser un objeto.",
    "model_attributes_type": "Debe ser un objeto.",
    "literal_error": "Debe ser uno de estos: {expected}.",
    "enum": "Debe ser uno de estos: {expected}.",
    "greater_than": "Debe ser mayor que {gt}.",
    "greater_than_equal": "Debe ser {ge} o más.",
    "less_than": "Debe ser menor que {lt}.",
    "less_than_equal": "Debe ser {le} o menos.",
    "too_long": "Admite hasta {max_length} elementos.",
    "too_short": "Necesita al menos {min_length}.",
    "date_type": "Debe ser una fecha como 2026-11-20.",
    "date_parsing": "Debe ser una fecha como 2026-11-20.",
    "date_from_datetime_parsing": "Debe ser una fecha como 2026-11-20.",
    "datetime_parsing": "Debe ser un instante como 2026-11-20T10:42:00-05:00.",
    "timezone_aware": "Debe decir la zona horaria, como 2026-11-20T10:42:00-05:00.",
}
ALWAYS_TRUE = "Este dato no es válido."


def sentences(error: ValidationError) -> dict[str, str]:
    """The first complaint of each field, by its dotted name: `{"applicant.name": "Falta este dato."}`."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False, include_input=False):
        name = ".".join(map(str, one["loc"])) or "contenido"
        found.setdefault(name, sentence(one["type"], one.get("ctx", {})))
    return found


def sentence(kind: str, context: Mapping[str, Any]) -> str:
    return SENTENCES.get(kind, ALWAYS_TRUE).format(**{name: _plain(value) for name, value in context.items()})


def _plain(value: Any) -> str:
    return str(value).replace("'", "").replace(" or ", " o ")
