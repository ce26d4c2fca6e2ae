"""The A4 cargo: everything the thermal one says, the same bytes each time, a QR that reads, pages numbered."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdf
import pypdfium2
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from printing.papers import Closing, reprinted
from printing.pdf import cargo_pdf, settlement_pdf
from tests.printing.conftest import PAPERS


def read(paper) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(cargo_pdf(paper)))


def text_of(document: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in document.pages)


def test_it_says_what_the_law_asks_and_how_to_track(cargo):
    text = text_of(read(cargo))
    for said in (
        "2026-C01A-000214-1",
        "vie 20/11/2026, 10:46",
        "Cabina C01, Cajamarca",
        "Nélida Chuquimango Soto",
        "DNI ****7410",
        "1. Solicitud (FUT)",
        "lun 23/11/2026 (1 día hábil)",
        "Servicio de cabina (C01)",
        "S/ 15.00",
        "Clave  K7M4-2QRX",
        "Elva R., operadora",
        "9F2C-41B7-E01B",
        "Página 1 de 1",
    ):
        assert said in text, said
    assert "10117410" not in text


def test_the_same_paper_gives_the_same_bytes(cargo):
    assert cargo_pdf(cargo) == cargo_pdf(replace(cargo))


def test_it_names_itself_and_carries_its_fonts(cargo):
    document = read(cargo)
    assert document.metadata.title == "Cargo de recepción 2026-C01A-000214-1"
    assert document.metadata.author == cargo.site
    fonts = document.pages[0]["/Resources"]["/Font"].get_object()
    used = [font.get_object() for font in fonts.values()]
    embedded = [font for font in used if "/FontDescriptor" in font]
    assert embedded and all("/FontFile2" in font["/FontDescriptor"] for font in embedded)


def test_its_qr_reads(cargo):
    page = pypdfium2.PdfDocument(cargo_pdf(cargo))[0].render(scale=2).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(page)] == [cargo.track_url]


def test_six_annexes_a_payment_and_their_signature_fit_one_page(cargo):
    annexes = (
        (
            "Solicitud según formulario único de trámite (FUT) o escrito libre con los datos del art. 113 de la Ley 27444; "
            "exhibir DNI o CE (no se pide copia)"
        ),
        "Contrato o autorización del uso del local",
        "Certificado ECSE",
        "Comprobante del pago de tributos del espectáculo",
        "Contrato de seguridad",
        "Indicar fecha y número del comprobante de pago del derecho (si se pagó en la misma entidad no se adjunta)",
    )
    note = "Si no recibe respuesta hasta el 10/12/2026, su solicitud queda aprobada por ley."
    document = read(replace(cargo, annexes=annexes, missing=(), legal_note=note, subject="Concierto de aniversario"))
    assert len(document.pages) == 1 and "Recibido por" in text_of(document)


def test_a_long_one_goes_on_in_numbered_pages_and_loses_nothing(cargo):
    annexes = tuple(f"Anexo {n} con un nombre que ocupa su propia línea del papel" for n in range(1, 90))
    document = read(replace(cargo, annexes=annexes, demo=True))
    pages = len(document.pages)
    assert pages > 1
    for number, page in enumerate(document.pages, start=1):
        text = page.extract_text()
        assert f"Página {number} de {pages}" in text
        assert "DEMOSTRACIÓN" in text
    text = text_of(document).replace("\n", " ")
    assert all(f"{n}. Anexo {n} con" in text for n in range(1, 90))


def test_an_observed_one_lists_what_is_missing_and_a_copy_says_so(cargo):
    observed = replace(cargo, missing=("Recibo de pago",), due_on=None, cure_on=cargo.due_on, cure_business_days=2)
    text = text_of(read(reprinted(observed, number=2, at=cargo.received_at, by="Ventanilla 2")))
    assert "RECIBIDO CON OBSERVACIÓN" in text and "1. Recibo de pago" in text
    assert "REIMPRESIÓN 2" in text and "Ventanilla 2" in text


def test_a_settlement_adds_up_in_sight_and_is_signed_by_both():
    paper = PAPERS["liquidacion"]
    document = pypdf.PdfReader(io.BytesIO(settlement_pdf(paper)))
    text = text_of(document)
    for said in ("LIQ-2026-0007-C01", "Z 0011", "BN 0012345", "-298.10", "Por remitir", "S/ 143.00", "Página 1 de 1"):
        assert said in text, said
    assert "Por la cabina" in text and "Por la Municipalidad" in text
    assert sum(line.centimos for line in paper.lines) == paper.total_centimos
    assert settlement_pdf(paper) == settlement_pdf(replace(paper))


def test_a_settlement_of_a_year_keeps_its_lines_whole_over_pages():
    paper = PAPERS["liquidacion"]
    closings = tuple(Closing(n, paper.to_on, n, n * 10) for n in range(1, 250))
    document = pypdf.PdfReader(io.BytesIO(settlement_pdf(replace(paper, closings=closings))))
    assert len(document.pages) > 3
    text = text_of(document)
    assert all(f"Z {n:04d}" in text for n in range(1, 250))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=400))
def test_any_text_makes_a_document(cargo, text):
    document = read(
        replace(cargo, applicant=text, tramite=text, annexes=(text, text), legal_note=text, site=text[:100])
    )
    assert len(document.pages) >= 1
