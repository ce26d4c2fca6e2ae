"""Sending a bag of originals: its list on paper and its event are one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.enrolment.queries import Terms, terms
from cabinas.filing import queries as filing
from cabinas.filing.models import Expediente
from cabinas.money.actions import CaseUnknown
from cabinas.outbox import actions as outbox
from cabinas.outbox import queries as events
from cabinas.paper import actions as paper
from cabinas.sync.clock import read_clock
from cabinas.valijas import queries
from cabinas.valijas.models import Valija, ValijaItem, ValijaOida
from core import wire
from core.errors import Conflict, Invalid
from core.identity import clean_text
from core.ids import uuid7
from printing import papers

DESTINATION = "Centro de Atención al Ciudadano"


class NothingInIt(Invalid):
    code, title = "valija.vacia", "Valija vacía"
    detail = f"Marque los expedientes que van en la valija, hasta {wire.MAX_VALIJA_ITEMS}."


class AlreadySent(Conflict):
    code, title = "valija.ya_enviado", "Ya salió en otra valija"
    detail = "Los papeles de uno de esos expedientes ya salieron en otra valija. Actualice la página."


def send(
    session: Session,
    numbers: Sequence[str],
    *,
    seal: str,
    carried_by: str,
    operator: str,
    device: Device,
    now: datetime,
) -> dict[str, Any]:
    """The papers of those cases leave. Raises NothingInIt, CaseUnknown, AlreadySent, Frozen."""
    chosen = list(dict.fromkeys(numbers))
    if not chosen or len(chosen) > wire.MAX_VALIJA_ITEMS:
        raise NothingInIt(field="number")
    reading, held = read_clock(session, now), terms(session)
    cases = [_of_here(session, number) for number in chosen]
    parts = [(case, int(events.payload(session, case.epoch, case.seq)["sheets"])) for case in cases]
    fact = wire.ValijaSent(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        id=str(uuid7()),
        code=queries.next_code(session, held.lease.point),
        seal=clean_text(seal)[:60],
        carried_by=clean_text(carried_by)[:120],
        items=tuple(wire.ValijaPart(number=case.number, folios=folios) for case, folios in parts),
    )
    event = outbox.append(session, fact, lease=held.lease, key=device.key, at=reading.at)
    listed = _list(fact, cases, held)
    job = paper.enqueue(session, listed, subject=fact.code, device=device, now=reading.at)
    _keep(session, fact, event, cases, print_job=job)
    device.events_appended(session, event.header.epoch, event.header.seq)
    return {"id": fact.id, "code": fact.code, "cases": len(cases), "print_job": job}


def keep_again(session: Session, fact: wire.ValijaSent, event: wire.Event, *, device: Device) -> None:
    """A bag pulled back from the centre, after its cases: those papers are not here, and its code is taken."""
    cases = [case for part in fact.items if (case := filing.case(session, part.number)) is not None]
    if not cases or queries.by_code(session, fact.code) is not None:
        return
    listed = _list(fact, cases, terms(session))
    job = paper.keep_printed(session, listed, subject=fact.code, device=device, now=fact.at)
    _keep(session, fact, event, cases, print_job=job)


def hear_valija(session: Session, news: wire.ValijaNews) -> None:
    """The centre told how a bag stands there; older news than what is known change nothing."""
    known = session.get(ValijaOida, news.code)
    if known is not None and known.told_at >= news.told_at:
        return
    row = known or ValijaOida(code=news.code)
    row.cases, row.received = news.cases, news.received
    row.missing, row.lacking = list(news.missing), len(news.missing)
    row.opened_at, row.closed_at, row.told_at = news.opened_at, news.closed_at, news.told_at
    session.add(row)


def _keep(
    session: Session, fact: wire.ValijaSent, event: wire.Event, cases: Sequence[Expediente], *, print_job: int
) -> None:
    place = {"epoch": event.header.epoch, "seq": event.header.seq}
    told = {"code": fact.code, "seal": fact.seal, "carried_by": fact.carried_by, "at": fact.at}
    session.add(Valija(id=fact.id, operator=fact.operator, cases=len(cases), print_job=print_job, **told, **place))
    session.flush()
    session.add_all(ValijaItem(number=case.number, valija_id=fact.id) for case in cases)


def _list(fact: wire.ValijaSent, cases: Sequence[Expediente], held: Terms) -> papers.ValijaPaper:
    folios = {part.number: part.folios for part in fact.items}
    return papers.ValijaPaper(
        site=held.catalogue.municipality,
        office=f"Cabina autorizada {held.lease.cabina} · {held.catalogue.convenio.partner}",
        number=fact.code,
        seal=fact.seal or None,
        destination=DESTINATION,
        closed_at=fact.at,
        items=tuple(papers.ValijaItem(case.number, case.tramite_name, folios[case.number]) for case in cases),
        closed_by=fact.operator,
        carried_by=fact.carried_by or None,
        receive_url=f"{held.catalogue.public_url.rstrip('/')}/valijas/{fact.code}",
        item_codes=True,
        demo=held.catalogue.demo,
    )


def _of_here(session: Session, number: str) -> Expediente:
    case = filing.case(session, number)
    if case is None:
        raise CaseUnknown()
    bag = queries.bag_of(session, case.number)
    if bag is not None and not bag.lacks(case.number):
        raise AlreadySent(number=case.number)
    return case
