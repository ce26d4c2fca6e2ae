"""Cases a cabin charged by a TUPA that was in force no more: its price changed while the cabin had no link.

A case keeps the version of its event and nobody is charged the difference; treasury is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from cac.expedientes.models import Expediente
from cac.tupa.models import TupaVersion
from cac.tupa.queries import TramiteUnknown, get_tramite, get_tramite_of, version_in_force
from intake.tramite import Tramite

SHOWN = 50
YEARS = 2  # this one and the last


@dataclass(frozen=True, slots=True)
class OldPrice:
    case: Expediente
    in_force: str  # the version of the day it was received
    fee_centimos: int | None  # for one, by that version; None: the trámite is not in it


def charged_by_another(session: Session, cabina: str, *, today: date) -> list[OldPrice]:
    """The newest first, at most SHOWN."""
    versions = session.scalars(select(TupaVersion).order_by(TupaVersion.valid_from, TupaVersion.id))
    late = [
        and_(
            Expediente.tupa_version == old.version,
            Expediente.received_on >= new.valid_from,
            Expediente.received_at >= new.imported_at,
        )
        for old, new in pairwise(versions)
    ]
    if not late:
        return []
    of_cabina = (Expediente.point == cabina, Expediente.year > today.year - YEARS)
    found = session.scalars(
        select(Expediente).where(*of_cabina, or_(*late)).order_by(Expediente.id.desc()).limit(SHOWN)
    )
    priced = ((case, _in_force(session, case)) for case in found)
    return [
        OldPrice(case, version_in_force(session, day=case.received_on)[1], now.fee_centimos if now else None)
        for case, now in priced
        if _price(now) != _price(get_tramite_of(session, case.tramite_code, version=case.tupa_version))
    ]


def _in_force(session: Session, case: Expediente) -> Tramite | None:
    try:
        return get_tramite(session, case.tramite_code, day=case.received_on)
    except TramiteUnknown:
        return None


def _price(tramite: Tramite | None) -> object:
    return tramite and (tramite.fee_centimos, tramite.fee_variants)
