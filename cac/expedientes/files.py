"""Attachments on disk, named by the hash of their content: stored once, never changed, checked before they are kept.

A file is written by the route, before its row: a file without row is waste, a row without file would be a lie."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from cac.expedientes.actions.steps import Attachment
from core.errors import Insufficient, Invalid, Rejected

ATTACHMENT_BYTES_MAX = 20_000_000

_KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
SUFFIXES = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


class TooLarge(Rejected):
    code, status, title = "archivo.demasiado_grande", 413, "Archivo demasiado grande"
    detail = f"El archivo pasa de {ATTACHMENT_BYTES_MAX // 1_000_000} MB. Divídalo o bájele la resolución."


class NotAllowed(Invalid):
    code, title = "archivo.tipo_no_admitido", "Tipo de archivo no admitido"
    detail = "Adjunte un PDF o una imagen JPG o PNG."


def media_type_of(data: bytes) -> str:
    """By its first bytes, never by its name. Raises NotAllowed."""
    for start, media_type in _KINDS:
        if data.startswith(start):
            return media_type
    raise NotAllowed(field="file")


def keep(folder: Path, data: bytes) -> Attachment:
    """Durable when it returns. Raises TooLarge, NotAllowed, Insufficient."""
    if len(data) > ATTACHMENT_BYTES_MAX:
        raise TooLarge(field="file")
    attachment = Attachment(hashlib.sha256(data).hexdigest(), media_type_of(data), len(data))
    path = path_of(folder, attachment.sha256)
    if path.exists():
        return attachment
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    except OSError as error:
        raise Insufficient() from error
    return attachment


def path_of(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


def decode(text: str) -> bytes:
    """The bytes of a base64 field. Raises Invalid, TooLarge before decoding what is far too long."""
    if len(text) > ATTACHMENT_BYTES_MAX * 4 // 3 + 4:
        raise TooLarge(field="content")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Invalid("El archivo debe venir en base64.", field="content") from None
