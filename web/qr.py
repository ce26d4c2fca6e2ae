"""A QR as SVG: sharp at any size, drawn by the server, no image file."""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_M

INK = "#0a2347"


def qr_svg(text: str) -> str:
    """The code of `text` with its quiet zone, as one <svg> with one path."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4, box_size=1)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x = max(x, start + 1)
    size = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="{INK}" d="{"".join(runs)}"/></svg>'
    )
