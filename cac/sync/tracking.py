"""What a citizen is told of a paper that a cabin received and the centre could not take in yet: never "not found"."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.sync.models import Cabina, InboxEvent, QuarantinedEvent
from cac.tupa.queries import TramiteUnknown, get_tramite_of
from core.clock import lima_day
from core.ids import same_secret
from intake.tramite import Tramite

STATE, STATE_NAME = "recibido", "Recibido en la cabina, en verificación"
NEXT = "La Municipalidad está comprobando lo que envió la cabina. Guarde su cargo: su número vale."
FILING = "expediente"  # kind of the event


def track_in_verification(session: Session, number: str, key: str) -> dict[str, Any] | None:
    """The public tracking of a quarantined filing, in the shape of a case's; None when no such number and key wait.

    What its event claims is shown only to who knows the key that the event claims."""
    rows = session.execute(
        select(QuarantinedEvent, InboxEvent, Cabina)
        .join(InboxEvent, InboxEvent.id == QuarantinedEvent.event_id)
        .join(Cabina, Cabina.id == QuarantinedEvent.cabina_id)
        .where(QuarantinedEvent.number == number, QuarantinedEvent.settled_at.is_(None), InboxEvent.kind == FILING)
    )
    for held, event, cabina in rows:
        if held.track_key and same_secret(held.track_key, key):
            return _as_case(session, number, json.loads(event.event)["payload"], cabina, heard_at=held.at)
    return None


def _as_case(
    session: Session, number: str, payload: dict[str, Any], cabina: Cabina, *, heard_at: datetime
) -> dict[str, Any]:
    tramite, place = _tramite(session, payload), f"{cabina.name} ({cabina.code})"
    return {
        "number": number,
        "tramite": tramite.code if tramite else "",
        "tramite_name": tramite.name if tramite else "Trámite en verificación",
        "state": STATE,
        "state_name": STATE_NAME,
        "area": place,
        "since_at": heard_at,
        "received_at": heard_at,
        "received_on": lima_day(heard_at),
        "clock_start_on": None,
        "due_on": None,
        "sap_on": None,
        "term_business_days": tramite.term_business_days if tramite else 0,
        "silence": tramite.silence if tramite else None,
        "late": False,
        "observed": None,
        "resultado": None,
        "next": NEXT,
        "steps": [{"what": STATE_NAME, "kind": "ingreso", "area": place, "at": heard_at}],
    }


def _tramite(session: Session, payload: dict[str, Any]) -> Tramite | None:
    try:
        return get_tramite_of(session, str(payload.get("tramite", "")), version=str(payload.get("tupa_version", "")))
    except TramiteUnknown:
        return None
