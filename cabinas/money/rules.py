"""Pure rules of what a cabin may hold."""

from __future__ import annotations

from core.errors import Conflict
from core.money import soles


class GuaranteePassed(Conflict):
    code, title = "cabina.garantia_superada", "No puede recibir más dinero municipal"


class UnknownSubject(LookupError):
    """A confirmation of something that this till never declared, or not as it says."""


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
