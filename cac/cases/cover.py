"""The carátula of a case, from what its page shows. Pure."""

from __future__ import annotations

from typing import Any

from cac.expedientes.papers import Letterhead
from printing.papers import mask_document
from printing.pdf.sheets import CoverSheet


def cover_of(case: dict[str, Any], *, decides: str, letterhead: Letterhead) -> CoverSheet:
    """`case` as `show_case` gives it; `decides` is the authority that the TUPA names for its trámite."""
    applicant = case["applicant"]
    return CoverSheet(
        site=letterhead.site,
        office=letterhead.office,
        number=case["number"],
        tramite_code=case["tramite"],
        tramite=case["tramite_name"],
        organ=case["area"] or case["home_area"],
        responsible=decides or "Quien dirija el órgano",
        applicant=applicant["name"],
        applicant_document=mask_document(applicant["document_type"], applicant["document_number"]),
        subject=case["subject"] if case["subject"] != case["tramite_name"] else None,
        received_at=case["received_at"],
        due_on=case["due_on"],
        sap_on=case["sap_on"],
        folios=case["sheets"],
        papers=tuple((str(one["ordinal"]), one["name"], str(one["sheets"])) for one in case["documents"]),
        demo=letterhead.demo,
    )
