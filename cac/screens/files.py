"""Pictures and videos of the playlists on disk, by the hash of their content; and the folder where large ones are left.

Written before its row, like an attachment: a file without row is waste, a row without file would be a lie."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from core.errors import Insufficient, Invalid, Rejected

INBOX = "entrada"  # under the media folder: videos too large for a form are copied here by hand
SIZE_MAX = 500_000_000  # bytes
INBOX_SHOWN = 50
BLOCK = 1024 * 1024

IMAGES = ("image/jpeg", "image/png", "image/webp")
VIDEOS = ("video/mp4", "video/webm")


@dataclass(frozen=True, slots=True)
class Media:
    sha256: str
    media_type: str
    size: int


class MediaNotAllowed(Invalid):
    code, title = "pantalla.archivo_no_admitido", "Archivo no admitido"
    detail = "Elija una imagen JPG, PNG o WebP, o un video MP4 (H.264) o WebM."


class MediaTooLarge(Rejected):
    code, status, title = "pantalla.archivo_demasiado_grande", 413, "Archivo demasiado grande"
    detail = f"El archivo pasa de {SIZE_MAX // 1_000_000} MB. Acórtelo o bájele la resolución a 1920×1080."


def media_type_of(start: bytes) -> str:
    """By the first bytes, never by the name. Raises MediaNotAllowed."""
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:8] == b"ftyp":
        return "video/mp4"
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    raise MediaNotAllowed(field="file")


def keep(folder: Path, source: BinaryIO) -> Media:
    """Copy a picture or video into `folder`; durable when it returns. Raises MediaNotAllowed, MediaTooLarge, Insufficient."""
    block = source.read(BLOCK)
    media_type, digest, size = media_type_of(block[:16]), hashlib.sha256(), 0
    partial: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=folder, prefix=".", delete=False) as file:
            partial = Path(file.name)
            while block:
                digest.update(block)
                size += len(block)
                if size > SIZE_MAX:
                    raise MediaTooLarge(field="file")
                file.write(block)
                block = source.read(BLOCK)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path_of(folder, digest.hexdigest()))
    except OSError as error:
        raise Insufficient() from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)  # nothing is left of it once it was moved
    return Media(digest.hexdigest(), media_type, size)


def path_of(folder: Path, sha256: str) -> Path:
    return folder / sha256


def left_by_hand(folder: Path) -> list[str]:
    """Names of the files that wait in the inbox folder."""
    inbox = folder / INBOX
    if not inbox.is_dir():
        return []
    return sorted(path.name for path in inbox.iterdir() if path.is_file() and not path.name.startswith("."))[
        :INBOX_SHOWN
    ]
