"""A logo: any picture or a refusal, never wider than its printer, in strips, the same on paper as in the preview."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from printing import Profile, build, logo
from printing.decoder import decode
from printing.elements import Raster, Row
from printing.logo import KEPT, MAX_BYTES, LogoWrong, prepared, rows
from printing.samples import SAMPLES


def sent(
    draw: Callable[[ImageDraw.ImageDraw], None], size=(600, 300), mode="RGBA", paper=(0, 0, 0, 0), kind="PNG"
) -> bytes:
    picture = Image.new(mode, size, paper)
    draw(ImageDraw.Draw(picture))
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


SHIELD = sent(lambda pen: pen.ellipse((200, 50, 400, 250), fill=(20, 40, 120, 255), outline=(0, 0, 0, 255), width=9))
WIDE = sent(lambda pen: pen.rectangle((0, 20, 1999, 260), fill=(90, 90, 90, 255)), size=(2000, 300))


def test_a_logo_is_kept_small_in_greys_on_white_without_its_margins():
    kept = Image.open(io.BytesIO(prepared(SHIELD)))
    assert (kept.mode, kept.format) == ("L", "PNG")
    assert kept.width <= KEPT[0] and kept.height <= KEPT[1] and kept.width == kept.height
    assert kept.getpixel((0, 0)) > 240, "what was transparent is paper"


@pytest.mark.parametrize("paper", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("columns", [24, 32, 42, 48, 64])
@pytest.mark.parametrize("picture", [SHIELD, WIDE], ids=["escudo", "ancho"])
def test_every_paper_carries_it_first_no_wider_than_its_printer_in_strips_with_one_cut(paper, columns, picture):
    kept = prepared(picture)
    plain, with_logo = (
        decode(build(paper, Profile(columns, draws_qr=True), one), columns=columns) for one in (None, kept)
    )
    strips = [element for element in with_logo.elements if isinstance(element, Raster)]
    strips = strips[: len(strips) - sum(isinstance(element, Raster) for element in plain.elements)]
    assert with_logo.elements[: len(strips)] == tuple(strips), "nothing comes before it, nothing between its strips"
    dots = rows(kept, Profile(columns).dots)
    assert max(strip.height for strip in strips) <= 24 and len(strips) == -(-len(dots) // 24)
    assert max(strip.width_bytes * 8 for strip in strips) <= Profile(columns).dots
    assert {strip.align for strip in strips} == {1}
    assert b"".join(strip.bits for strip in strips) == b"".join(dots)
    assert (with_logo.cuts, with_logo.unknown, with_logo.truncated) == (1, (), False)
    assert with_logo.text.strip() == plain.text.strip() and with_logo.qrs == plain.qrs


def test_its_dots_are_seen_in_the_drawn_paper_and_its_qr_is_still_read():
    decoded = decode(build(SAMPLES["ticket"], Profile(), prepared(SHIELD)))
    drawn = Image.open(io.BytesIO(decoded.png())).convert("L")
    dots = rows(prepared(SHIELD), Profile().dots)
    ink = drawn.point(lambda tone: 255 if tone < 128 else 0)
    left, top, right, _ = ink.crop((0, 0, ink.width, len(dots) + 20)).getbbox()
    expected = Image.frombytes("1", (len(dots[0]) * 8, len(dots)), b"".join(dots)).convert("L")
    expected = expected.crop(expected.getbbox())
    assert ink.crop((left, top, right, top + expected.height)).tobytes() == expected.tobytes()
    assert [code.text for code in zxingcpp.read_barcodes(drawn)] == [SAMPLES["ticket"].follow_url]


def test_without_a_logo_the_bytes_are_what_they_were():
    assert not [row for row in decode(build(SAMPLES["ticket"], Profile())).elements[:1] if not isinstance(row, Row)]


def test_greys_become_dots_and_not_a_black_block():
    half = prepared(sent(lambda pen: pen.rectangle((0, 0, 599, 299), fill=(128, 128, 128, 255))))
    packed = b"".join(rows(half, 576))
    black = sum(bin(byte).count("1") for byte in packed) / (len(packed) * 8)
    assert 0.4 < black < 0.6


@pytest.mark.parametrize("kind, mode", [("PNG", "L"), ("JPEG", "RGB"), ("WEBP", "RGB"), ("GIF", "L"), ("BMP", "RGB")])
def test_the_usual_formats_are_understood(kind, mode):
    ink = 0 if mode == "L" else (0, 0, 0)
    white = 255 if mode == "L" else (255, 255, 255)
    assert prepared(sent(lambda pen: pen.rectangle((10, 10, 90, 90), fill=ink), (100, 100), mode, white, kind))


@pytest.mark.parametrize(
    "wrong, why",
    [
        (b"", "PNG o JPG"),
        (b"<svg/>", "PNG o JPG"),
        (SHIELD[:200], "PNG o JPG"),
        (sent(lambda pen: None), "en blanco"),
        (sent(lambda pen: pen.point((1, 1), fill=(0, 0, 0, 255)), (4001, 10)), "puntos de lado"),
        (b"\x89PNG" + bytes(MAX_BYTES), "pesa más"),
    ],
)
def test_what_is_no_picture_for_a_printer_is_refused_in_words(wrong, why):
    with pytest.raises(LogoWrong, match=why):
        prepared(wrong)


@settings(max_examples=150, deadline=None)
@given(
    cut=st.integers(8, len(SHIELD)),
    at=st.integers(0, len(SHIELD) - 1),
    byte=st.integers(0, 255),
    noise=st.binary(max_size=60),
)
def test_a_broken_file_is_a_picture_or_a_refusal(cut, at, byte, noise):
    broken = bytearray(SHIELD[:cut] + noise)
    broken[min(at, len(broken) - 1)] = byte
    with suppress(LogoWrong):
        assert logo.rows(prepared(bytes(broken)), 384)


def noise() -> bytes:
    """The heaviest that may be kept."""
    out = io.BytesIO()
    Image.effect_noise(KEPT, 200).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("picture", [SHIELD, WIDE, noise()], ids=["escudo", "ancho", "ruido"])
def test_what_is_kept_is_what_a_cabin_takes(picture: bytes):
    logo.check_kept(prepared(picture))


@given(broken=st.binary(max_size=300), at=st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_a_cabin_takes_what_prints_and_nothing_else(broken: bytes, at: int):
    kept = prepared(SHIELD)
    bent = kept[:at] + broken + kept[at + len(broken) :]
    with suppress(LogoWrong):
        logo.check_kept(bent)
        assert rows(bent, KEPT[0])
