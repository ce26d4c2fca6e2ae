"""The paper a citizen leaves with: receipt and cargo on one strip."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cabinas.enrolment.queries import Terms
from core.identity import Document
from core.receipt import Receipt, code_of, qr_of
from core.wire import ExpedienteFiled
from intake.cargo import check_code, legal_note, track_url
from intake.clock import SUBSANACION_DIAS_HABILES
from intake.fees import cash_besides
from intake.tramite import Tramite
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


def cargo_paper(fact: ExpedienteFiled, tramite: Tramite, held: Terms, *, key: Ed25519PrivateKey | None) -> CargoPaper:
    """`tramite` is of the TUPA version of the fact; `key` of the PC that numbered it, None where that is another one: its
    signature cannot be made here."""
    catalogue, observed, applicant = held.catalogue, fact.observed, fact.applicant
    convenio = catalogue.convenio
    texts = {requisito.code: requisito.text for requisito in tramite.requisitos}
    return CargoPaper(
        site=catalogue.municipality,
        office=f"Cabina autorizada {held.lease.cabina} · {convenio.partner}",
        number=fact.number,
        received_at=fact.at,
        place=", ".join(part for part in (convenio.name, convenio.place) if part),
        tramite_code=tramite.code,
        tramite=tramite.name,
        applicant=applicant.name,
        applicant_document=Document(applicant.document_type, applicant.document_number).masked,
        representative=fact.representative.name if fact.representative else None,
        subject=fact.subject if fact.subject != tramite.name else None,
        folios=fact.sheets,
        annexes=fact.annexes,
        due_on=fact.due_on,
        term_business_days=tramite.term_business_days,
        missing=tuple(texts[code] for code in observed.missing) if observed else (),
        cure_on=observed.due_on if observed else None,
        cure_business_days=SUBSANACION_DIAS_HABILES if observed else None,
        legal_note=_legal_note(fact, tramite),
        payment=_payment(fact, held.lease.cabina),
        track_url=track_url(catalogue.public_url, fact.number, fact.track_key),
        track_key=fact.track_key,
        proof=_proof(fact, catalogue.public_url, key) if key else None,
        received_by=fact.operator,
        check_code=check_code(
            fact.number,
            fact.at,
            document=applicant.document_number,
            sheets=fact.sheets,
            total_centimos=fact.total_centimos,
        ),
        hour_unverified=fact.clock_doubtful,
        demo=catalogue.demo,
    )


def _proof(fact: ExpedienteFiled, public_url: str, key: Ed25519PrivateKey) -> str:
    return qr_of(code_of(key, Receipt(fact.number, fact.at, fact.tramite, fact.total_centimos)), public_url)


def _legal_note(fact: ExpedienteFiled, tramite: Tramite) -> str | None:
    note = legal_note(tramite, observed=fact.observed is not None, sap_on=fact.sap_on)
    with_service = any(line.concept == "servicio_cabina" for line in fact.charges)
    said = [note, SERVICE_NOTE if with_service else None]
    return " ".join(sentence for sentence in said if sentence) or None


def _payment(fact: ExpedienteFiled, cabina: str) -> Payment | None:
    if fact.payment is None:
        return None
    labels = {
        "derecho": "Derecho (Municipalidad)",
        "servicio_cabina": f"Servicio de cabina {cabina}",
        "redondeo": "Redondeo",
    }
    return Payment(
        lines=tuple(Charge(labels[line.concept], line.centimos) for line in fact.charges),
        total_centimos=fact.total_centimos,
        method=METHODS[fact.payment.method],
        reference=fact.payment.reference,
        pending=fact.payment.state == "pendiente",
        cash_centimos=cash_besides(((line.concept, line.centimos) for line in fact.charges), fact.payment.method),
    )
