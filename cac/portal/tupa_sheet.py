"""The whole TUPA as values for its A4 document, in the same words as its pages. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from cac.portal import words
from printing.pdf.sheets import TupaEntry, TupaSheet


def tupa_sheet(
    entries: Iterable[dict[str, Any]], *, site: str, office: str, version: str, made_on: date, demo: bool
) -> TupaSheet:
    """`entries` as the trámite's page takes them, in TUPA order."""
    shown = [words.full_page(entry) for entry in entries]
    areas = groupby(shown, key=lambda entry: entry["area"])
    return TupaSheet(
        site=site,
        office=office,
        version=version,
        made_on=made_on,
        areas=tuple((area, tuple(_entry(entry) for entry in of_area)) for area, of_area in areas),
        note="El servicio de una cabina autorizada se cobra aparte y no es un derecho municipal.",
        demo=demo,
    )


def _entry(entry: dict[str, Any]) -> TupaEntry:
    prices = "; ".join(f"{label}: S/ {amount}" for label, amount in entry["variants"]) or entry["price"]
    facts = (
        ("Derecho", prices),
        ("Plazo", entry["term"]),
        ("Silencio", entry["silence"] or ""),
        ("Dónde", "; ".join(entry["where"])),
        ("Resuelve", entry["decides"]),
        ("Base legal", "; ".join(entry["legal_basis"])),
    )
    return TupaEntry(
        code=entry["code"],
        name=entry["name"],
        facts=tuple((label, value) for label, value in facts if value),
        requisitos=tuple(entry["requisitos"]),
    )
