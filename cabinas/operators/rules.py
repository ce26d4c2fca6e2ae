"""What a PIN and a user may be, and when one is shut out. Pure."""

from __future__ import annotations

import re

from core.errors import Invalid

PIN_CHARS_MIN, PIN_CHARS_MAX = 4, 64
NAME_CHARS_MAX = 80
WRONG_PINS_MAX = 20  # in a row; a pause after every five makes twenty take a while, another PIN opens again
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,29}")
ROWS = ("01234567890", "09876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop")


class PinTooShort(Invalid):
    code = "operador.pin_corto"
    detail = f"El PIN debe tener al menos {PIN_CHARS_MIN} caracteres."


class PinTooEasy(Invalid):
    code = "operador.pin_facil"
    detail = "Ese PIN se adivina: no repita un solo carácter, no use una serie como 1234 ni su usuario."


class LoginInvalid(Invalid):
    code = "operador.usuario_invalido"
    detail = "El usuario lleva de 2 a 30 letras sin tilde, números, punto o guion, sin espacios."


class NameMissing(Invalid):
    code = "operador.sin_nombre"
    detail = f"Escriba el nombre y apellido que saldrán en el papel, hasta {NAME_CHARS_MAX} letras."


def check_pin(pin: str, *, login: str = "") -> None:
    """Raises PinTooShort, PinTooEasy."""
    if not PIN_CHARS_MIN <= len(pin) <= PIN_CHARS_MAX:
        raise PinTooShort(field="pin")
    easy = pin.lower()
    if len(set(easy)) == 1 or easy == login or any(easy in row for row in ROWS):
        raise PinTooEasy(field="pin")


def check_login(text: str) -> str:
    """As it is kept. Raises LoginInvalid."""
    login = text.strip().lower()
    if not LOGIN.fullmatch(login):
        raise LoginInvalid(field="usuario")
    return login


def shut_out(wrong_pins: int) -> bool:
    return wrong_pins >= WRONG_PINS_MAX
