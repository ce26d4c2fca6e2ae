"""What a guarantee allows. Pure."""

from __future__ import annotations

from core.errors import Invalid
from core.ledger import EntryKind
from core.money import soles


class AskMissing(Invalid):
    code, title = "garantia.pedido_incompleto", "Falta algo en el pedido"
    detail = "Diga si pide ejecutar o devolver la garantía, y por qué."


class GuaranteeAmount(Invalid):
    code, title = "garantia.importe", "Importe por corregir"


def cap_centimos(*, agreed_centimos: int, ever_deposited: bool, held_centimos: int) -> int:
    """How much municipal cash a cabin may hold: what its convenio says, and no more than what is left of a deposit once made."""
    return min(agreed_centimos, max(0, held_centimos)) if ever_deposited else agreed_centimos


def check_amount(kind: EntryKind, centimos: int, *, held_centimos: int, owed_centimos: int) -> None:
    """Executed: no more than what is owed. Returned: what stays must still cover it. Raises GuaranteeAmount."""
    owed = max(0, owed_centimos)
    if kind == EntryKind.GUARANTEE_EXECUTED:
        most, why = min(held_centimos, owed), f"la cabina debe S/ {soles(owed)}"
    else:
        most, why = held_centimos - owed, f"lo que debe (S/ {soles(owed)}) tiene que quedar cubierto"
    if not 0 < centimos <= most:
        detail = f"En Tesorería hay S/ {soles(held_centimos)} y {why}: puede ser hasta S/ {soles(max(0, most))}."
        raise GuaranteeAmount(detail, field="centimos")
