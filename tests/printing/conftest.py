"""Each paper in the forms that its golden files hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from printing.papers import CargoPaper, Paper, TicketPaper, reprinted
from printing.samples import CARGO, CENTRE, LATER, SAMPLES, TICKET

OBSERVED = replace(
    CARGO,
    office=CENTRE,
    number="2026-MPA-000124-7",
    place="Ventanilla 3, Cajamarca",
    missing=("Copia simple del documento que acredita la representación legal", "Recibo de pago"),
    cure_on=date(2026, 11, 24),
    cure_business_days=2,
    due_on=None,
    payment=None,
    demo=True,
)
PAPERS: dict[str, Paper] = {
    "ticket": TICKET,
    "ticket-quechua": replace(TICKET, language="qu", preferente=True),
    "ticket-ingles": replace(TICKET, language="en", ahead=1, slot_at=LATER),
    "ticket-preferente-reimpreso": reprinted(
        replace(TICKET, code="P-013", preferente=True, ahead=1, wait_minutes=(5, 10)),
        number=1,
        at=LATER,
        by="Ventanilla 2",
    ),
    "cargo-cabina": CARGO,
    "cargo-observado": OBSERVED,
    **{kind: paper for kind, paper in SAMPLES.items() if kind not in ("ticket", "cargo")},
}


@pytest.fixture(params=PAPERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def paper(name: str) -> Paper:
    return PAPERS[name]


@pytest.fixture
def ticket() -> TicketPaper:
    return TICKET


@pytest.fixture
def paper_of_calibration() -> Paper:
    return PAPERS["calibracion"]


@pytest.fixture
def cargo() -> CargoPaper:
    return CARGO
