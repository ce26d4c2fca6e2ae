"""Receiving what was missing: decided by intake as at the centre, with a cargo of its own and an event in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cabinas.cures import queries
from cabinas.cures.models import Subsanacion, SubsanacionOida
from cabinas.device import Device
from cabinas.enrolment.queries import Terms, terms
from cabinas.filing import queries as filing
from cabinas.filing.actions import refuse_unless_in_service
from cabinas.filing.models import Expediente
from cabinas.money.actions import CaseUnknown
from cabinas.outbox import actions as outbox
from cabinas.outbox import queries as events
from cabinas.paper import actions as paper
from cabinas.sync.clock import read_clock
from core import wire
from core.clock import lima_day
from core.errors import Conflict
from core.ids import uuid7
from intake.cargo import check_code, legal_note
from intake.clock import LawClock
from intake.observation import decide_cure, restarted_clock
from intake.request import SHEETS_MAX
from intake.tramite import Tramite
from printing.papers import CargoPaper

TITLE = "Cargo de subsanación"
COMPLETE = "Con esto su solicitud está completa: el plazo corre desde el siguiente día hábil."
PARTIAL = "Todavía falta lo que se indica: tráigalo antes de la fecha."


class NothingLacks(Conflict):
    code, title = "expediente.nada_que_subsanar", "Nada que subsanar"
    detail = "A ese expediente no le falta nada de lo observado en esta cabina."


def cure(
    session: Session,
    number: str,
    *,
    presented: Sequence[str] | None,
    sheets: int,
    operator: str,
    device: Device,
    now: datetime,
) -> dict[str, Any]:
    """What a citizen brings of what is missing; all of it when `presented` is None.

    Raises CaseUnknown, NothingLacks, TooLateToCure, NothingBrought, Suspended, Frozen."""
    assert 0 <= sheets <= SHEETS_MAX
    reading, held = read_clock(session, now), terms(session)
    refuse_unless_in_service(session, held)
    case = filing.case(session, number)
    if case is None:
        raise CaseUnknown()
    lacking = queries.lacking(session, case)
    if lacking is None:
        raise NothingLacks()
    today = lima_day(reading.at)
    decided = decide_cure([code for code, _ in lacking.items], presented, due_on=lacking.due_on, today=today)
    tramite = _tramite(session, case, held)
    clock = LawClock(date.fromisoformat(case.answer["received_on"]), unknown=True)
    if tramite and not decided.missing:
        clock = restarted_clock(today, tramite, received=clock.received_on, calendar=held.offer.calendar)
    cure_id = str(uuid7())
    fact = wire.ObservationCured(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        id=cure_id,
        number=case.number,
        presented=decided.brought,
        missing=decided.missing,
        sheets=sheets,
        clock_start_on=clock.clock_start_on,
        due_on=clock.due_on,
        sap_on=clock.sap_on,
    )
    event = outbox.append(session, fact, lease=held.lease, key=device.key, at=reading.at)
    cargo = _cargo(session, case, fact, tramite)
    job = paper.enqueue(session, cargo, subject=subject(cure_id), device=device, now=reading.at)
    answer = _keep(session, case, fact, event, print_job=job)
    device.events_appended(session, event.header.epoch, event.header.seq)
    return answer


def keep_again(session: Session, fact: wire.ObservationCured, event: wire.Event, *, device: Device) -> None:
    """A cure pulled back from the centre, after its case: its row and its paper, which came out when it was made."""
    case = filing.case(session, fact.number)
    if case is None or queries.cargo_of(session, case) is None:
        return
    cargo = _cargo(session, case, fact, _tramite(session, case, terms(session)))
    job = paper.keep_printed(session, cargo, subject=subject(fact.id), device=device, now=fact.at)
    _keep(session, case, fact, event, print_job=job)


def hear_cure(session: Session, news: wire.CureNews) -> None:
    """The centre told what it took of what a case lacked; told again it is the same."""
    row = {"number": news.number, "at": news.at, "id": news.id, "outcome": news.outcome, "due_on": news.due_on}
    row |= {"presented": list(news.presented), "missing": list(news.missing)}
    session.execute(insert(SubsanacionOida).on_conflict_do_nothing(), row)


def _keep(
    session: Session, case: Expediente, fact: wire.ObservationCured, event: wire.Event, *, print_job: int
) -> dict[str, Any]:
    answer = {
        "id": fact.id,
        "number": case.number,
        "state": "observado" if fact.missing else "recibido",
        "presented": list(fact.presented),
        "missing": list(fact.missing),
        "received_on": case.answer["received_on"],
        "clock_start_on": fact.clock_start_on and fact.clock_start_on.isoformat(),
        "due_on": fact.due_on and fact.due_on.isoformat(),
        "print_job": print_job,
    }
    session.add(
        Subsanacion(
            id=fact.id,
            number=case.number,
            epoch=event.header.epoch,
            seq=event.header.seq,
            at=fact.at,
            operator=fact.operator,
            presented=list(fact.presented),
            missing=list(fact.missing),
            sheets=fact.sheets,
            print_job=print_job,
            answer=answer,
        )
    )
    return answer


def subject(cure_id: str) -> str:
    """What its paper is kept under, to print it again."""
    return f"subsanacion-{cure_id}"


def _tramite(session: Session, case: Expediente, held: Terms) -> Tramite | None:
    """As the case was filed under; None when that TUPA version is no longer here: the centre, which keeps all, tells the term."""
    filed_under = events.payload(session, case.epoch, case.seq)["tupa_version"]
    for version in held.catalogue.tupa:
        if version.version == filed_under:
            return held.offer.tupa(version).tramites.get(case.tramite)
    return None


def _cargo(session: Session, case: Expediente, fact: wire.ObservationCured, tramite: Tramite | None) -> CargoPaper:
    """The cargo of the filing said again with what was brought now, and nothing charged."""
    filed = queries.cargo_of(session, case)
    assert filed is not None, f"{case.number} has no cargo"
    texts = queries.texts(session, case)
    proves = legal_note(tramite, observed=False, sap_on=fact.sap_on) if tramite else None
    return replace(
        filed,
        title=TITLE,
        received_at=fact.at,
        hour_unverified=fact.clock_doubtful,
        subject=None,
        folios=fact.sheets,
        annexes=tuple(texts[code] for code in fact.presented),
        missing=tuple(texts[code] for code in fact.missing),
        due_on=fact.due_on,
        legal_note=PARTIAL if fact.missing else " ".join(filter(None, (COMPLETE, proves))),
        payment=None,
        proof=None,
        received_by=fact.operator,
        check_code=check_code(case.number, fact.at, document=fact.id, sheets=fact.sheets, total_centimos=0),
        reprint=None,
    )
