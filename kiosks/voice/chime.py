"""The chime before a call: two struck notes, computed, so it is ours and needs no file."""

from __future__ import annotations

import io
import math
import struct
import wave
from functools import cache

RATE = 22_050  # samples a second
NOTES_HZ = (659.26, 523.25)  # E5 then C5: a falling third is heard as "attention", not as an alarm
APART_S = 0.42
LENGTH_S = 1.5
PARTIALS = ((1.0, 1.0), (2.0, 0.35), (3.01, 0.12), (4.2, 0.05))  # (multiple, loudness) of a struck bar
DECAY_S = 0.42
LOUDNESS = 0.55


@cache
def chime() -> bytes:
    """The whole WAV, 16 bits, one channel."""
    samples = [0.0] * int(RATE * LENGTH_S)
    for index, pitch in enumerate(NOTES_HZ):
        first = int(index * APART_S * RATE)
        for position in range(first, len(samples)):
            t = (position - first) / RATE
            attack = min(1.0, t / 0.006)
            tone = sum(level * math.sin(2 * math.pi * pitch * multiple * t) for multiple, level in PARTIALS)
            samples[position] += attack * math.exp(-t / DECAY_S) * tone
    fade = int(0.05 * RATE)
    for position in range(fade):
        samples[-1 - position] *= position / fade
    peak = max(abs(sample) for sample in samples)
    scale = LOUDNESS * 32_767 / peak
    return wav(b"".join(struct.pack("<h", int(sample * scale)) for sample in samples), rate=RATE)


def wav(pcm: bytes, *, rate: int) -> bytes:
    """16-bit mono samples as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm)
    return file.getvalue()
