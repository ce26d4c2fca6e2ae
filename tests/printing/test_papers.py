"""Each paper: golden bytes and text, one cut, nothing too wide, QR that phones read, names that cannot command the printer."""

from __future__ import annotations

import io
import os
import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from printing import Profile, build, build_counted
from printing.decoder import Decoded, decode
from printing.elements import Cut, Raster
from printing.papers import CalibrationPaper, dump, load, mask_document, reprinted
from printing.profile import CODEPAGES, BadProfile
from tests.printing.conftest import PAPERS

GOLDEN = Path(__file__).parent / "golden"
SPANISH = "ÁÉÍÓÚÜÑáéíóúüñ¿?¡!ºª°«»"


def read(paper, columns=48, codepage="cp850") -> Decoded:
    return decode(build(paper, Profile(columns=columns, codepage=codepage)), columns=columns)


@pytest.mark.parametrize("columns", [48, 32])
def test_bytes_and_text_are_the_golden_ones(name, paper, columns):
    """`UPDATE_GOLDEN=1` writes them anew; read the difference before committing it."""
    data = build(paper, Profile(columns=columns))
    text = decode(data, columns=columns).text + "\n"
    binary, plain = GOLDEN / f"{name}-{columns}.bin", GOLDEN / f"{name}-{columns}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        binary.write_bytes(data)
        plain.write_text(text, encoding="utf-8")
    assert text == plain.read_text(encoding="utf-8")
    assert data == binary.read_bytes()


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_every_paper_starts_with_init_ends_with_its_only_cut_and_fits(paper, columns):
    decoded = read(paper, columns)
    assert decoded.initialized
    assert set(decoded.codepages) == {"cp850"} or isinstance(paper, CalibrationPaper)
    assert decoded.cuts == 1
    assert decoded.elements[-1] == Cut(partial=True)
    assert not decoded.unknown and not decoded.truncated
    broken = [row.text for row in decoded.rows if row.wrapped]
    if isinstance(paper, CalibrationPaper):  # its bars are to be broken by a narrower printer: that is what is asked
        broken = [text for text in broken if not re.match(r"(32|42|48|64) -+", text)]
    assert not broken, "the printer had to wrap a line by itself"


def test_the_ticket_says_what_the_picture_says(ticket):
    lines = read(ticket).lines
    assert "Antes que usted                       6 personas" in lines
    assert "Ticket sacado              vie 20/11/2026  10:42" in lines
    assert "          cac.ejemplo.gob.pe/t/7KQ4M2" in lines


def test_the_number_is_the_largest_thing_on_paper(ticket, cargo):
    number = next(row for row in read(ticket).rows if row.text == "A-047")
    assert (number.runs[0].style.wide, number.runs[0].style.tall) == (8, 8)
    long = next(row for row in read(replace(ticket, code="A-1000"), 32).rows if row.text == "A-1000")
    assert long.runs[0].style.wide == 5
    narrow = next(row for row in read(cargo, 32).rows if "2026-C01A-000214-1" in row.text)
    assert (narrow.runs[0].style.wide, narrow.runs[0].style.tall) == (1, 2)


def test_marks_are_in_reverse_video_and_leave_the_rest_as_it_was(ticket):
    marked = read(reprinted(replace(ticket, demo=True), number=2, at=ticket.issued_at, by="Ventanilla 2"))
    inverse = [run.text for row in marked.rows for run in row.runs if run.style.inverse]
    assert inverse == [" DEMOSTRACIÓN ", " REIMPRESIÓN 2 "]
    plain = read(ticket)
    assert [line for line in plain.lines if line not in marked.lines] == []
    assert marked.qrs == plain.qrs


@pytest.mark.parametrize("name", ["recibo"])
def test_a_cash_rounding_is_a_line_of_its_own_before_the_total(paper):
    lines = read(paper).lines
    rounding = lines.index("Redondeo                                   -0.07")
    assert lines[rounding + 1] == "TOTAL                                   S/ 48.40"


def test_qr_reads_the_same_from_bytes_and_from_the_picture(paper):
    for columns in (48, 32):
        decoded = read(paper, columns)
        seen = zxingcpp.read_barcodes(Image.open(io.BytesIO(decoded.png())))
        drawn = ["PRUEBA 2 kiosko"] if isinstance(paper, CalibrationPaper) else []
        assert sorted(code.text for code in seen) == sorted([*decoded.qrs, *drawn])


