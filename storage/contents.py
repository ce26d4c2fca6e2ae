"""Attachments on disk, named by the hash of their content: stored once, never changed, checked before they are kept.

A file is written before its row: a file without row is waste, a row without file would be a lie. What arrives piece by piece
grows in a file of its own beside them, and takes its name only when its hash is the one announced."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from core.errors import Insufficient, Invalid, Rejected

ATTACHMENT_BYTES_MAX = 20_000_000
PARTS = "en-camino"  # what is still arriving

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


@dataclass(frozen=True, slots=True)
class Attachment:
    """Bytes already stored under their hash."""

    sha256: str
    media_type: str
    bytes: int

    def columns(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "media_type": self.media_type, "bytes": self.bytes}


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


def decode(text: str) -> bytes:
    """The bytes of a base64 field. Raises Invalid, TooLarge before decoding what is far too long."""
    if len(text) > ATTACHMENT_BYTES_MAX * 4 // 3 + 4:
        raise TooLarge(field="content")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Invalid("El archivo debe venir en base64.", field="content") from None


def path_of(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


def arrived(folder: Path, sha256: str, *, whole: int) -> int:
    """How many bytes of a file of `whole` bytes are here, whether it is whole yet or not."""
    if path_of(folder, sha256).exists():
        return whole
    part = folder / PARTS / sha256
    return part.stat().st_size if part.exists() else 0


def add_piece(folder: Path, sha256: str, piece: bytes, *, offset: int, whole: int) -> int:
    """Add the piece that begins at `offset` to a file of `whole` bytes that arrives in order; how many are here now.

    A piece that is here already, or lies beyond what is, changes nothing. The whole file takes its name once its hash is
    `sha256`; one of another hash is thrown away and begins again. Raises Insufficient."""
    here = arrived(folder, sha256, whole=whole)
    if here == whole or offset > here or offset + len(piece) <= here or offset + len(piece) > whole:
        return here
    part = folder / PARTS / sha256
    try:
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)  # Windows has texts, too
        try:
            # a piece is always the same at its place, so two that arrive at once do each other no harm
            os.lseek(handle, offset, os.SEEK_SET)
            os.write(handle, piece)
            here = os.fstat(handle).st_size
            if here == whole:
                os.fsync(handle)
        finally:
            os.close(handle)
        return _named(folder, part, sha256, whole) if here == whole else here
    except OSError as error:
        raise Insufficient() from error


def _named(folder: Path, part: Path, sha256: str, whole: int) -> int:
    if not part.exists():  # the same piece came twice at once, and the other was quicker
        return arrived(folder, sha256, whole=whole)
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        part.unlink()
        return 0
    path = path_of(folder, sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.replace(part, path)
    return whole
