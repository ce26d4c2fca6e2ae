"""A blind count of a cash drawer: how many there are of each note and coin. Pure; the centre's tills and the cabins' share it."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Invalid

DENOMINATIONS = (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10)  # notes and coins in use, in céntimos
UNITS_MAX = 100_000
NOTES_FROM = 1_000
NOTES = tuple(value for value in DENOMINATIONS if value >= NOTES_FROM)
COINS = tuple(value for value in DENOMINATIONS if value < NOTES_FROM)


class CountInvalid(Invalid):
    code = "cierre.conteo"
    detail = "El conteo lleva cuántos hay de cada billete y moneda, en céntimos: 20000, 10000, … 10."


def counted_centimos(counts: Mapping[str, int]) -> int:
    """The value of a count by denomination. Raises CountInvalid."""
    total = 0
    for value, units in counts.items():
        if value not in {str(known) for known in DENOMINATIONS} or not 0 <= units <= UNITS_MAX:
            raise CountInvalid(field=f"counts.{value}")
        total += int(value) * units
    return total


def typed_counts(form: Mapping[str, str]) -> dict[str, int]:
    """The count as a page's form sends it, in `hay_<céntimos>`; what is left empty is none. Raises CountInvalid, also
    when nothing at all was typed: a key pressed by mistake must not close the day as if the drawer were empty."""
    counts = {}
    if not any(form.get(f"hay_{value}", "").strip() for value in DENOMINATIONS):
        field = f"hay_{DENOMINATIONS[0]}"
        raise CountInvalid("Escriba lo que contó. Si no hay dinero en la caja, escriba 0.", field=field)
    for value in DENOMINATIONS:
        field = f"hay_{value}"
        typed = form.get(field, "").strip()
        if typed and not (typed.isdecimal() and len(typed) <= 6 and int(typed) <= UNITS_MAX):
            raise CountInvalid("Escriba cuántos hay de cada uno, en números enteros.", field=field)
        if typed and int(typed):
            counts[str(value)] = int(typed)
    return counts
