"""How a message is written, hashed, signed and believed."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from core.ids import CROCKFORD
from core.wire.limits import FINGERPRINT_CHARS, Signature


class WireError(ValueError):
    """What arrived is not what was signed, chained or agreed. `code` is stable; the event is quarantined under it."""

    code: ClassVar[str] = "sync.mensaje_invalido"


class BadSignature(WireError):
    code = "sync.firma_invalida"


class BadChain(WireError):
    code = "sync.cadena_rota"


class BadPayload(WireError):
    code = "sync.contenido_invalido"


class TooLarge(WireError):
    code = "sync.lote_excedido"


class BadPairingCode(WireError):
    code = "cabina.codigo_desconocido"


# --- canonical JSON, hashes, signatures


_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value: sorted keys, no spaces, UTF-8. Raises BadPayload on a float or a foreign type."""
    _refuse_floats(value)
    try:
        return _as_json(value).encode()
    except (TypeError, ValueError) as error:  # ValueError: a lone surrogate cannot be encoded
        raise BadPayload(str(error)) from error


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def new_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def public_text(key: Ed25519PrivateKey) -> str:
    return _b64(key.public_key().public_bytes_raw())


def sign(key: Ed25519PrivateKey, what: str, body: Any) -> str:
    return _b64(key.sign(canonical({"what": what, "body": body})))


def verify(public: str, what: str, body: Any, signature: str) -> None:
    """Raises BadSignature."""
    try:
        _public_key(public).verify(_unb64(signature), canonical({"what": what, "body": body}))
    except (InvalidSignature, ValueError) as error:
        raise BadSignature(f"la firma de «{what}» no corresponde") from error


@lru_cache(maxsize=64)
def _public_key(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_unb64(public))


def fingerprint(public: str) -> str:
    """What a person may compare of a key: 12 Crockford characters of its SHA-256."""
    number = int.from_bytes(hashlib.sha256(_unb64(public)).digest(), "big") >> (256 - 5 * FINGERPRINT_CHARS)
    return "".join(CROCKFORD[(number >> 5 * place) & 31] for place in reversed(range(FINGERPRINT_CHARS)))


def pairing_code(secret: str, centre_key: str) -> str:
    """What the person types at the cabin: the secret, then the centre key's fingerprint, in groups of four."""
    text = secret.replace("-", "") + fingerprint(centre_key)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def split_pairing_code(code: str) -> tuple[str, str]:
    """(secret, fingerprint) of what was typed, forgiving case, spaces, hyphens and O/I/L. Raises BadPairingCode."""
    text = code.upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))
    if len(text) <= FINGERPRINT_CHARS + 4 or set(text) - set(CROCKFORD):
        raise BadPairingCode("el código de emparejamiento está incompleto o mal escrito")
    return text[:-FINGERPRINT_CHARS], text[-FINGERPRINT_CHARS:]


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refuse_floats(value: Any) -> None:
    waiting = [
        value
    ]  # grows while it is walked: a batch has thousands of values, and a call for each would cost more than its JSON
    for item in waiting:
        kind = type(item)
        if kind is dict:
            waiting += item.values()
        elif kind is list or kind is tuple:
            waiting += item
        elif isinstance(item, float):
            raise BadPayload("no hay decimales en un mensaje: el dinero va en céntimos enteros")


class Message(BaseModel):
    """A body that is signed under the name `what`."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    what: ClassVar[str] = ""

    def plain(self) -> dict[str, Any]:
        """As it travels."""
        return self.model_dump(mode="json")


M = TypeVar("M", bound=Message)


class Sealed(BaseModel, Generic[M]):
    """A signed body, kept as it arrived: fields that this version does not know stay in it and stay signed."""

    model_config = ConfigDict(frozen=True)
    body: dict[str, Any]
    signature: Signature

    def plain(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def seal(key: Ed25519PrivateKey, message: M) -> Sealed[M]:
    body = message.plain()
    return Sealed[M](body=body, signature=sign(key, message.what, body))


def open_sealed(public: str, sealed: Sealed[M], kind: type[M]) -> M:
    """The message, once its signature holds. Raises BadSignature, BadPayload."""
    verify(public, kind.what, sealed.body, sealed.signature)
    return unsealed(sealed, kind)


def unsealed(sealed: Sealed[M], kind: type[M]) -> M:
    """The message of something verified before. Raises BadPayload."""
    try:
        return kind.model_validate(sealed.body)
    except ValidationError as error:
        raise BadPayload(f"{kind.what}: {_first_error(error)}") from error


def _first_error(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
