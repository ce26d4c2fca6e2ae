"""What may be set for a sala's screens. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.errors import Invalid

SPANISH, ENGLISH = "es", "en"
HOURS = 24
VOLUMES = (0, 20, 40, 60, 80, 100)  # percent; 0 is a quiet hour
NOTICE_MAX = 100  # letters that fit the line at the foot
SECONDS_MIN, SECONDS_MAX = 5, 60
LANGUAGES_MAX = 2  # beside Spanish: a call must end before the next person loses patience


@dataclass(frozen=True, slots=True)
class Screen:
    """The settings of a sala's screens."""

    languages: tuple[str, ...] = ()
    volumes: tuple[int, ...] = (100,) * HOURS
    notice: str = "Conserve su ticket: le llamaremos por su número, dos veces en voz alta."
    image_seconds: int = 12

    @property
    def voices(self) -> tuple[str, ...]:
        """The order in which a call is said: Spanish twice, then each other language."""
        return (SPANISH, SPANISH, *self.languages)


class ScreenInvalid(Invalid):
    code = "pantalla.ajuste_invalido"
    detail = "Revise lo señalado."


def checked(
    *, languages: Sequence[str], volumes: Sequence[int], notice: str, image_seconds: int, known: Collection[str]
) -> Screen:
    """The settings of a form. `known` are the languages a voice exists for. Raises ScreenInvalid."""
    unknown = [language for language in languages if language not in known]
    if unknown:
        raise ScreenInvalid(f"No hay una voz completa para «{unknown[0]}».", field="languages")
    if len(languages) > LANGUAGES_MAX:
        raise ScreenInvalid(f"Elija hasta {LANGUAGES_MAX} idiomas además del español.", field="languages")
    if len(volumes) != HOURS or any(volume not in VOLUMES for volume in volumes):
        raise ScreenInvalid("Elija el volumen de cada una de las 24 horas.", field="volumes")
    if not notice or len(notice) > NOTICE_MAX:
        raise ScreenInvalid(f"Escriba la línea del pie, de hasta {NOTICE_MAX} letras.", field="notice")
    if not SECONDS_MIN <= image_seconds <= SECONDS_MAX:
        raise ScreenInvalid(f"Escriba entre {SECONDS_MIN} y {SECONDS_MAX} segundos.", field="image_seconds")
    return Screen(tuple(dict.fromkeys(languages)), tuple(volumes), notice, image_seconds)