def test_a_printer_without_qr_of_its_own_gets_the_drawing_in_strips(ticket):
    decoded = decode(build(ticket, Profile(draws_qr=False)))
    strips = [element for element in decoded.elements if isinstance(element, Raster)]
    assert decoded.qrs == () and len(strips) > 1 and max(strip.height for strip in strips) <= 24
    assert not decoded.unknown and decoded.cuts == 1
    seen = zxingcpp.read_barcodes(Image.open(io.BytesIO(decoded.png())))
    assert [code.text for code in seen] == [ticket.follow_url]
    assert decoded.lines == decode(build(ticket, Profile())).lines


def test_a_stored_paper_comes_back_as_it_was(paper):
    assert load(dump(paper)) == paper


@pytest.mark.parametrize("codepage", sorted(set(CODEPAGES.values())))
def test_spanish_prints_on_every_code_page(ticket, codepage):
    """What the page lacks (437 and 860 have few capitals with accents) prints as its bare letter, never as a wrong sign."""
    built = build_counted(replace(ticket, service=SPANISH), Profile(codepage=codepage))
    printed = "".join(decode(built.data).text.split())
    bare = str.maketrans("ÁÉÍÓÚáéíóúÜüÑñªº°«»", "AEIOUaeiouUuNnao***")
    assert SPANISH.upper().translate(bare)[:8] in printed.translate(bare)
    if codepage in ("cp850", "cp858", "cp1252"):
        assert SPANISH.upper() in printed
        assert built.replaced == 0


def test_a_hostile_name_prints_as_a_name_and_is_counted(cargo):
    built = build_counted(replace(cargo, applicant="José Ñáñez Q’ero\x1dV\x00"), Profile())
    decoded = decode(built.data)
    assert "  José Ñáñez Q'eroV" in decoded.lines
    assert decoded.cuts == 1
    assert (built.stripped, built.replaced) == (2, 1)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=120),
    columns=st.sampled_from([32, 42, 48]),
    codepage=st.sampled_from(sorted(set(CODEPAGES.values()))),
)
def test_no_text_can_command_the_printer(cargo, text, columns, codepage):
    hostile = replace(
        cargo,
        applicant=text,
        tramite=text,
        annexes=(text,),
        place=text,
        received_by=text,
        legal_note=text,
        check_code=text,
    )
    decoded = read(hostile, columns, codepage)
    assert decoded.cuts == 1
    assert not decoded.unknown and not decoded.truncated
    assert not any(row.wrapped for row in decoded.rows)
    assert decoded.qrs == (cargo.track_url,)


IN_A_QR = ("follow_url", "track_url", "receive_url", "proof")


def saying(value: Any, text: str) -> Any:
    """The value with `text` wherever it has words, however deep; what goes into a QR and what names a row stay."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(saying(one, text) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = (*IN_A_QR, "language", "texts", "logo")
        told = {one.name: saying(getattr(value, one.name), text) for one in fields(value) if one.name not in kept}
        return replace(value, **told)
    return value


@settings(max_examples=250, deadline=None)
@example(which="ticket", text="W" * 120, columns=24, codepage="cp850")
@given(
    which=st.sampled_from(sorted(PAPERS)),
    text=st.text(max_size=120),
    columns=st.sampled_from([24, 32, 42, 48, 64]),
    codepage=st.sampled_from(sorted(set(CODEPAGES.values()))),
)
def test_no_name_in_any_field_of_any_paper_can_break_it(which, text, columns, codepage):
    """No control byte escapes, no line is too wide, INIT comes first, the paper is cut exactly once, at its end."""
    data = build(saying(PAPERS[which], text), Profile(columns=columns, codepage=codepage))
    decoded = decode(data, columns=columns)
    assert (decoded.cuts, decoded.unknown, decoded.truncated, decoded.initialized) == (1, (), False, True)
    assert type(decoded.elements[-1]).__name__ == "Cut"
    bars = which == "calibracion"  # which asks how wide the paper is
    assert bars or not any(row.wrapped for row in decoded.rows)
    plain = decode(build(PAPERS[which], Profile(columns=columns, codepage=codepage)), columns=columns)
    assert bars or decoded.qrs == plain.qrs


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_the_decoder_reads_any_bytes_without_failing(data):
    decoded = decode(data)
    assert decoded.columns == 48
    assert decode(data) == decoded


def test_a_document_shows_its_last_four_characters_only():
    assert mask_document("DNI", "10117410") == "DNI ****7410"
    assert mask_document("SIN", "") == "SIN"


def test_a_printer_url_gives_its_profile():
    assert Profile.from_url("tcp://h:9100") == Profile()
    assert Profile.from_url("file:///dev/usb/lp0?width=32&codepage=CP1252&status=no") == Profile(
        32, "cp1252", None, False
    )
    for wrong in ("tcp://h?width=x", "tcp://h?width=500", "tcp://h?codepage=klingon"):
        with pytest.raises(BadProfile):
            Profile.from_url(wrong)
