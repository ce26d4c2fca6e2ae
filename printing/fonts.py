"""The fonts previews and PDFs draw with. DejaVu Sans Mono comes with the vendored npm package, else from Debian's
fonts-dejavu-core; Vera, of the same family, comes inside reportlab and is always there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import reportlab

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    ROOT / "static" / "vendor" / "fonts",
    ROOT / "node_modules" / "dejavu-fonts-ttf" / "ttf",
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("C:/Windows/Fonts"),
)
VERA = Path(reportlab.__file__).parent / "fonts"


@cache
def mono(*, bold: bool) -> Path:
    """A monospaced font file; Vera Sans, drawn cell by cell, where none is installed."""
    name = "DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf"
    for folder in FOLDERS:
        if (folder / name).is_file():
            return folder / name
    return sans(bold=bold)


@cache
def sans(*, bold: bool) -> Path:
    """A proportional font with every Latin letter; else Vera, which has the Spanish ones."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    for folder in FOLDERS:
        if (folder / name).is_file():
            return folder / name
    return VERA / ("VeraBd.ttf" if bold else "Vera.ttf")
