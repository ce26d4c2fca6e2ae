"""Files handed in with a filing: each becomes a document of the case and a line of its cargo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from intake.filing import Filing


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A stored file of a filing. `sheets` says how many of the filing's folios it shows; 0 where nobody said."""

    name: str
    sheets: int
    sha256: str
    media_type: str
    bytes: int

    @property
    def annex(self) -> str:
        """As the cargo lists it: `Archivo contrato.pdf, 12 folios`."""
        folios = f", {self.sheets} {'folio' if self.sheets == 1 else 'folios'}" if self.sheets else ""
        return f"Archivo {self.name}{folios}"


def with_enclosed(filing: Filing, enclosed: Sequence[Enclosed]) -> Filing:
    """The same filing, its files listed after its other annexes."""
    return replace(filing, annexes=(*filing.annexes, *(file.annex for file in enclosed)))


def loose_sheets(filing: Filing, enclosed: Sequence[Enclosed]) -> int:
    """The folios that are of no file: the request itself and its papers."""
    return max(0, filing.sheets - sum(file.sheets for file in enclosed))
