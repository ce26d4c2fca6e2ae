"""What the one who files is told, and what the cargo is made of."""

from __future__ import annotations

from typing import Any

from intake.cargo import track_url
from intake.filing import Filing


def filed_answer(filing: Filing, *, number: str, key: str, public_url: str, print_job: int | None) -> dict[str, Any]:
    """What the one who files is told."""
    clock, base = filing.clock, public_url.rstrip("/")
    answer: dict[str, Any] = {
        "number": number,
        "state": filing.state,
        "received_at": filing.received_at.isoformat(),
        "received_on": clock.received_on.isoformat(),
        "clock_start_on": clock.clock_start_on and clock.clock_start_on.isoformat(),
        "due_on": clock.due_on and clock.due_on.isoformat(),
        "sap_on": clock.sap_on and clock.sap_on.isoformat(),
        "charges": [{"concept": line.concept, "centimos": line.centimos} for line in filing.charges.lines],
        "total_centimos": filing.charges.total_centimos,
        "warnings": [{"code": notice.code, "detail": notice.detail} for notice in filing.warnings],
        "cargo_url": f"{base}/api/v1/seguimiento/{number}/cargo.pdf?key={key}",
        "track_url": track_url(public_url, number, key),
        "track_key": key,
        "print_job": print_job,
    }
    if filing.observed:
        due = filing.observed.due_on
        answer["observed"] = {"missing": list(filing.observed.missing), "due_on": due and due.isoformat()}
    return answer


def filed_columns(filing: Filing) -> dict[str, Any]:
    """What a cargo needs of a filing, by the names of the columns that keep it (`papers.make_cargo`)."""
    tramite, payment, missing = filing.tramite, filing.payment, filing.observed.missing if filing.observed else ()
    return {
        "received_at": filing.received_at,
        "tramite_code": tramite.code,
        "tramite_name": tramite.name,
        "term_business_days": tramite.term_business_days,
        "requisitos": [
            {"code": requisito.code, "text": requisito.text, "presented": requisito.code not in missing}
            for requisito in tramite.requisitos
        ],
        "subject": filing.subject,
        "annexes": list(filing.annexes),
        "total_centimos": filing.charges.total_centimos,
        "payment": payment
        and {
            "method": payment.method,
            "state": payment.state,
            "reference": payment.reference,
            "motivo": payment.motivo,
        },
        "document_type": filing.applicant.document_type,
        "document_number": filing.applicant.document_number,
        "representative_name": filing.representative.name if filing.representative else None,
        "filed": filed_detail(filing),
        "cure_on": filing.observed.due_on if filing.observed else None,
    }


def filed_detail(filing: Filing) -> dict[str, Any]:
    """What the cargo says that may change later; kept in the first movement."""
    return {
        "missing": list(filing.observed.missing) if filing.observed else [],
        "sheets": filing.sheets,
        "due_on": filing.clock.due_on and filing.clock.due_on.isoformat(),
        "sap_on": filing.clock.sap_on and filing.clock.sap_on.isoformat(),
    }
