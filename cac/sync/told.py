"""What an event of a cabin says, in words for people, and what to do about one that could not be applied. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from core import wire
from core.money import soles
from core.wire import ConfirmationKind
from intake.fees import CASH, cash_besides

WORDS = {
    ConfirmationKind.REMITTANCE_CONFIRMED: "remesa confirmada",
    ConfirmationKind.REMITTANCE_REJECTED: "remesa rechazada",
    ConfirmationKind.EXTORNO_CONFIRMED: "extorno confirmado",
    ConfirmationKind.EXTORNO_REJECTED: "extorno rechazado",
    ConfirmationKind.GUARANTEE_DEPOSITED: "garantía recibida",
    ConfirmationKind.GUARANTEE_EXECUTED: "garantía ejecutada",
    ConfirmationKind.GUARANTEE_RETURNED: "garantía devuelta",
    ConfirmationKind.FILING_REBUILT: "expediente reconstruido",
    ConfirmationKind.EVENT_SET_ASIDE: "hecho apartado",
}
UNREADABLE = "No se puede leer lo que dice"
# by code: why it waits and what a person does
ADVICE = {
    "sync.firma_invalida": "No lo firmó la computadora de la cabina. Compare con el papel; si no hay papel, apártelo.",
    "sync.cadena_rota": "Dos computadoras escribieron la misma serie. Registre cada trámite con otro número.",
    "sync.contenido_invalido": "Algo no concuerda en lo que envió. Compare con el papel.",
    "sync.numero_repetido": "Su número ya es de otro expediente. Regístrelo con otro número.",
    "sync.asiento_distinto": "El dinero que asentó no es el de la operación. Compare con el papel y con su cierre.",
    "sync.reconstruido_distinto": "Se reconstruyó de su recibo con otro pago. Compare los dos y aparte el que sobra.",
    "tramite.no_existe": "Usó un TUPA que aquí no está. Cargue esa versión y vuelva a intentar.",
    "expediente.no_existe": "Habla de un expediente que aquí no está. Resuelva primero ese expediente.",
}
OTHERWISE = "Vuelva a intentar cuando la causa esté resuelta."


@dataclass(frozen=True, slots=True)
class Told:
    """`fact` is None where the event cannot be read. `money`: it moves some."""

    title: str  # Trámite RC-01
    detail: str  # Nélida Chuquimango Soto · S/ 15.00
    number: str | None
    at: datetime | None
    operator: str
    money: bool
    fact: wire.Payload | None


def advice(code: str) -> str:
    return ADVICE.get(code, OTHERWISE)


def told(event: str) -> Told:
    """Of an event's kept JSON, true or not."""
    try:
        fact = wire.parse_payload(json.loads(event)["payload"])
    except (wire.WireError, ValueError, KeyError, TypeError):
        return Told(UNREADABLE, "", None, None, "", True, None)
    title, detail, number = _words(fact)
    money = getattr(fact, "ledger", None) is not None
    return Told(title, detail, number, fact.at, fact.operator, money, fact)


def _words(fact: wire.Payload) -> tuple[str, str, str | None]:
    match fact:
        case wire.ExpedienteFiled():
            return f"Trámite {fact.tramite}", f"{fact.applicant.name} · {_charged(fact)}", fact.number
        case wire.RemittanceDeclared():
            return "Remesa", f"S/ {soles(fact.centimos)} · {fact.reference}", None
        case wire.RemittanceByCode():
            return "Remesa confirmada por teléfono", f"S/ {soles(fact.centimos)} · código {fact.slot}", None
        case wire.ExtornoDeclared():
            return "Extorno", f"S/ {soles(fact.centimos)} · {fact.motivo}", fact.number
        case wire.DayClosed():
            difference = f"S/ {soles(fact.difference_centimos)}" if fact.difference_centimos else "cuadra"
            return f"Cierre Z {fact.z}", f"contó S/ {soles(fact.counted_centimos)} · {difference}", None
        case wire.ConfirmationAccepted():
            word = wire.unsealed(fact.confirmation, wire.Confirmation)
            return "Palabra de Tesorería", f"{WORDS[word.kind]} · S/ {soles(word.centimos)}", None
        case wire.ObservationCured():
            return "Subsanación", f"presentó {', '.join(fact.presented)}", fact.number
        case wire.AttachmentAnnounced():
            return "Adjunto", fact.name, fact.number
        case wire.ValijaSent():
            return "Valija", f"{fact.code} · {len(fact.items)} expedientes", None
        case wire.ShiftBegun():
            return "Cambio de turno", f"contó S/ {soles(fact.counted_centimos)}", None
        case wire.OwnCashMoved():
            return "Efectivo del socio", f"S/ {soles(fact.centimos)}", None
        case _:
            return f"Hecho «{fact.kind}»", "", None


def _charged(fact: wire.ExpedienteFiled) -> str:
    """What came into the drawer, apart from what did not."""
    if not fact.total_centimos or fact.payment is None:
        return "sin costo"
    cash = cash_besides(((line.concept, line.centimos) for line in fact.charges), fact.payment.method)
    rest = fact.total_centimos - cash
    if fact.payment.method == CASH or not rest:
        return f"S/ {soles(fact.total_centimos)}"
    told = f"S/ {soles(rest)} {'por pagar' if fact.payment.state == 'pendiente' else 'fuera de la caja'}"
    return f"S/ {soles(cash)} en efectivo, {told}" if cash else told
