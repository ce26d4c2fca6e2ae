"""What a cabin needs to file alone, signed as one: its convenio, the TUPA in force and those published ahead, the calendar, whom
to call, the version of the program to be."""

from __future__ import annotations

from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cac.sync.models import Cabina
from cac.sync.support import support
from cac.treasury.ledger import cap_centimos
from cac.tupa.models import TupaVersion
from cac.tupa.queries import TupaMissing, entries_of, version_in_force
from core import wire
from core.workdays import Calendar
from intake.clock import FilingHours
from intake.tramite import tramite_to_json
from storage.prepared import prepared

VERSION_CHARS = 16
MAX_SIGNED = 64

_COMING = prepared(
    select(TupaVersion.id, TupaVersion.version, TupaVersion.valid_from)
    .where((TupaVersion.id == bindparam("in_force")) | (TupaVersion.valid_from > bindparam("day")))
    .order_by(TupaVersion.valid_from, TupaVersion.id)
)

_made: dict[tuple[Any, ...], wire.Catalogue] = {}  # by all that it says
_signed: dict[tuple[str, str, str], dict[str, Any]] = {}  # by cabina, version and key, which name a text for ever
_tupas: dict[tuple[str, date], wire.TupaVersion] = {}  # by version and the day it is in force from


def catalogue_of(
    session: Session,
    cabina: Cabina,
    *,
    municipality: str,
    public_url: str,
    demo: bool,
    calendar: Calendar,
    hours: FilingHours,
    day: date,
) -> wire.Catalogue:
    """The catalogue of a cabina on a Lima day. Its version is a digest of all the rest. Every batch asks whether it is still the
    same: it is made when one of these is another."""
    convenio = wire.Convenio(
        name=cabina.name,
        partner=cabina.partner,
        place=cabina.place,
        service_centimos=cabina.service_centimos,
        service_bearer=cabina.service_bearer,  # type: ignore[arg-type]
        guarantee_centimos=cap_centimos(session, cabina.id, cabina.guarantee_centimos),
        warn_percent=cabina.warn_percent,
        tramites=tuple(cabina.tramites) if cabina.tramites is not None else None,
    )
    told = support(session)
    tupa, own = _tupa(session, day), (cabina.code, convenio, municipality, public_url, demo, told)
    name = (*own, *((version.version, version.valid_from) for version in tupa), calendar.version, hours.closing)
    if name not in _made:
        if len(_made) >= MAX_SIGNED:
            _made.clear()
        _made[name] = _named(
            wire.Catalogue(
                version="",
                cabina=cabina.code,
                municipality=municipality,
                public_url=public_url,
                demo=demo,
                convenio=convenio,
                tupa=tupa,
                calendar=wire.CalendarPart.of(calendar),
                closing=hours.closing,
                phones=told.phones(),
                release=told.approved(),
            )
        )
    return _made[name]


def _named(draft: wire.Catalogue) -> wire.Catalogue:
    # the entries of a TUPA version never change, so its name stands for them
    named = draft.model_copy(update={"tupa": ()}).plain() | {"tupa": [version.version for version in draft.tupa]}
    return draft.model_copy(update={"version": wire.sha256(wire.canonical(named))[:VERSION_CHARS]})


def sealed(catalogue: wire.Catalogue, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Signed once a version: it is some 100 kB."""
    name = (catalogue.cabina, catalogue.version, wire.public_text(key))
    if name not in _signed:
        if len(_signed) >= MAX_SIGNED:
            _signed.clear()
        _signed[name] = wire.seal(key, catalogue).plain()
    return _signed[name]


def _tupa(session: Session, day: date) -> tuple[wire.TupaVersion, ...]:
    """The version in force and the ones to come, oldest first."""
    try:
        in_force, _ = version_in_force(session, day=day)
    except TupaMissing:
        in_force = 0
    rows = _COMING(session, {"in_force": in_force, "day": day})
    return tuple(_travelling(session, row) for row in rows)


def _travelling(session: Session, row: Any) -> wire.TupaVersion:
    name = (row.version, row.valid_from)
    if name not in _tupas:
        tramites = tuple(tramite_to_json(entry.tramite) for entry in entries_of(session, row.id))
        _tupas[name] = wire.TupaVersion(version=row.version, valid_from=row.valid_from, tramites=tramites)
    return _tupas[name]
