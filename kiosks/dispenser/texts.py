"""The kiosk's three languages: catalogues in kiosks/translations, whose keys are the Spanish texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask_babel import Domain, force_locale

from core.clock import LIMA

LANGUAGES = (("es", "Español"), ("qu", "Quechua"), ("en", "English"))
DEFAULT = "es"
NOON, DUSK = 12, 19  # hours at which the greeting changes

_domain = Domain(str(Path(__file__).resolve().parents[1] / "translations"), domain="kiosko")


def known(language: str | None) -> str:
    """`language` if the kiosk speaks it, else Spanish."""
    return language if language in dict(LANGUAGES) else DEFAULT


def translator(language: str) -> Callable[..., str]:
    """Text in Spanish to text in `language`; what is not in the catalogue (a service's own name) stays as it is."""

    def translate(text: str, **values: object) -> str:
        with force_locale(language):
            return str(_domain.gettext(text, **values))

    return translate


def greeting(now: datetime, _: Callable[..., str]) -> str:
    hour = now.astimezone(LIMA).hour
    if hour < NOON:
        return _("Buenos días")
    return _("Buenas tardes") if hour < DUSK else _("Buenas noches")


def spoken_options(services: list[dict[str, str]], _: Callable[..., str]) -> str:
    """The first screen said aloud, with the key of each tile."""
    tiles = [
        _("Para %(service)s, tecla %(number)s.", service=_(s["name"]), number=n) for n, s in enumerate(services, 1)
    ]
    return " ".join([_("Bienvenido."), *tiles, _("Atención preferente, tecla 0."), _("Para repetir, asterisco.")])
