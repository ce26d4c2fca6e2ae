"""A turn in words, for whoever listens. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosks.voice.phrases import spoken_code


def spoken_turn(turn: dict[str, Any], _: Callable[..., str]) -> str:
    """What "Escuchar mi turno" says, in the language of `_`."""
    letter, number = spoken_code(turn["code"])
    mine = _("Su turno es %(letter)s %(number)s.", letter=letter, number=number)
    if turn["state"] == "llamado":
        called = _("Es su turno. Pase a la ventanilla %(number)s.", number=turn["ventanilla"])
        return f"{mine} {called}"
    if turn["state"] != "en_espera":
        return mine
    ahead, wait = turn["ahead"], turn["wait"]
    if not ahead:
        return f"{mine} {_('Usted es la siguiente persona.')}"
    said = [mine, _("Hay una persona antes que usted.")]
    if ahead > 1:
        said[1] = _("Hay %(ahead)s personas antes que usted.", ahead=ahead)
    if wait:
        low, high = wait["low_minutes"], wait["high_minutes"]
        said.append(_("Espera aproximada: %(low)s a %(high)s minutos.", low=low, high=high))
    return " ".join(said)
