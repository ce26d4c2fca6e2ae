"""What a filing costs: the municipality's fee, the cabin's own service, the rounding of cash.

Source: Law 27444 art. 44 (TUO 53): only what is published is charged. Ley 29571 art. 44: cash rounds down, once, over
the total. The rounding lowers the municipal line; the cabin's service is never touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.errors import Invalid
from core.money import round_cash_down
from intake.tramite import Bearer, Tramite

Concept = Literal["derecho", "servicio_cabina", "redondeo"]
Method = Literal["efectivo", "tarjeta", "transferencia", "billetera", "banco", "exonerado"]
PaymentState = Literal["pagado", "pendiente", "exonerado"]

CASH: Method = "efectivo"
EXEMPT: Method = "exonerado"
NEEDS_REFERENCE: frozenset[Method] = frozenset({"banco", "transferencia"})

QUANTITY_MAX = 1_000


class PaymentInvalid(Invalid):
    code, title = "pago.por_corregir", "Pago por corregir"
    detail = "Este trámite tiene derecho de pago. Indique cómo se paga."


def cash_besides(lines: Iterable[tuple[str, int]], method: str) -> int:
    """Of lines (concept, céntimos): the cabin's service, handed over in cash when the fee is paid in some other way."""
    return 0 if method == CASH else sum(centimos for concept, centimos in lines if concept == "servicio_cabina")


@dataclass(frozen=True, slots=True)
class CabinFee:
    """The cabin's service as its convenio sets it; `bearer=None` leaves it to the trámite."""

    centimos: int = 400
    bearer: Bearer | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    concept: Concept
    centimos: int  # the rounding is negative: the lines add up to the total


@dataclass(frozen=True, slots=True)
class Payment:
    method: Method
    state: PaymentState
    reference: str | None = None
    motivo: str | None = None


@dataclass(frozen=True, slots=True)
class Charges:
    lines: tuple[Charge, ...] = ()
    cabin_borne_centimos: int = 0  # the cabin's service, when the municipality bears it: owed to the cabin, not charged

    @property
    def total_centimos(self) -> int:
        return sum(line.centimos for line in self.lines)

    @property
    def municipal_centimos(self) -> int:
        """What the municipality is owed: its fee less the rounding."""
        return sum(line.centimos for line in self.lines if line.concept != "servicio_cabina")

    @property
    def cabin_centimos(self) -> int:
        return sum(line.centimos for line in self.lines if line.concept == "servicio_cabina")

    @property
    def rounding_centimos(self) -> int:
        """What the payer was spared, positive."""
        return -sum(line.centimos for line in self.lines if line.concept == "redondeo")


def fee_of(tramite: Tramite, *, variant: str | None, quantity: int) -> int:
    """The published fee, of its variant when one is chosen, times the quantity asked for."""
    if variant is None:
        return tramite.fee_centimos * quantity
    for candidate in tramite.fee_variants:
        if candidate.code == variant:
            return candidate.centimos * quantity
    raise PaymentInvalid("Esa modalidad de pago no está en el TUPA. Elija una de la lista.", field="fee_variant")


def settle(
    fee_centimos: int,
    tramite: Tramite,
    *,
    method: Method | None,
    reference: str | None = None,
    motivo: str | None = None,
    cabin_fee: CabinFee | None = None,
) -> tuple[Charges, Payment | None]:
    """The lines of a filing and how they are paid; no payment when nothing is due. Raises PaymentInvalid."""
    if fee_centimos and method is None:
        raise PaymentInvalid(field="payment")
    if method == EXEMPT and fee_centimos and not motivo:
        raise PaymentInvalid("Escriba el motivo de la exoneración.", field="payment.motivo")
    fee = 0 if method == EXEMPT else fee_centimos
    service, borne = _cabin_service(tramite, cabin_fee)
    # a free trámite needs no payment; the cabin's service is then handed over in cash
    method = method or (CASH if service else None)
    rounding = min(fee, round_cash_down(fee + service)[1]) if method == CASH else 0
    lines = (Charge("derecho", fee), Charge("servicio_cabina", service), Charge("redondeo", -rounding))
    charges = Charges(tuple(line for line in lines if line.centimos), borne)
    if method is None or not (fee_centimos or service):
        return charges, None
    return charges, Payment(method, _payment_state(method, reference), reference, motivo)


def _cabin_service(tramite: Tramite, cabin_fee: CabinFee | None) -> tuple[int, int]:
    """(charged to the citizen, borne by the municipality)."""
    if cabin_fee is None:
        return 0, 0
    # what is free by law stays free: the convenio cannot put its service on the citizen
    bearer = "municipality" if tramite.cabin_fee_bearer == "municipality" else cabin_fee.bearer or "citizen"
    return (cabin_fee.centimos, 0) if bearer == "citizen" else (0, cabin_fee.centimos)


def _payment_state(method: Method, reference: str | None) -> PaymentState:
    if method == EXEMPT:
        return "exonerado"
    return "pendiente" if method in NEEDS_REFERENCE and not reference else "pagado"
