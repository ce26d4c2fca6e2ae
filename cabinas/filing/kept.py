"""A case as the till keeps it, made from the fact it tells the centre: when it is filed, and again when it is pulled back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cabinas.filing.models import Expediente, PersonRow
from core.clock import lima_day
from core.identity import fold
from core.wire import Event, ExpedienteFiled, Person
from intake.cargo import track_url
from intake.fees import CASH
from storage.prepared import prepared

_person_row = PersonRow.__table__.c
_ADD_CASE = prepared(insert(Expediente))
_meeting = insert(PersonRow)
_REMEMBER = prepared(
    _meeting.on_conflict_do_update(
        index_elements=["document_type", "document_number"],
        set_={
            name: func.coalesce(_meeting.excluded[name], _person_row[name]) for name in ("phone", "email", "address")
        },
    )
)


def keep_case(
    session: Session,
    fact: ExpedienteFiled,
    event: Event,
    *,
    tramite_name: str,
    public_url: str,
    print_job: int | None,
) -> dict[str, Any]:
    """Its row and its applicant; the answer of `POST /expedientes`."""
    answer = answer_of(fact, public_url=public_url, print_job=print_job)
    lines = {line.concept: line.centimos for line in fact.charges}
    in_cash = fact.payment is not None and fact.payment.method == CASH
    row = {
        "number": fact.number,
        "epoch": event.header.epoch,
        "seq": event.header.seq,
        "received_at": fact.at,
        "taken_on": lima_day(fact.at),
        "tramite": fact.tramite,
        "tramite_name": tramite_name,
        "applicant": fact.applicant.name,
        "search": fold(f"{fact.number} {fact.applicant.name} {fact.applicant.document_number}"),
        "municipal_centimos": lines.get("derecho", 0) + lines.get("redondeo", 0) if in_cash else 0,
        "cabin_centimos": lines.get("servicio_cabina", 0),
        "total_centimos": fact.total_centimos,
        "operator": fact.operator,
        "print_job": print_job,
        "answer": answer,
    }
    _ADD_CASE(session, row)
    _remember(session, fact.applicant)
    return answer


def answer_of(fact: ExpedienteFiled, *, public_url: str, print_job: int | None) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "number": fact.number,
        "state": fact.state,
        "received_at": fact.at.isoformat(),
        "received_on": fact.received_on.isoformat(),
        "clock_start_on": fact.clock_start_on and fact.clock_start_on.isoformat(),
        "due_on": fact.due_on and fact.due_on.isoformat(),
        "charges": [{"concept": line.concept, "centimos": line.centimos} for line in fact.charges],
        "total_centimos": fact.total_centimos,
        "warnings": [{"code": notice.code, "detail": notice.detail} for notice in fact.warnings],
        "cargo_url": f"/api/v1/expedientes/{fact.number}/cargo.pdf",
        "track_url": track_url(public_url, fact.number, fact.track_key),
        "track_key": fact.track_key,
        "print_job": print_job,
    }
    if fact.observed:
        due = fact.observed.due_on and fact.observed.due_on.isoformat()
        answer["observed"] = {"missing": list(fact.observed.missing), "due_on": due}
    return answer


def _remember(session: Session, person: Person) -> None:
    """Fill in what is known the next time; the name first registered stays."""
    if not person.document_number:
        return
    row = {
        "document_type": person.document_type,
        "document_number": person.document_number,
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "address": person.address,
    }
    _REMEMBER(session, row)
