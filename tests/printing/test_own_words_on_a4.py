"""A municipality's own words and logo on A4: where they stand on thermal paper, bounded, the same bytes each time."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from printing import pdf
from printing.logo import prepared
from printing.papers import reprinted
from printing.pdf.page import HEAD, LEFT, LOGO_TALLEST, LOGO_WIDEST, MARGIN, RIGHT
from printing.pdf.picture import first_page
from printing.samples import AT, CARGO, ON_A4, PROVED
from printing.wording import SENTENCES

HEAD_WORDS = "RUC 20143623042 · Jr. Cruz de Piedra 613, Cajamarca"
FOOT_WORDS = "Línea gratuita de quejas 0800 12345"
QRS = {
    "cargo": CARGO.track_url,
    "caratula": "2026-MPA-000124-7",
    "cartel": "https://cac.ejemplo.gob.pe/turno",
}
EVERY = [(kind, name) for kind in ON_A4 for name in SENTENCES[kind]]
FOOT_RULE = 62


def coat_of_arms(width: int = 400, height: int = 420, mode: str = "RGBA") -> bytes:
    """A ring on nothing: what is around and inside it lets the paper through."""
    picture = Image.new(mode, (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((0, 0, width - 1, height - 1), outline=(0, 0, 0, 255), width=20)
    sent = io.BytesIO()
    picture.save(sent, "PNG")
    return prepared(sent.getvalue())


LOGO = coat_of_arms()


def sample(kind: str, **texts: str) -> Any:
    own: Any = ON_A4[kind]
    return replace(own, texts=texts)


def text_of(data: bytes, page: int | None = None) -> str:
    document = pypdfium2.PdfDocument(data)
    pages = range(len(document)) if page is None else [page]
    return " ".join(" ".join(document[n].get_textpage().get_text_bounded().split()) for n in pages)


def images(data: bytes, page: int = 0) -> list[tuple[float, float, float, float]]:
    found = pypdfium2.PdfDocument(data)[page].get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])
    return [image.get_bounds() for image in found]


@pytest.mark.parametrize("kind", ON_A4)
def test_the_lines_of_the_municipality_stand_on_every_document(kind):
    bare, own = pdf.draw(sample(kind)), pdf.draw(sample(kind, head=HEAD_WORDS, foot=FOOT_WORDS))
    assert HEAD_WORDS in text_of(own) and FOOT_WORDS in text_of(own)
    assert HEAD_WORDS not in text_of(bare) and images(bare) == []
    assert len(pypdfium2.PdfDocument(own)) == len(pypdfium2.PdfDocument(bare)) == 1


@pytest.mark.parametrize("kind, name", EVERY)
def test_each_sentence_takes_the_place_of_the_programs(kind, name):
    default = SENTENCES[kind][name].default("es")
    said = text_of(pdf.draw(sample(kind, **{name: "Así lo decimos aquí."})))
    assert "Así lo decimos aquí." in said
    assert not default or default not in said
    assert not default or default in text_of(pdf.draw(sample(kind)))
    assert "None" not in text_of(pdf.draw(sample(kind, **{name: ""})))


def test_a_receipt_that_can_be_proved_shows_its_code_and_another_none():
    for cargo, codes in ((PROVED, {PROVED.track_url, PROVED.proof}), (CARGO, {CARGO.track_url})):
        page = pypdfium2.PdfDocument(pdf.draw(cargo))[0].render(scale=3).to_pil()
        assert {found.text for found in zxingcpp.read_barcodes(page)} == codes


@pytest.mark.parametrize("kind", ON_A4)
@pytest.mark.parametrize("shape", [(400, 420), (4000, 40), (30, 900)], ids=["as a shield", "very wide", "very tall"])
def test_the_logo_stands_at_the_head_within_its_bounds(kind, shape):
    left, bottom, right, top = images(pdf.draw(sample(kind), coat_of_arms(*shape)))[0]
    assert left == pytest.approx(MARGIN) and right - left <= LOGO_WIDEST + 0.01 and top - bottom <= LOGO_TALLEST + 0.01
    assert bottom > HEAD - 29 and top < HEAD + 13
    assert (right - left) / (top - bottom) == pytest.approx(shape[0] / shape[1], rel=0.2)


def test_what_is_transparent_in_the_logo_is_paper():
    page = pypdfium2.PdfDocument(pdf.draw(sample("cargo"), LOGO))[0]
    left, bottom, right, top = images(pdf.draw(sample("cargo"), LOGO))[0]
    drawn, scale = page.render(scale=4).to_pil().convert("L"), 4
    height = page.get_height()
    middle = drawn.getpixel((int((left + right) / 2 * scale), int((height - (top + bottom) / 2) * scale)))
    corner = drawn.getpixel((int((left + 1) * scale), int((height - top + 1) * scale)))
    rim = drawn.getpixel((int((left + 1) * scale), int((height - (top + bottom) / 2) * scale)))
    assert (middle, corner) == (255, 255) and rim < 60


@pytest.mark.parametrize("kind", ON_A4)
def test_the_same_words_and_logo_give_the_same_bytes(kind):
    own = sample(kind, head=HEAD_WORDS, foot=FOOT_WORDS)
    assert pdf.draw(own, LOGO) == pdf.draw(replace(own), coat_of_arms())
    assert first_page(pdf.draw(own, LOGO)) == first_page(pdf.draw(own, LOGO))


def test_the_logo_is_inside_once_and_on_the_first_page_alone():
    annexes = tuple(f"Anexo {n} con un nombre que ocupa su propia línea" for n in range(90))
    data = pdf.draw(replace(CARGO, annexes=annexes, texts={"foot": FOOT_WORDS}), LOGO)
    assert len(images(data)) == 1 and images(data, page=1) == []
    assert FOOT_WORDS in text_of(data, page=0) and FOOT_WORDS in text_of(data, page=1)
    assert data.count(b"/Subtype /Image") == 1


@pytest.mark.parametrize("kind", ON_A4)
def test_the_longest_words_leave_room_for_all_the_rest(kind):
    """Each as long as may be typed, of the widest letters: nothing is lost, nothing runs into the foot, the QR still reads."""
    longest = {name: ("MWÑ " * 40)[: one.longest].strip() for name, one in SENTENCES[kind].items()}
    data = pdf.draw(sample(kind, **longest), coat_of_arms(4000, 40))
    document = pypdfium2.PdfDocument(data)
    bare = [line for line in text_of(pdf.draw(sample(kind))).split() if any(c.isdigit() for c in line)]
    said = text_of(data)
    assert not [word for word in bare if word not in said]
    if kind in QRS:
        seen = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
        assert QRS[kind] in {code.text for code in seen}
    for page in document:
        for each in page.get_objects():
            left, bottom, right, top = each.get_bounds()
            assert left >= LEFT - 3 and right <= RIGHT + 3 and bottom > 10, (left, bottom, right, top)
            assert bottom > FOOT_RULE - 2 or top < FOOT_RULE + 2, "it runs into the foot"


@pytest.mark.parametrize("kind", QRS)
def test_a_mark_hides_no_code_and_no_code_a_mark(kind):
    marked: Any = reprinted(replace(sample(kind), demo=True), number=1, at=AT, by="Ventanilla 2")
    data = pdf.draw(marked)
    with pypdfium2.PdfDocument(data) as document:
        seen = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
        assert QRS[kind] in {code.text for code in seen}
        boxes = [each.get_bounds() for each in document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])]
    large = [box for box in boxes if box[2] - box[0] > 30 and box[3] - box[1] > 8]  # marks and codes
    crossing = [
        (a, b)
        for n, a in enumerate(large)
        for b in large[:n]
        if min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])
    ]
    assert len(large) >= 2 and crossing == []


@settings(max_examples=60, deadline=None)
@given(which=st.sampled_from(EVERY), typed=st.text(max_size=160))
def test_no_words_stored_by_anybody_break_a_document(which, typed):
    kind, name = which
    assert pdf.draw(sample(kind, **{name: typed}))[:5] == b"%PDF-"
