"""The operator's guide: one page, its pictures in it, for this cabin."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from cabinas.guide.contents import PICTURES
from cabinas.guide.whom import FILE
from cabinas.rescue.app import create_rescue
from cabinas.rescue.routes import Rescue
from cabinas.upkeep_loop import keep_whom
from core.wire import Phones
from printing.pdf import Card, guide_pdf
from printing.pdf.guide import GuideTooLong
from tests.cabinas.conftest import Cabin
from tests.cabinas.stand_in import StandIn, make_catalogue
from web.settings import Settings

PHONES = Phones(cac="076 362 201", treasury="076 362 201 anexo 14", support="976 000 114")


def test_the_guide_is_one_page_with_its_pictures_and_answers_what_goes_wrong(operator: FlaskClient):
    assert 'href="/ayuda"' in operator.get("/").text and 'href="/guia.pdf"' in operator.get("/ayuda").text
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


def hear(cabin: Cabin, centre: StandIn, phones: Phones = PHONES) -> None:
    """The centre says them with a new catalogue."""
    centre.catalogue = make_catalogue("2").model_copy(update={"phones": phones})
    cabin.talk()


def words_of(page: bytes) -> str:
    (only,) = PdfReader(io.BytesIO(page)).pages
    return " ".join(only.extract_text().split())


def test_the_centres_telephones_are_on_the_guide_and_on_the_help_that_anybody_may_open(
    cabin: Cabin, centre: StandIn, operator: FlaskClient
):
    assert "en su guía impresa" in cabin.http.get("/ayuda").text
    hear(cabin, centre)
    printed, page = words_of(operator.get("/guia.pdf").data), cabin.http.get("/ayuda")
    assert page.status_code == 200 and 'cabina <b class="num">C01</b>' in page.text
    for phone in (PHONES.cac, PHONES.treasury, PHONES.support):
        assert phone in printed and phone in page.text


def test_telephones_as_long_as_they_may_be_still_fit_the_one_page(cabin: Cabin, centre: StandIn, operator: FlaskClient):
    longest = "076 362 201 anexo 14, 076 362 202 y 1234"
    assert len(longest) == 40
    hear(cabin, centre, Phones(cac=longest, treasury=longest, support=longest))
    assert words_of(operator.get("/guia.pdf").data).count(longest) == 3


def test_a_page_that_fails_says_whom_to_call(cabin: Cabin, centre: StandIn, operator: FlaskClient):
    hear(cabin, centre)
    page = operator.get("/nada-de-nada")
    assert page.status_code == 404 and PHONES.support in page.text and "C01" in page.text


@pytest.mark.parametrize("written", ["", "{", "[]", '{"cabina": 1}'], ids=["as kept", "cut", "no names", "other names"])
def test_a_till_in_rescue_says_whom_to_call_without_its_database(
    cabin: Cabin, centre: StandIn, tmp_path: Path, written: str
):
    hear(cabin, centre)
    keep_whom(cabin.store, tmp_path)
    if written:
        (tmp_path / FILE).write_text(written)
    rescue = Rescue(tmp_path / "cabina.db", tmp_path, "rota", done=lambda: None)
    app = create_rescue(rescue, Settings(data_dir=tmp_path, secret_key="only for tests"))
    for path in ("/", "/nada-de-nada"):
        page = app.test_client().get(path).text
        assert (PHONES.support in page and "C01" in page) == (not written)
        assert "A quién llamar" in page


def test_the_guide_is_for_who_signed_in(cabin: Cabin):
    assert cabin.http.get("/guia.pdf").status_code == 302


def test_a_guide_that_would_not_fit_one_page_is_not_drawn():
    card = Card("Mucho", tuple("Una frase que ocupa su renglón." for _ in range(12)))
    with pytest.raises(GuideTooLong):
        guide_pdf("Guía", "", ((card,) * 8,), foot="")
