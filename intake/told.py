"""A filing as a cabin's event tells it to the centre, whoever makes the event: the till, or the centre from a paper."""

from __future__ import annotations

from typing import Any

from core import wire
from intake.filing import Filing, Person


def parts_of_event(filing: Filing) -> dict[str, Any]:
    """The fields of `wire.ExpedienteFiled` that the decision alone gives. Number, key, versions, warnings and money's entry are
    of who makes the event."""
    clock, observed, payment = filing.clock, filing.observed, filing.payment
    return {
        "at": filing.received_at,
        "tramite": filing.tramite.code,
        "state": filing.state,
        "received_on": clock.received_on,
        "clock_start_on": clock.clock_start_on,
        "due_on": clock.due_on,
        "sap_on": clock.sap_on,
        "observed": observed and wire.ObservedPart(missing=observed.missing, due_on=observed.due_on),
        "applicant": _person(filing.applicant),
        "representative": filing.representative and _person(filing.representative),
        "notify": filing.notify and {"email": filing.notify.email, "consent": filing.notify.consent},
        "subject": filing.subject,
        "sheets": filing.sheets,
        "annexes": filing.annexes,
        "fee_variant": filing.fee_variant,
        "quantity": filing.quantity,
        "related": filing.related,
        "payment": payment
        and wire.PaymentPart(
            method=payment.method, state=payment.state, reference=payment.reference, motivo=payment.motivo
        ),
        "charges": tuple(wire.Charge(concept=line.concept, centimos=line.centimos) for line in filing.charges.lines),
        "total_centimos": filing.charges.total_centimos,
        "cabin_borne_centimos": filing.charges.cabin_borne_centimos,
    }


def _person(person: Person) -> wire.Person:
    return wire.Person(
        document_type=person.document_type,
        document_number=person.document_number,
        name=person.name,
        phone=person.phone,
        email=person.email,
        address=person.address,
    )
