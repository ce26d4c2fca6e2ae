"""Pure rules of the drawer."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Conflict, Invalid
from core.money import soles

DENOMINATIONS = (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10)  # notes and coins in use, in céntimos
UNITS_MAX = 100_000
NOTES_FROM = 1_000


class CountInvalid(Invalid):
    code = "cierre.conteo"
    detail = "El conteo lleva cuántos hay de cada billete y moneda, en céntimos: 20000, 10000, … 10."


class GuaranteePassed(Conflict):
    code, title = "cabina.garantia_superada", "No puede recibir más dinero municipal"


def counted_centimos(counts: Mapping[str, int]) -> int:
    """The value of a count by denomination. Raises CountInvalid."""
    total = 0
    for value, units in counts.items():
        if value not in {str(known) for known in DENOMINATIONS} or not 0 <= units <= UNITS_MAX:
            raise CountInvalid(field=f"counts.{value}")
        total += int(value) * units
    return total


def check_guarantee(*, held_centimos: int, fee_centimos: int, guarantee_centimos: int) -> None:
    """Refuse the cash fee that would leave more municipal money here than the guarantee covers. Raises GuaranteePassed."""
    if fee_centimos <= 0 or held_centimos + fee_centimos <= guarantee_centimos:
        return
    excess = held_centimos + fee_centimos - guarantee_centimos
    to_remit = min(held_centimos, excess)
    if fee_centimos > guarantee_centimos:
        advice = "Regístrelo con pago en banco o en el CAC."
    else:
        advice = f"Remese al menos S/ {soles(to_remit)} a Tesorería, o regístrelo con pago en banco o en el CAC."
    raise GuaranteePassed(
        f"Tiene S/ {soles(held_centimos)} de la Municipalidad y su garantía es de S/ {soles(guarantee_centimos)}: "
        f"no puede cobrar S/ {soles(fee_centimos)} más en efectivo. {advice}",
        municipal_held_centimos=held_centimos,
        guarantee_centimos=guarantee_centimos,
        to_remit_centimos=to_remit,
    )
