"""The A4 documents of the office: what the law and their reader need, the same bytes each time, pages numbered."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdf
import pypdfium2
import pytest
import zxingcpp

from printing.pdf import cover_pdf, poster_pdf, report_pdf, tupa_pdf
from printing.samples import COVER, POSTER, REPORT, SITE, TUPA

MAKERS = {
    "caratula": (cover_pdf, COVER),
    "cartel": (poster_pdf, POSTER),
    "reporte": (report_pdf, REPORT),
    "tupa": (tupa_pdf, TUPA),
}


def text_of(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def seen_in(data: bytes) -> list[str]:
    page = pypdfium2.PdfDocument(data)[0].render(scale=2).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(page)]


@pytest.mark.parametrize("kind", MAKERS)
def test_the_same_values_give_the_same_bytes_with_their_fonts_and_names_inside(kind):
    make, sheet = MAKERS[kind]
    data = make(sheet)
    assert data == make(replace(sheet))
    document = pypdf.PdfReader(io.BytesIO(data))
    assert document.metadata.title and document.metadata.author == SITE
    fonts = [font.get_object() for font in document.pages[0]["/Resources"]["/Font"].get_object().values()]
    assert any("/FontFile2" in font.get("/FontDescriptor", {}) for font in fonts)
    assert "MUNICIPALIDAD PROVINCIAL DE CAJAMARCA" in text_of(data)


def test_a_caratula_names_organ_responsible_and_the_end_of_the_term():
    """TUO 27444 art. 157.3."""
    data = cover_pdf(COVER)
    for said in (
        "2026-MPA-000124-7",
        "Gerencia de Desarrollo Económico",
        "Gerente de",
        "vie 04/12/2026",
        "lun 14/12/2026",
    ):
        assert said in text_of(data), said
    assert seen_in(data) == [COVER.number]
    assert "Por confirmar" in text_of(cover_pdf(replace(COVER, due_on=None, sap_on=None)))


def test_a_poster_is_one_page_whose_qr_reads():
    data = poster_pdf(POSTER)
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) == 1
    assert seen_in(data) == [POSTER.url]
    assert (
        "cac.ejemplo.gob.pe/turno" in text_of(data) and "2. Elija" in text_of(data) and "Sin celular" in text_of(data)
    )


def test_a_report_keeps_each_line_whole_over_its_pages():
    many = replace(REPORT, tables=tuple(replace(REPORT.tables[0], name=f"Tabla {n}") for n in range(6)))
    document = pypdf.PdfReader(io.BytesIO(report_pdf(many)))
    assert len(document.pages) > 2
    assert text_of(report_pdf(many)).count("20/11/2026") >= 6
    assert "Página 2 de" in document.pages[1].extract_text()


def test_a_tupa_says_what_each_one_costs_takes_and_asks():
    text = text_of(tupa_pdf(TUPA))
    for said in ("1 trámite en 1 área", "RC-01", "S/ 11.00", "1 día hábil", "1. Solicitud", "Página 1 de 1"):
        assert said in text, said
