"""A municipality's logo: kept once in greys, printed in dots as wide as each printer lets it."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from core.errors import Invalid

MAX_BYTES = 2_000_000
MAX_SIDE = 4_000  # dots of what is sent
KEPT = (576, 160)  # dots of what is kept: an 80 mm line, two centimetres
KEPT_MAX_BYTES = 100_000  # of what is kept; as many dots and a little
SHARE_OF_LINE, TALLEST = 2 / 3, 120  # of the printed one: a coat of arms, not a poster
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
BLANK = 245  # from here on a grey is paper


class LogoWrong(Invalid):
    code = "papel.logo"
    detail = "Elija una imagen PNG o JPG de hasta 2 MB."


UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError)

Rows = tuple[bytes, ...]  # packed bits of each row of dots, one is black


def prepared(sent: bytes) -> bytes:
    """A picture as it is kept: greys on white, its margins cut off, a PNG. Raises LogoWrong."""
    if len(sent) > MAX_BYTES:
        raise LogoWrong(f"La imagen pesa más de {MAX_BYTES // 1_000_000} MB.", field="logo")
    try:
        with Image.open(io.BytesIO(sent), formats=FORMATS) as picture:
            if max(picture.size) > MAX_SIDE:
                raise LogoWrong(f"La imagen tiene más de {MAX_SIDE} puntos de lado.", field="logo")
            picture.load()
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except UNREADABLE as error:
        raise LogoWrong(field="logo") from error
    grey = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("L")
    box = grey.point(lambda tone: 255 if tone < BLANK else 0).getbbox()
    if box is None:
        raise LogoWrong("La imagen está en blanco.", field="logo")
    inked = grey.crop(box)
    inked.thumbnail(KEPT, Image.Resampling.LANCZOS)
    kept = io.BytesIO()
    inked.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def check_kept(picture: bytes) -> None:
    """Raises LogoWrong unless it is as `prepared` keeps one, so that any printer gets it."""
    if len(picture) > KEPT_MAX_BYTES:
        raise LogoWrong(f"El logo pesa más de {KEPT_MAX_BYTES // 1000} kB.", field="logo")
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG",)) as kept:
            if kept.mode != "L" or kept.width > KEPT[0] or kept.height > KEPT[1]:
                raise LogoWrong(
                    f"El logo no es una imagen en grises de hasta {KEPT[0]} por {KEPT[1]} puntos.", field="logo"
                )
            kept.load()
    except UNREADABLE as error:
        raise LogoWrong("El logo no se puede leer.", field="logo") from error


@lru_cache(maxsize=32)
def rows(kept: bytes, dots: int) -> Rows:
    """The logo on a line of `dots`, each dot black or not, never larger than it was kept."""
    grey = Image.open(io.BytesIO(kept)).convert("L")
    grey.thumbnail((int(dots * SHARE_OF_LINE), TALLEST), Image.Resampling.LANCZOS)
    width = -(-grey.width // 8) * 8
    padded = Image.new("L", (width, grey.height), 255)
    padded.paste(grey, ((width - grey.width) // 2, 0))
    packed = ImageChops.invert(padded.convert("1")).tobytes()
    return tuple(packed[at : at + width // 8] for at in range(0, len(packed), width // 8))
