"""What a cabin and treasury sign: the close of a cash day, a settlement, the list of a valija."""

from __future__ import annotations

from core.ledger import from_own_pocket
from core.money import soles
from printing.layout import INDENT, Sheet
from printing.papers import SettlementPaper, ValijaPaper, ZPaper
from printing.templates.parts import check, header, says, signature
from printing.words import counted, day, moment

VALIJA_QR_DOTS = 4


def z_report(sheet: Sheet, paper: ZPaper) -> None:
    header(sheet, paper, paper.office)
    sheet.gap()
    sheet.centre("CIERRE DE CAJA", bold=True)
    sheet.number(f"Z {paper.z:04d}")
    sheet.gap()
    sheet.rule()
    sheet.pair("Desde", moment(paper.opened_at))
    sheet.pair("Hasta", moment(paper.closed_at))
    sheet.pair("Trámites recibidos", str(paper.filings))
    if paper.first_seq is not None and paper.last_seq is not None:
        sheet.pair("Operaciones", f"{paper.first_seq} a {paper.last_seq}")
    else:
        sheet.pair("Operaciones", "ninguna")
    sheet.rule()
    for line in paper.lines:
        sheet.pair(line.label, soles(line.centimos))
    sheet.rule()
    for n, shift in enumerate(paper.shifts, start=1):
        sheet.text(f"TURNO {n}: {shift.operator or 'nadie abrió turno'}", bold=True)
        sheet.pair(f"{moment(shift.begun_at)[-5:]} a {moment(shift.ended_at)[-5:]}", _filings(shift.filings))
        for line in shift.lines:
            sheet.pair(line.label, soles(line.centimos))
        sheet.pair(*_difference(shift.difference_centimos))
        sheet.rule()
    if paper.counts:
        sheet.text("CONTEO", bold=True)
        for value, units in paper.counts:
            sheet.pair(f"{soles(value):>7} x {units}", soles(value * units))
        sheet.rule()
    own = from_own_pocket(paper.expected_centimos)
    if own:
        sheet.pair("Devuelto con dinero propio de la cabina", soles(own))
    else:
        sheet.pair("Efectivo esperado", soles(paper.expected_centimos))
    sheet.pair("Efectivo contado", soles(paper.counted_centimos))
    word, amount = _difference(paper.difference_centimos)
    word = "A favor de la cabina" if own else word
    sheet.pair(word.upper(), f"S/ {amount}", tall=2)
    sheet.rule()
    sheet.text(f"Responsable: {paper.operator}")
    signature(sheet)
    sheet.centre("Huella del cierre")
    sheet.centre(" ".join(paper.hash[i : i + 4] for i in range(0, len(paper.hash), 4)))


def _difference(centimos: int) -> tuple[str, str]:
    word = "Falta" if centimos < 0 else "Sobra" if centimos else "Diferencia"
    return word, soles(abs(centimos))


def _filings(count: int) -> str:
    return counted(count, "trámite", "trámites")


ASIDE_TITLE = "Apartado por la Municipalidad"
ASIDE_NOTE = "Llegó y no se aplicó: no entra en las cifras, y la caja lo deshizo."


def settlement(sheet: Sheet, paper: SettlementPaper) -> None:
    header(sheet, paper, paper.office)
    sheet.gap()
    sheet.centre("LIQUIDACIÓN", bold=True)
    sheet.number(paper.number)
    sheet.gap()
    sheet.rule()
    sheet.pair("Cabina", paper.cabina)
    sheet.pair("Desde", day(paper.from_on))
    sheet.pair("Hasta", day(paper.to_on))
    sheet.pair("Emitida", moment(paper.issued_at))
    sheet.pair("Trámites recibidos", str(paper.filings))
    sheet.rule()
    if paper.closings:
        sheet.text("CIERRES", bold=True)
        for closing in paper.closings:
            sheet.pair(f"Z {closing.z:04d}  {closing.closed_on:%d/%m}", soles(closing.centimos))
        sheet.rule()
    if paper.remittances:
        sheet.text("REMESAS", bold=True)
        for sent in paper.remittances:
            sheet.pair(f"{sent.on:%d/%m}  {sent.reference}", soles(sent.centimos))
            sheet.text(sent.state, indent=INDENT)
        sheet.rule()
    if paper.asides:
        sheet.text(ASIDE_TITLE.upper(), bold=True)
        for one in paper.asides:
            sheet.pair(f"{one.on:%d/%m}  {one.about}", soles(one.centimos))
        sheet.text(ASIDE_NOTE, indent=INDENT)
        sheet.rule()
    for line in paper.lines:
        sheet.pair(line.label, soles(line.centimos))
    sheet.pair(settlement_word(paper.total_centimos), f"S/ {soles(abs(paper.total_centimos))}", tall=2)
    if paper.notes:
        sheet.rule()
        for line in paper.notes:
            sheet.pair(line.label, soles(line.centimos))
    sheet.rule()
    sheet.text(f"Preparada por: {paper.prepared_by}")
    signature(sheet, "Por la cabina")
    signature(sheet, "Por la Municipalidad")
    check(sheet, paper.check_code)


def settlement_word(total_centimos: int) -> str:
    if total_centimos == 0:
        return "SALDADO"
    return "POR REMITIR" if total_centimos > 0 else "A FAVOR DE LA CABINA"


def valija(sheet: Sheet, paper: ValijaPaper) -> None:
    header(sheet, paper, paper.office)
    sheet.gap()
    sheet.centre("LISTA DE VALIJA", bold=True)
    sheet.number(paper.number)
    sheet.gap()
    sheet.rule()
    sheet.pair("Destino", paper.destination)
    sheet.pair("Cerrada", moment(paper.closed_at))
    sheet.pair("Precinto", paper.seal or "sin precinto")
    sheet.pair("Expedientes", str(len(paper.items)))
    sheet.pair("Folios en total", str(paper.folios))
    sheet.rule()
    for n, item in enumerate(paper.items, start=1):
        sheet.pair(f"{n}. {item.number}", counted(item.folios, "folio", "folios"))
        sheet.text(item.what, indent=INDENT)
        if paper.item_codes:
            sheet.qr(item.number, dots=VALIJA_QR_DOTS)
    sheet.rule()
    if paper.receive_url:
        sheet.gap()
        sheet.qr(paper.receive_url, dots=VALIJA_QR_DOTS)
        says(sheet, paper, "receive")
        sheet.rule()
    sheet.text(f"Cerrada por: {paper.closed_by}")
    signature(sheet, "Entrega")
    if paper.carried_by:
        sheet.text(f"La lleva: {paper.carried_by}")
    signature(sheet, "Lleva")
    signature(sheet, "Recibe")
    says(sheet, paper, "count")
    if paper.check_code:
        check(sheet, paper.check_code)
