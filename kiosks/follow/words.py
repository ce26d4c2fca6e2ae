"""A turn in words, for whoever listens. Pure."""

from __future__ import annotations

from typing import Any

from kiosks.voice.phrases import spoken_code


def spoken_turn(turn: dict[str, Any]) -> str:
    """What "Escuchar mi turno" says."""
    letter, number = spoken_code(turn["code"])
    mine = f"Su turno es {letter} {number}."
    if turn["state"] == "llamado":
        return f"{mine} Es su turno. Pase a la ventanilla {turn['ventanilla']}."
    if turn["state"] != "en_espera":
        return mine
    ahead = turn["ahead"]
    if not ahead:
        return f"{mine} Usted es la siguiente persona."
    before = "Hay una persona" if ahead == 1 else f"Hay {ahead} personas"
    wait = turn["wait"]
    about = f" Espera aproximada: {wait['low_minutes']} a {wait['high_minutes']} minutos." if wait else ""
    return f"{mine} {before} antes que usted.{about}"
