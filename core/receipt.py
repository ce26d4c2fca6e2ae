"""The code in the QR of a receipt: what was received, signed by the PC that received it.

Whoever knows the key of that PC tells a true receipt from a false one without a link and without having heard of it. The text
is `number.instant.tramite.centimos.signature`: the instant in seconds since 1970, written in base 36; Ed25519 in base64url. It
travels alone or as the last part of an address. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core import wire
from core.ids import ExpedienteNumber

WHAT = "recibo"
QR_BYTES_MAX = 190  # a symbol that a cheap phone still reads off thermal paper
PATH = "/verificar?c="
CODE_CHARS_MAX = 300  # of what is typed or scanned, its address included
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

Outcome = Literal["autentico", "anulado", "falso"]


class NotAReceipt(ValueError):
    """What was read is not the code of a receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the code states; `at` in whole seconds."""

    number: str
    at: datetime
    tramite: str
    total_centimos: int

    @property
    def point(self) -> tuple[str, str]:
        """Intake point and series: whose key signed it."""
        number = ExpedienteNumber.parse(self.number)
        return number.point, number.series

    def body(self) -> dict[str, str | int]:
        return {
            "number": self.number,
            "at": int(self.at.timestamp()),
            "tramite": self.tramite,
            "centimos": self.total_centimos,
        }


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    receipt: Receipt
    signature: str

    def holds(self, key: str) -> bool:
        """Whether the PC of that public key signed it."""
        try:
            wire.verify(key, WHAT, self.receipt.body(), self.signature)
        except wire.BadSignature:
            return False
        return True


def code_of(key: Ed25519PrivateKey, receipt: Receipt) -> str:
    at = _base36(int(receipt.at.timestamp()))
    signature = wire.sign(key, WHAT, receipt.body())
    return ".".join((receipt.number, at, receipt.tramite, str(receipt.total_centimos), signature))


def qr_of(code: str, public_url: str) -> str:
    """The code as an address of the centre; the code alone where that would not fit in the symbol."""
    address = f"{public_url.rstrip('/')}{PATH}{code}"
    return address if len(address.encode()) <= QR_BYTES_MAX else code


def read(text: str) -> SignedReceipt:
    """What a scanner or a person gave: the code, or an address that ends in it. Raises NotAReceipt."""
    code = "".join(text[:CODE_CHARS_MAX].split()).rpartition("c=")[2]
    parts = code.split(".")
    if len(parts) != 5 or not code.isascii():
        raise NotAReceipt("no es el código de un recibo")
    number, at, tramite, centimos, signature = parts
    try:
        receipt = Receipt(
            str(ExpedienteNumber.parse(number)), datetime.fromtimestamp(int(at, 36), UTC), tramite, int(centimos)
        )
    except (ValueError, OverflowError, OSError):
        raise NotAReceipt("no es el código de un recibo") from None
    return SignedReceipt(receipt, signature)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def judge(signed: SignedReceipt, keys: Iterable[wire.SeriesKey], voided: Container[str]) -> Outcome:
    """By the keys and voids one knows of. A PC that was trusted no more when it signed proves nothing."""
    receipt = signed.receipt
    for known in keys:
        trusted = known.until is None or receipt.at <= known.until
        if (known.cabina, known.series) == receipt.point and trusted and signed.holds(known.key):
            return "anulado" if receipt.number in voided else "autentico"
    return "falso"
