"""Speech without internet, and a chime of our own."""

import array
import io
import wave
from pathlib import Path

import pytest

from kiosks.voice import speech
from kiosks.voice.chime import chime
from kiosks.voice.phrases import call_phrase, spoken_code
from kiosks.voice.speech import Speech, VoiceSilent


def seconds_and_peak(data: bytes) -> tuple[float, int]:
    with wave.open(io.BytesIO(data)) as sound:
        samples = array.array("h", sound.readframes(sound.getnframes()))
        return sound.getnframes() / sound.getframerate(), max(map(abs, samples))


@pytest.mark.parametrize(("code", "said"), [("A-047", ("A", "47")), ("P-100", ("P", "100")), ("A-1000", ("A", "1000"))])
def test_a_code_is_said_as_people_say_it(code, said):
    assert spoken_code(code) == said


def test_a_call_says_turn_and_ventanilla():
    assert call_phrase("A-047", 3) == "Turno A, 47. Ventanilla 3."
    assert call_phrase("A-047", 3, "en") == "Ticket A, 47. Counter 3."


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_voice_speaks_without_internet(tmp_path: Path, language: str):
    length, peak = seconds_and_peak(Speech(tmp_path).wav(call_phrase("A-047", 3, language), language))
    assert 1.0 < length < 6.0
    assert peak > 5_000, "it is loud enough to be heard"


def test_no_synthetic_quechua_is_offered():
    assert "qu" not in speech.VOICES and call_phrase("A-047", 3, "qu") == call_phrase("A-047", 3, "es")


def test_a_phrase_is_rendered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = Speech(tmp_path).wav("Turno A, 1.")
    monkeypatch.setattr(speech, "RENDERER", tmp_path / "gone.py")
    assert Speech(tmp_path).wav("Turno A, 1.") == first


def test_a_voice_that_cannot_speak_is_told_and_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(speech, "RENDERER", tmp_path / "gone.py")
    with pytest.raises(VoiceSilent):
        Speech(tmp_path).wav("Turno A, 2.")


def test_a_full_disk_does_not_silence_the_room(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    assert seconds_and_peak(Speech(blocked).wav("Turno A, 3."))[1] > 0


def test_the_cache_keeps_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(speech, "FILES_MAX", 2)
    for number in range(4):
        Speech(tmp_path).wav(f"Turno {number}.")
    assert len(list(tmp_path.glob("*.wav"))) == 2


def test_the_chime_is_short_loud_and_does_not_clip():
    length, peak = seconds_and_peak(chime())
    assert length == pytest.approx(1.5, abs=0.01)
    assert 10_000 < peak < 32_767
