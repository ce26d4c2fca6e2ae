"""Recorded voices: a manifest is checked in words, and its clips are joined into the call."""

from __future__ import annotations

import io
import json
import struct
import wave
from pathlib import Path

import pytest

from cac.screens.clips import ManifestWrong, read_voice, voices

LETTERS = {"A", "B", "P"}
ORDER = ["turno", "{letra}", "{numero}", "ventanilla", "{ventanilla}"]


def write_clip(path: Path, *, level: int, rate: int = 8000, channels: int = 1, seconds: float = 0.1) -> None:
    """A clip that can be told from the others: all its samples are `level`."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack("<h", level) * int(rate * seconds) * channels)


def record(root: Path, **manifest: object) -> Path:
    """A complete voice in `root/qu`; `manifest` replaces entries of it."""
    folder = root / "qu"
    folder.mkdir(parents=True)
    keys = ["turno", "ventanilla", "A", "B", "P", *"0123456789", "47"]
    for level, key in enumerate(keys, 1):
        write_clip(folder / f"{key}.wav", level=level)
    written = {"idioma": "qu", "nombre": "Quechua de Cajamarca", "locutor": "Rosa", "orden": ORDER}
    written |= {"clips": {key: f"{key}.wav" for key in keys}} | manifest
    (folder / "manifest.json").write_text(json.dumps(written), encoding="utf-8")
    return folder


def levels(data: bytes) -> list[int]:
    """The clips a WAV was joined from, by their level, without the silences."""
    with wave.open(io.BytesIO(data)) as sound:
        samples = struct.unpack(f"<{sound.getnframes()}h", sound.readframes(sound.getnframes()))
    heard = [0, *samples]
    return [after for before, after in zip(heard, heard[1:], strict=False) if after and after != before]


def test_a_complete_voice_says_a_call_in_its_own_order(tmp_path: Path):
    voice = read_voice(record(tmp_path), LETTERS)
    assert (voice.name, voice.speaker) == ("Quechua de Cajamarca", "Rosa")
    assert levels(voice.wav("A", "12", 3)) == [1, 3, 7, 8, 2, 9]  # turno, A, 1, 2, ventanilla, 3


def test_a_number_recorded_whole_is_said_whole(tmp_path: Path):
    assert levels(read_voice(record(tmp_path), LETTERS).wav("P", "47", 1)) == [1, 5, 16, 2, 7]


def test_without_a_folder_there_is_no_voice_and_nothing_wrong(tmp_path: Path):
    assert voices(tmp_path / "none", LETTERS) == ({}, [])


def test_each_folder_is_told_apart(tmp_path: Path):
    record(tmp_path)
    (tmp_path / "aym").mkdir()
    found, wrong = voices(tmp_path, LETTERS)
    assert set(found) == {"qu"} and wrong == ["aym: falta el archivo manifest.json"]


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({"idioma": "es"}, "«idioma» debe ser el nombre de la carpeta"),
        ({"nombre": " "}, "falta «nombre»"),
        ({"orden": "turno"}, "«orden» debe ser una lista"),
        ({"orden": ["turno", "{letra}"]}, "«orden» debe llevar {letra}, {numero} y {ventanilla}"),
        ({"clips": ["turno.wav"]}, "«clips» debe decir el archivo"),
        ({"clips": {"turno": "turno.wav"}}, "faltan clips de: 0, 1, 2"),
    ],
)
def test_what_a_manifest_lacks_is_said(tmp_path: Path, manifest: dict, said: str):
    with pytest.raises(ManifestWrong, match=said.replace("{", r"\{").replace("}", r"\}")):
        read_voice(record(tmp_path, **manifest), LETTERS)


def test_a_letter_that_the_site_uses_and_nobody_recorded_is_named(tmp_path: Path):
    with pytest.raises(ManifestWrong, match="faltan clips de: K"):
        read_voice(record(tmp_path), LETTERS | {"K"})


def test_a_manifest_that_is_no_json_is_told_with_its_place(tmp_path: Path):
    folder = record(tmp_path)
    (folder / "manifest.json").write_text('{"idioma": "qu",\n "clips": }')
    with pytest.raises(ManifestWrong, match="no es JSON: línea 2, columna"):
        read_voice(folder, LETTERS)


@pytest.mark.parametrize(
    ("clip", "said"),
    [
        ({"rate": 16000}, "la misma frecuencia"),
        ({"channels": 2}, "mono de 16 bits"),
        ({"seconds": 7}, "pasa de 6 segundos"),
        ({"seconds": 0}, "está vacío"),
    ],
)
def test_a_clip_of_another_kind_is_named(tmp_path: Path, clip: dict, said: str):
    folder = record(tmp_path)
    write_clip(folder / "7.wav", level=9, **clip)
    with pytest.raises(ManifestWrong, match=said):
        read_voice(folder, LETTERS)


@pytest.mark.parametrize(("file", "said"), [("no.wav", "no existe «no.wav»"), ("../a.wav", "en la misma carpeta")])
def test_a_clip_is_a_file_of_its_own_folder(tmp_path: Path, file: str, said: str):
    folder = record(tmp_path)
    (tmp_path / "a.wav").write_bytes((folder / "A.wav").read_bytes())
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["clips"]["A"] = file
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ManifestWrong, match=said):
        read_voice(folder, LETTERS)


def test_what_is_no_sound_is_told(tmp_path: Path):
    folder = record(tmp_path)
    (folder / "7.wav").write_text("not a sound")
    with pytest.raises(ManifestWrong, match="el clip de «7», no es un WAV"):
        read_voice(folder, LETTERS)


def test_spanish_and_english_are_said_by_the_program(tmp_path: Path):
    folder = record(tmp_path, idioma="en").rename(tmp_path / "en")
    with pytest.raises(ManifestWrong, match="los dice el programa"):
        read_voice(folder, LETTERS)
