"""A case that this database lacks and was filed: pulled back from the centre, or registered there without its event."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.enrolment.queries import terms
from cabinas.filing.kept import keep_case
from cabinas.filing.models import Counter, Expediente
from cabinas.filing.papers import cargo_paper
from cabinas.paper import actions as paper
from cabinas.sync.models import SeriesEpoch
from core import wire
from core.ids import ExpedienteNumber
from intake.tramite import Tramite

_counting = insert(Counter)
_COUNT = _counting.on_conflict_do_update(
    index_elements=["epoch", "year"], set_={"last": func.max(Counter.__table__.c.last, _counting.excluded.last)}
)


def keep_again(session: Session, fact: wire.ExpedienteFiled, event: wire.Event, *, device: Device) -> None:
    """The case as it was filed, but for its paper, which is in a person's hands; `event` is what brought it. What is here already
    stays as it is."""
    if session.scalar(select(Expediente.id).where(Expediente.number == fact.number)) is not None:
        return
    held, job = terms(session), None
    number = ExpedienteNumber.parse(fact.number)
    own = select(SeriesEpoch).where(SeriesEpoch.series == number.series)
    series = session.scalar(own) if number.point == held.lease.cabina else None
    version = next((each for each in held.catalogue.tupa if each.version == fact.tupa_version), None)
    tramite: Tramite | None = held.offer.tupa(version).tramites.get(fact.tramite) if version else None
    if tramite is not None:
        signs = series is not None and series.device_key == device.public_key
        kept = cargo_paper(fact, tramite, held, key=device.key if signs else None)
        job = paper.keep_printed(session, kept, subject=fact.number, device=device, now=fact.at)
    keep_case(
        session,
        fact,
        event,
        tramite_name=tramite.name if tramite else fact.tramite,
        public_url=held.catalogue.public_url,
        print_job=job,
    )
    if series is not None:
        counted = {"epoch": series.epoch, "year": number.year, "last": number.sequence}
        session.connection().execute(_COUNT, counted)
