"""The cargo as an A4 page, from the paper that was kept."""

from __future__ import annotations

from flask import Response

from cabinas.filing import queries
from cabinas.money.actions import CaseUnknown
from cabinas.paper import queries as paper
from cabinas.paper.wording import logo_of
from printing import pdf
from printing.papers import CargoPaper, load
from web.api import store


def cargo_document(number: str) -> Response:
    """Raises CaseUnknown."""
    with store().read() as session:
        case = queries.case(session, number)
        job = paper.original(session, case.number) if case else None
        kept = load(job.paper) if job else None
        logo = logo_of(session, kept) if kept else None
    if not isinstance(kept, CargoPaper):
        raise CaseUnknown()
    return Response(pdf.draw(kept, logo), mimetype="application/pdf")
