"""A settlement as a workbook, and its lines as a person reads them; the cabin and the centre share it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.ledger import Account, EntryKind
from core.settlement import Line, Settlement
from core.wire import Liquidacion
from web.filters import day, moment
from web.spreadsheets import Sheet, xlsx_bytes

UUID_CHARS = 36
ACCOUNT_WORDS = {
    Account.CASH: "Efectivo en caja",
    Account.MUNICIPAL: "Por remitir a la Municipalidad",
    Account.ROUNDING: "Redondeo",
    Account.COMMISSION: "Servicio de la cabina",
    Account.SERVICE_RECEIVABLE: "Servicio por cobrar a la Municipalidad",
    Account.GUARANTEE: "Garantía en Tesorería",
    Account.OWN_FUNDS: "Aporte del socio",
    Account.REMITTANCE_IN_TRANSIT: "Remesas en camino",
    Account.EXTORNO_PENDING: "Extornos por confirmar",
    Account.CHANGE_FUND: "Fondo de cambio",
    Account.OWN_TAKEN: "Servicio retirado de la caja",
    Account.COUNT_DIFFERENCE: "Diferencias de arqueo",
}
KIND_WORDS = {
    EntryKind.CHARGE: "Cobro",
    EntryKind.REMITTANCE_DECLARED: "Remesa declarada",
    EntryKind.REMITTANCE_CONFIRMED: "Remesa confirmada",
    EntryKind.REMITTANCE_REJECTED: "Remesa rechazada",
    EntryKind.REMITTANCE_BY_CODE: "Remesa confirmada por teléfono",
    EntryKind.REMITTANCE_BY_CODE_UNDONE: "La palabra firmada reemplaza a la del teléfono",
    EntryKind.EXTORNO_DECLARED: "Extorno declarado",
    EntryKind.EXTORNO_CONFIRMED: "Extorno confirmado",
    EntryKind.EXTORNO_REJECTED: "Extorno rechazado",
    EntryKind.COUNT_DIFFERENCE: "Diferencia de arqueo",
    EntryKind.CHANGE_FUND_PUT: "Fondo de cambio puesto",
    EntryKind.CHANGE_FUND_TAKEN: "Fondo de cambio retirado",
    EntryKind.OWN_TAKEN: "Servicio retirado de la caja",
    EntryKind.GUARANTEE_DEPOSITED: "Garantía recibida",
    EntryKind.GUARANTEE_EXECUTED: "Garantía ejecutada",
    EntryKind.GUARANTEE_RETURNED: "Garantía devuelta",
    EntryKind.SET_ASIDE: "Apartado por el CAC",
}


def closed_xlsx(closed: Liquidacion) -> bytes:
    """A closed settlement: its figures and its remittances, as they were signed."""
    rows = tuple((day(one.on), one.reference, one.state, _soles(one.centimos)) for one in closed.remittances)
    aside = tuple((day(one.on), one.about, _soles(one.centimos)) for one in closed.asides)
    sheets = [_figures(closed.settlement()), Sheet("Remesas", ("Día", "Operación", "Estado", "Soles"), rows)]
    return xlsx_bytes((*sheets, *((Sheet("Apartado", ("Día", "Qué", "Soles"), aside),) if aside else ())))


def about(line: Line) -> str:
    """Of what a movement is: an expediente, a reference; or what it turns back."""
    if line.kind != EntryKind.SET_ASIDE or not line.undoes:
        return _short(line.subject)
    kind, _, subject = line.undoes.partition(":")
    return f"deshace {KIND_WORDS[EntryKind(kind)].lower()} {_short(subject)}"


def _short(subject: str) -> str:
    """An id of 36 letters by its last ones."""
    return subject[-12:].upper() if len(subject) == UUID_CHARS else subject


def settlement_xlsx(told: Settlement, lines: Sequence[Line]) -> bytes:
    """Amounts in soles, as numbers."""
    moved = tuple(
        (moment(line.at), KIND_WORDS[line.kind], about(line), ACCOUNT_WORDS[line.account], _soles(line.centimos))
        for line in lines
    )
    head = ("Fecha", "Qué", "Expediente o referencia", "Cuenta", "Soles")
    return xlsx_bytes((_figures(told), Sheet("Movimientos", head, moved)))


def _figures(told: Settlement) -> Sheet:
    head = (
        ("Liquidación", told.number),
        ("Cabina", told.cabina),
        ("Desde", day(told.from_on)),
        ("Hasta", day(told.to_on)),
        ("Trámites cobrados", told.filings),
        ("Verificación", told.check_code),
    )
    figures = [
        *told.rows,
        ("Debe a la Municipalidad", told.closing_centimos),
        *told.notes,
    ]
    rows = (*head, *((name, _soles(amount)) for name, amount in figures))
    return Sheet("Liquidación", ("Concepto", "Valor"), rows)


def _soles(centimos: int) -> Decimal:
    return Decimal(centimos) / 100
