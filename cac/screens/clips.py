"""Recorded voices: a folder a language, with a manifest that says which clip is which. Read, checked, joined.

`voces/<idioma>/manifest.json`:

    {"idioma": "qu", "nombre": "Quechua de Cajamarca", "locutor": "…",
     "orden": ["turno", "{letra}", "{numero}", "ventanilla", "{ventanilla}"],
     "clips": {"turno": "turno.wav", "ventanilla": "ventanilla.wav", "A": "a.wav", "0": "0.wav", "47": "47.wav", …}}

A number that was recorded whole is said whole; any other, digit by digit."""

from __future__ import annotations

import io
import json
import re
import wave
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
LETTER, NUMBER, VENTANILLA = "{letra}", "{numero}", "{ventanilla}"
DIGITS = "0123456789"
SILENCE_S = 0.12  # between two clips
CLIP_S_MAX = 6.0
VOICES_MAX = 20
LANGUAGE = re.compile(r"[a-z]{2,3}")
BY_PROGRAM = ("es", "en")  # said by the program; a folder of these names would never be used


class ManifestWrong(Exception):
    """The sentence is for the administrator: which folder, which entry, what to do."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A recorded language that can say every call of the series it was checked for."""

    language: str
    name: str
    speaker: str
    order: tuple[str, ...]
    clips: dict[str, Path]

    def wav(self, letter: str, number: str, ventanilla: int) -> bytes:
        """One call as one WAV file."""
        parts = {LETTER: list(letter), NUMBER: self._said(number), VENTANILLA: self._said(str(ventanilla))}
        keys = [key for entry in self.order for key in parts.get(entry, [entry])]
        return _joined([self.clips[key] for key in keys])

    def _said(self, number: str) -> list[str]:
        return [number] if number in self.clips else list(number)


def folders(root: Path) -> Iterator[Path]:
    """The folders of recorded languages, by name."""
    if root.is_dir():
        yield from sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def voices(root: Path, letters: Collection[str]) -> tuple[dict[str, Voice], list[str]]:
    """The recorded languages that can call every series of `letters`, and what is wrong with the others, in words."""
    found, wrong = {}, []
    for folder in list(folders(root))[:VOICES_MAX]:
        try:
            voice = read_voice(folder, letters)
            found[voice.language] = voice
        except ManifestWrong as problem:
            wrong.append(f"{folder.name}: {problem}")
    return found, wrong


def read_voice(folder: Path, letters: Collection[str]) -> Voice:
    """The voice of one folder. Raises ManifestWrong with the first thing to mend."""
    manifest = _manifest(folder)
    language = manifest.get("idioma")
    if language != folder.name or not LANGUAGE.fullmatch(folder.name):
        raise ManifestWrong("«idioma» debe ser el nombre de la carpeta: dos o tres letras minúsculas, como «qu»")
    if language in BY_PROGRAM:
        raise ManifestWrong("español e inglés los dice el programa; borre o renombre esta carpeta")
    name = manifest.get("nombre")
    if not isinstance(name, str) or not name.strip():
        raise ManifestWrong("falta «nombre», el del idioma como se mostrará, por ejemplo «Quechua de Cajamarca»")
    order = manifest.get("orden")
    if not isinstance(order, list) or not all(isinstance(entry, str) for entry in order):
        raise ManifestWrong('«orden» debe ser una lista de textos, como ["turno", "{letra}", "{numero}"]')
    if NUMBER not in order or LETTER not in order or VENTANILLA not in order:
        raise ManifestWrong(f"«orden» debe llevar {LETTER}, {NUMBER} y {VENTANILLA}")
    clips = manifest.get("clips")
    if not isinstance(clips, dict) or not all(isinstance(file, str) for file in clips.values()):
        raise ManifestWrong("«clips» debe decir el archivo de cada palabra, letra y cifra")
    words = {entry for entry in order if entry not in (LETTER, NUMBER, VENTANILLA)}
    needed = words | set("".join(letters)) | set(DIGITS)
    missing = sorted(needed - set(clips))
    if missing:
        raise ManifestWrong(f"faltan clips de: {', '.join(missing)}")
    paths = {key: _clip(folder, key, file) for key, file in clips.items()}
    _check_alike(paths)
    return Voice(folder.name, name.strip()[:60], str(manifest.get("locutor", ""))[:60], tuple(order), paths)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        read = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ManifestWrong(f"falta el archivo {MANIFEST}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestWrong(f"{MANIFEST} no se puede leer como texto UTF-8") from error
    except json.JSONDecodeError as error:
        raise ManifestWrong(f"{MANIFEST} no es JSON: línea {error.lineno}, columna {error.colno}") from None
    if not isinstance(read, dict):
        raise ManifestWrong(f"{MANIFEST} debe empezar con una llave {{")
    return read


def _clip(folder: Path, key: str, file: str) -> Path:
    path = folder / file
    if path.parent != folder:
        raise ManifestWrong(f"el clip de «{key}» debe estar en la misma carpeta, no en «{file}»")
    if not path.is_file():
        raise ManifestWrong(f"no existe «{file}», el clip de «{key}»")
    return path


def _check_alike(paths: dict[str, Path]) -> None:
    """All are short 16-bit mono WAV of one rate, so that joining them needs no conversion."""
    rates: dict[int, str] = {}
    for key, path in paths.items():
        try:
            with wave.open(str(path), "rb") as clip:
                channels, width, rate, frames = (
                    clip.getnchannels(),
                    clip.getsampwidth(),
                    clip.getframerate(),
                    clip.getnframes(),
                )
        except (wave.Error, EOFError, OSError):
            raise ManifestWrong(f"«{path.name}», el clip de «{key}», no es un WAV") from None
        if (channels, width) != (1, 2):
            raise ManifestWrong(
                f"«{path.name}» debe ser mono de 16 bits; conviértalo con «ffmpeg -ac 1 -c:a pcm_s16le»"
            )
        if not 0 < frames <= rate * CLIP_S_MAX:
            raise ManifestWrong(f"«{path.name}» está vacío o pasa de {CLIP_S_MAX:.0f} segundos")
        rates.setdefault(rate, path.name)
    if len(rates) > 1:
        told = " y ".join(f"«{name}» a {rate} Hz" for rate, name in list(rates.items())[:2])
        raise ManifestWrong(f"los clips deben tener la misma frecuencia: {told}")


def _joined(paths: list[Path]) -> bytes:
    frames, rate = [], 0
    for path in paths:
        with wave.open(str(path), "rb") as clip:
            rate = clip.getframerate()
            frames.append(clip.readframes(clip.getnframes()))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((b"\0\0" * int(rate * SILENCE_S)).join(frames))
    return file.getvalue()
