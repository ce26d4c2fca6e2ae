"""Every paper that no page of the demonstration shows, drawn into docs/images/: `python -m tests.drawn_papers docs/images`.

Thermal ones from their bytes by the project's own decoder; the first page of the A4 ones by pdfium."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from cabinas.guide.contents import operators_guide
from cabinas.guide.whom import Whom
from cac.portal.tupa_sheet import tupa_sheet
from intake.tramite import entry_to_json
from intake.tupa import parse_tupa
from printing import Profile, build
from printing.decoder import decode
from printing.logo import prepared
from printing.pdf import cover_pdf, poster_pdf, report_pdf, settlement_pdf, tupa_pdf
from printing.samples import CENTRE, COVER, POSTER, REPORT, SITE
from tests.cabinas.stand_in import make_catalogue
from tests.printing.conftest import PAPERS

OWN = {
    "head": "RUC 20143623042 · Av. Alameda de los Incas, Cajamarca",
    "foot": "Quejas y reclamos: libro de reclamaciones en Informes o en cac.ejemplo.gob.pe/reclamos",
}
THERMAL = ("ticket-quechua", "ticket-ingles", "liquidacion", "valija", "z", "calibracion", "recibo")


def draw(folder: Path) -> None:
    for name in THERMAL:
        (folder / f"papel-{name}.png").write_bytes(decode(build(PAPERS[name], Profile())).png())
    documents = {
        "caratula": cover_pdf(replace(COVER, texts=OWN), coat_of_arms()),  # with a municipality's own lines and logo
        "cartel": poster_pdf(POSTER),
        "reporte": report_pdf(REPORT),
        "liquidacion": settlement_pdf(PAPERS["liquidacion"]),
        "tupa": _tupa(),
        "guia": operators_guide(
            make_catalogue(), Whom("C01", "Internet Los Sauces", "076 362 201", "076 362 201", "976 000 114")
        ),
    }
    for name, data in documents.items():
        pypdfium2.PdfDocument(data)[0].render(scale=1.1).to_pil().save(folder / f"{name}-a4.png", optimize=True)


def coat_of_arms() -> bytes:
    """A shield of nobody's, as an administrator would send one: on a transparent ground."""
    picture = Image.new("RGBA", (400, 460), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.polygon([(20, 20), (380, 20), (380, 250), (200, 440), (20, 250)], fill="white", outline="black", width=16)
    pen.polygon([(60, 240), (150, 110), (205, 180), (255, 130), (340, 240)], fill=(70, 70, 70, 255))
    pen.ellipse((250, 55, 315, 120), outline="black", width=12)
    sent = io.BytesIO()
    picture.save(sent, "PNG")
    return prepared(sent.getvalue())


def _tupa() -> bytes:
    source = Path(__file__).resolve().parents[1] / "data" / "tupa.json"
    published = parse_tupa(source.read_text(encoding="utf-8"))
    plain = [entry_to_json(entry) for entry in published.entries]
    entries = [{**entry["tramite"], "sheet": entry["sheet"]} for entry in plain]
    on = date(2026, 11, 20)
    return tupa_pdf(tupa_sheet(entries, site=SITE, office=CENTRE, version=published.version, made_on=on, demo=True))


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
