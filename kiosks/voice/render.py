"""Text on standard input, WAV on standard output: `render.py VOICE`. Run as a process of its own by `kiosks.voice.speech`.

The speech library is C, keeps one global state and could crash; in its own process it can hurt neither server nor queue."""

from __future__ import annotations

import ctypes
import io
import sys
import wave

import espeakng_loader

RETRIEVAL = 1  # AUDIO_OUTPUT_RETRIEVAL: samples to our callback, no sound card
UTF8 = 1
RATE, PITCH, RANGE, WORD_GAP = 1, 3, 4, 7  # espeak_PARAMETER
WORDS_A_MINUTE = 150  # slower than the library's 175: a hall echoes and people are older
MAX_TEXT = 1_000  # characters

Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def render(text: str, voice: str) -> bytes:
    """The WAV of `text` said by espeak-ng's `voice`, e.g. `es-419`."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(RETRIEVAL, 0, str(espeakng_loader.get_data_path()).encode(), 0)
    if rate <= 0:
        raise RuntimeError("espeak-ng did not start")
    samples = bytearray()

    def keep(wave_: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if wave_ and count > 0:
            samples.extend(ctypes.string_at(wave_, count * 2))
        return 0

    callback = Callback(keep)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise RuntimeError(f"espeak-ng has no voice {voice}")
    library.espeak_SetParameter(RATE, WORDS_A_MINUTE, 0)
    library.espeak_SetParameter(PITCH, 45, 0)
    library.espeak_SetParameter(WORD_GAP, 2, 0)
    data = text.encode() + b"\0"
    library.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, 0, 0, UTF8, None, None)
    library.espeak_Synchronize()
    silent = len(samples) - len(samples.rstrip(b"\0"))
    del samples[len(samples) - silent + silent % 2 :]  # the library ends each phrase with a second of nothing
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(bytes(samples))
    return file.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(render(sys.stdin.buffer.read().decode()[:MAX_TEXT], sys.argv[1]))
