"""Whom an operator calls, as the centre said it last; kept in a file too, for when the database cannot be read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from cabinas.enrolment.queries import terms
from core.wire import Phones

FILE = "ayuda.json"  # in the data folder


@dataclass(frozen=True, slots=True)
class Whom:
    """`cabina` is how the caller names the till; a phone is "" where the municipality told none."""

    cabina: str
    name: str
    cac: str = ""
    treasury: str = ""
    support: str = ""

    @property
    def lines(self) -> tuple[tuple[str, str, str], ...]:
        """Who, for what, at which number."""
        return (
            ("CAC", "un trámite o un papel", self.cac),
            ("Tesorería", "el dinero, o si no cuadra", self.treasury),
            ("Soporte", "la PC, la impresora o la caja detenida", self.support),
        )


def whom(session: Session) -> Whom:
    """Raises NotPaired."""
    catalogue = terms(session).catalogue
    phones: Phones = catalogue.phones
    return Whom(catalogue.cabina, catalogue.convenio.name, phones.cac, phones.treasury, phones.support)


def keep(known: Whom, folder: Path) -> None:
    """Raises OSError."""
    text, path = json.dumps(asdict(known), ensure_ascii=False), folder / FILE
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        beside = path.with_suffix(".nuevo")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)


def kept(folder: Path) -> Whom | None:
    """What was known last; None where nothing can be read."""
    try:
        return Whom(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
