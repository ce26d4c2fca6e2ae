"""The three languages of the kiosk, the tablet and the phone: catalogues in kiosks/translations, whose keys are the Spanish texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from flask_babel import Domain, force_locale

from core.clock import LIMA
from kiosks.voice.phrases import LANGUAGES as SPOKEN
from kiosks.voice.phrases import spoken_code

LANGUAGES = (("es", "Español"), ("qu", "Quechua"), ("en", "English"))
DEFAULT = "es"
PREFERENTE, CHOSEN, CITA = "preferente", "elegido", "cita"  # said like a tile: a button reached, or pressed
OPENING = "EEEE d, h:mm a"  # martes 24, 7:30 a. m.
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


def opening(at: datetime | None, language: str, _: Callable[..., str]) -> str:
    """When a closed sala gives tickets again; nothing when that is not known."""
    return _("Abrimos: %(when)s", when=format_datetime(at.astimezone(LIMA), OPENING, locale=language)) if at else ""


def spoken_in(language: str) -> str:
    """The language in which the kiosk speaks: Spanish where no voice says `language` well."""
    return language if language in SPOKEN else DEFAULT


def spoken_options(services: list[dict[str, Any]], _: Callable[..., str], *, citas: bool = False) -> str:
    """The first screen said aloud: the key of each open tile, by its place on the screen."""
    tiles = [
        _("Para %(service)s, tecla %(number)s.", service=_(service["name"]), number=number)
        for number, service in enumerate(services, 1)
        if service["open"]
    ]
    if not tiles:
        return _("Ahora no se entregan turnos. Pregunte en informes.")
    if citas:
        tiles.append(_("Si tiene cita, tecla más."))
    return " ".join([_("Bienvenido."), *tiles, _("Atención preferente, tecla 9."), _("Para repetir, tecla 0.")])


def spoken_arrival(_: Callable[..., str]) -> str:
    """The check-in of an appointment said aloud."""
    return " ".join(
        [
            _("Escriba los ocho números de su cita."),
            _("Al terminar, presione Enter."),
            _("Para volver, presione Escape."),
        ]
    )


def spoken_option(services: list[dict[str, Any]], one: str, _: Callable[..., str]) -> str:
    """What the arrows reached, or the key chose, said aloud: a service's letter, PREFERENTE, CHOSEN or CITA."""
    choose = _("Para elegir, tecla Enter.")
    if one == CHOSEN:
        return f"{_('Preferente')}. {_('Ahora elija el trámite que necesita.')}"
    if one == CITA:
        return f"{_('Tengo cita')}. {_('Registre aquí su llegada')}. {choose}"
    if one == PREFERENTE:
        groups = _("Gestantes, con niños, adultos mayores, personas con discapacidad")
        return f"{_('Atención preferente')}. {groups}. {choose}"
    service = next((service for service in services if service["code"] == one), None)
    if service is None or not service["open"]:
        return _("Cerrado en este momento")
    return f"{_(service['name'])}. {_(service['example'])}. {choose}"


def spoken_ticket(ticket: dict[str, Any], *, no_paper: bool, _: Callable[..., str]) -> str:
    """A ticket just issued, for the ear and for screen readers."""
    letter, number = spoken_code(ticket["code"])
    said = [_("Su turno es %(letter)s %(number)s.", letter=letter, number=number)]
    if no_paper:
        said += [_("No hay papel, pero su turno vale igual."), said[0]]
    if ticket["ahead"] > 1:
        said.append(_("Hay %(ahead)s personas antes que usted.", ahead=ticket["ahead"]))
    elif not ticket["ahead"]:
        said.append(_("Nadie está antes que usted."))
    return " ".join(said)
