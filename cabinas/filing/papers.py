"""The paper a citizen leaves with: receipt and cargo on one strip."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cabinas.filing.case import Numbered
from core.receipt import Receipt, code_of, qr_of
from intake.cargo import check_code, legal_note, track_url
from intake.clock import SUBSANACION_DIAS_HABILES
from intake.filing import Filing
from printing.papers import CargoPaper, Charge, Payment

METHODS = {
    "efectivo": "Efectivo",
    "tarjeta": "Tarjeta",
    "transferencia": "Transferencia",
    "billetera": "Billetera digital",
    "banco": "Pago en banco o CAC",
    "exonerado": "Exonerado",
}
SERVICE_NOTE = "El servicio de cabina es de la cabina, no es un cobro de la Municipalidad."


def cargo_paper(filing: Filing, case: Numbered, *, key: Ed25519PrivateKey) -> CargoPaper:
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
        track_url=track_url(catalogue.public_url, case.number, case.track_key),
        track_key=case.track_key,
        proof=_proof(filing, case, key),
        received_by=case.operator,
        check_code=check_code(
            case.number,
            filing.received_at,
            document=filing.applicant.document_number,
            sheets=filing.sheets,
            total_centimos=filing.charges.total_centimos,
        ),
        hour_unverified=case.reading.doubtful,
        demo=catalogue.demo,
    )


def _proof(filing: Filing, case: Numbered, key: Ed25519PrivateKey) -> str:
    receipt = Receipt(case.number, filing.received_at, filing.tramite.code, filing.charges.total_centimos)
    return qr_of(code_of(key, receipt), case.terms.catalogue.public_url)


def _legal_note(filing: Filing) -> str | None:
    note = legal_note(filing.tramite, observed=filing.observed is not None, sap_on=filing.clock.sap_on)
    said = [note, SERVICE_NOTE if filing.charges.cabin_centimos else None]
    return " ".join(sentence for sentence in said if sentence) or None


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
