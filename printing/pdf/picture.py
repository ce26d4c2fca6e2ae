"""The first page of a document as a picture, for who edits its words. Apart from the rest: a till loads no PDFium."""

from __future__ import annotations

import io
import threading

import pypdfium2

DOTS_PER_POINT = 1.25

_one_at_a_time = threading.Lock()  # PDFium is not safe in threads


def first_page(pdf: bytes) -> bytes:
    """A PNG of it; the same document gives the same bytes."""
    out = io.BytesIO()
    with _one_at_a_time:
        document = pypdfium2.PdfDocument(pdf)
        try:
            drawn = document[0].render(scale=DOTS_PER_POINT).to_pil().convert("RGB")
        finally:
            document.close()
    drawn.save(out, "PNG")
    return out.getvalue()
