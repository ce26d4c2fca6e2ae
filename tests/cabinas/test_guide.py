"""The operator's guide: one page, its pictures in it, for this cabin."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from cabinas.guide.contents import PICTURES
from printing.pdf import Card, guide_pdf
from printing.pdf.guide import GuideTooLong
from tests.cabinas.conftest import Cabin


def test_the_guide_is_one_page_with_its_pictures_and_answers_what_goes_wrong(operator: FlaskClient):
    assert 'href="/guia.pdf"' in operator.get("/").text
    answer = operator.get("/guia.pdf")
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    assert len(pages) == 1 and len(pages[0].images) == len(list(PICTURES.glob("*.png"))) == 5
    text = " ".join(pages[0].extract_text().split())
    for words in (
        "Cabina C01",
        "Se fue la luz",
        "No hay internet",
        "Impresora sin papel",
        "tope de la garantía",
        "Cerrar el día",
        "extorno",
        "La caja está detenida",
        "A quién llamar",
        "Tesorería",
    ):
        assert words in text, words


def test_the_guide_is_for_who_signed_in(cabin: Cabin):
    assert cabin.http.get("/guia.pdf").status_code == 302


def test_a_guide_that_would_not_fit_one_page_is_not_drawn():
    card = Card("Mucho", tuple("Una frase que ocupa su renglón." for _ in range(12)))
    with pytest.raises(GuideTooLong):
        guide_pdf("Guía", "", ((card,) * 8,), foot="")
