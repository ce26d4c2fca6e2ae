"""Speech as files: each phrase is rendered once, by a process of its own, and kept in the data dir."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from core.errors import Unavailable

VOICES = {"es": "es-419", "en": "en-us"}  # espeak-ng's names; its Quechua is not good enough to be spoken to people
RENDER_S_MAX = 15
FILES_MAX = 5_000  # about 300 MB; the oldest used goes first
RENDERER = Path(__file__).with_name("render.py")


class VoiceSilent(Unavailable):
    code = "voz.no_disponible"
    detail = "La voz no está disponible en este momento. Lea su número en la pantalla."


class Speech:
    """Phrases said by espeak-ng, cached under `folder` by language and text."""

    def __init__(self, folder: Path):
        self._folder = folder

    def wav(self, text: str, language: str = "es") -> bytes:
        """The WAV of `text`. Raises VoiceSilent when it cannot be rendered: a screen goes on without voice."""
        voice = VOICES.get(language, VOICES["es"])
        path = self._folder / f"{hashlib.sha256(f'{voice} {text}'.encode()).hexdigest()[:32]}.wav"
        try:
            found = path.read_bytes()
        except OSError:
            found = self._render(text, voice)
            self._keep(path, found)
        return found

    def _render(self, text: str, voice: str) -> bytes:
        try:
            run = subprocess.run(
                [sys.executable, str(RENDERER), voice],
                input=text.encode(),
                capture_output=True,
                timeout=RENDER_S_MAX,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as failure:
            raise VoiceSilent() from failure
        return run.stdout

    def _keep(self, path: Path, data: bytes) -> None:
        """A phrase not kept is only rendered again: a full disk must not silence the room."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}.part")
            partial.write_bytes(data)
            partial.replace(path)
            files = sorted(self._folder.glob("*.wav"), key=lambda file: file.stat().st_mtime)
            for old in files[:-FILES_MAX]:
                old.unlink(missing_ok=True)
        except OSError:
            return
