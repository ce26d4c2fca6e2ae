"""What each paper says, line by line, for citizens; `layout` fits it to the printer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from printing.layout import Sheet
from printing.papers import (
    CalibrationPaper,
    CargoPaper,
    Paper,
    ReceiptPaper,
    SettlementPaper,
    TicketPaper,
    ValijaPaper,
    ZPaper,
)
from printing.templates.cash import settlement, valija, z_report
from printing.templates.citizen import cargo, receipt, ticket
from printing.templates.machine import calibration
from printing.templates.parts import foot

TEMPLATES: dict[type[Paper], Callable[[Sheet, Any], None]] = {
    TicketPaper: ticket,
    CargoPaper: cargo,
    ReceiptPaper: receipt,
    ZPaper: z_report,
    SettlementPaper: settlement,
    ValijaPaper: valija,
    CalibrationPaper: calibration,
}


def lay_out(sheet: Sheet, paper: Paper) -> None:
    """Every line of the paper, and under all of them the municipality's own words."""
    TEMPLATES[type(paper)](sheet, paper)
    foot(sheet, paper)
