"""A validator's complaint reaches people in Spanish, never in the library's English."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, StrictInt, ValidationError

from web.sentences import ALWAYS_TRUE, SENTENCES, sentence, sentences


class Filing(BaseModel):
    sheets: Annotated[StrictInt, Field(ge=1)]
    subject: Annotated[str, Field(min_length=1, max_length=3)]
    method: Literal["efectivo", "tarjeta"]


def complaints(**values: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Filing.model_validate(values)
    return sentences(caught.value)


def test_each_wrong_field_is_named_with_what_it_should_be():
    assert complaints(sheets="doce", subject="demasiado", method="trueque") == {
        "sheets": "Debe ser un número entero.",
        "subject": "Admite hasta 3 caracteres.",
        "method": "Debe ser uno de estos: efectivo o tarjeta.",
    }


def test_a_missing_field_and_a_limit():
    assert complaints(sheets=0, subject="") == {
        "sheets": "Debe ser 1 o más.",
        "subject": "No puede quedar vacío.",
        "method": "Falta este dato.",
    }


def test_an_unknown_kind_of_complaint_still_says_something_true():
    assert sentence("something_new", {}) == ALWAYS_TRUE
    assert all(text[0].isupper() and text.endswith(".") for text in SENTENCES.values())
