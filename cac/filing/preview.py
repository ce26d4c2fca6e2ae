"""The cargo before it exists: the same paper, from the same bytes a printer would get, without number or key."""

from __future__ import annotations

from base64 import b64encode

from sqlalchemy.orm import Session

from cac.expedientes.papers import CONCEPT_NAMES, METHOD_NAMES, Letterhead
from cac.paper.wording import picture_of
from intake.cargo import legal_note
from intake.clock import SUBSANACION_DIAS_HABILES
from intake.filing import Filing
from printing.papers import CargoPaper, Charge, Payment, mask_document

UNKNOWN_NUMBER = "se asigna al recibir"


def cargo_picture(session: Session, filing: Filing, *, letterhead: Letterhead, received_by: str) -> str:
    """A `data:` PNG of the paper."""
    png = picture_of(session, _paper(filing, letterhead, received_by))
    return "data:image/png;base64," + b64encode(png).decode()


def _paper(filing: Filing, letterhead: Letterhead, received_by: str) -> CargoPaper:
    tramite, clock, observed, applicant = filing.tramite, filing.clock, filing.observed, filing.applicant
    texts = {requisito.code: requisito.text for requisito in tramite.requisitos}
    return CargoPaper(
        site=letterhead.site,
        office=letterhead.office,
        number=UNKNOWN_NUMBER,
        received_at=filing.received_at,
        place=letterhead.place,
        tramite_code=tramite.code,
        tramite=tramite.name,
        applicant=applicant.name,
        applicant_document=mask_document(applicant.document_type, applicant.document_number),
        representative=filing.representative.name if filing.representative else None,
        subject=filing.subject if filing.subject != tramite.name else None,
        folios=filing.sheets,
        annexes=filing.annexes,
        due_on=clock.due_on,
        term_business_days=tramite.term_business_days,
        missing=tuple(texts[code] for code in observed.missing) if observed else (),
        cure_on=observed.due_on if observed else None,
        cure_business_days=SUBSANACION_DIAS_HABILES if observed else None,
        legal_note=legal_note(tramite, observed=observed is not None, sap_on=clock.sap_on),
        payment=_payment(filing),
        track_url=f"{letterhead.public_url.rstrip('/')}/seguimiento",
        track_key="----",
        received_by=received_by,
        check_code="----",
        demo=letterhead.demo,
    )


def _payment(filing: Filing) -> Payment | None:
    if filing.payment is None:
        return None
    return Payment(
        lines=tuple(Charge(CONCEPT_NAMES[line.concept], line.centimos) for line in filing.charges.lines),
        total_centimos=filing.charges.total_centimos,
        method=METHOD_NAMES[filing.payment.method],
        reference=filing.payment.reference,
        pending=filing.payment.state == "pendiente",
    )
