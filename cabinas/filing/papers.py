"""The paper a citizen leaves with: receipt and cargo on one strip."""

from __future__ import annotations

from cabinas.filing.case import Numbered, track_url
from intake.clock import SUBSANACION_DIAS_HABILES
from intake.filing import Filing
from intake.tramite import AUTOMATIC
from printing.papers import CargoPaper, Charge, Payment

METHODS = {
    "efectivo": "Efectivo",
    "tarjeta": "Tarjeta",
    "transferencia": "Transferencia",
    "billetera": "Billetera digital",
    "banco": "Pago en banco o CAC",
    "exonerado": "Exonerado",
}
AUTOMATIC_NOTE = "Aprobación automática: este cargo es su título desde hoy (Ley 27444, art. 31)."
SERVICE_NOTE = "El servicio de cabina es de la cabina, no es un cobro de la Municipalidad."


def cargo_paper(filing: Filing, case: Numbered, *, check_code: str) -> CargoPaper:
    catalogue, tramite, clock = case.terms.catalogue, filing.tramite, filing.clock
    convenio, observed = catalogue.convenio, filing.observed
    texts = {requisito.code: requisito.text for requisito in tramite.requisitos}
    return CargoPaper(
        site=catalogue.municipality,
        office=f"Cabina autorizada {case.terms.lease.cabina} · {convenio.partner}",
        number=case.number,
        received_at=filing.received_at,
        place=", ".join(part for part in (convenio.name, convenio.place) if part),
        tramite_code=tramite.code,
        tramite=tramite.name,
        applicant=filing.applicant.name,
        applicant_document=filing.applicant.document.masked,
        representative=filing.representative.name if filing.representative else None,
        subject=filing.subject if filing.subject != tramite.name else None,
        folios=filing.sheets,
        annexes=filing.annexes,
        due_on=clock.due_on,
        term_business_days=tramite.term_business_days,
        missing=tuple(texts[code] for code in observed.missing) if observed else (),
        cure_on=observed.due_on if observed else None,
        cure_business_days=SUBSANACION_DIAS_HABILES if observed else None,
        legal_note=_legal_note(filing),
        payment=_payment(filing, case),
        track_url=track_url(case),
        track_key=case.track_key,
        received_by=case.operator,
        check_code="-".join(check_code[at : at + 4] for at in range(0, len(check_code), 4)),
        hour_unverified=case.reading.doubtful,
        demo=catalogue.demo,
    )


def _legal_note(filing: Filing) -> str | None:
    notes = [
        AUTOMATIC_NOTE if filing.tramite.qualification == AUTOMATIC and not filing.observed else "",
        SERVICE_NOTE if filing.charges.cabin_centimos else "",
    ]
    return " ".join(note for note in notes if note) or None


def _payment(filing: Filing, case: Numbered) -> Payment | None:
    if filing.payment is None:
        return None
    labels = {
        "derecho": "Derecho (Municipalidad)",
        "servicio_cabina": f"Servicio de cabina {case.terms.lease.cabina}",
        "redondeo": "Redondeo",
    }
    return Payment(
        lines=tuple(Charge(labels[line.concept], line.centimos) for line in filing.charges.lines),
        total_centimos=filing.charges.total_centimos,
        method=METHODS[filing.payment.method],
        reference=filing.payment.reference,
        pending=filing.payment.state == "pendiente",
    )
