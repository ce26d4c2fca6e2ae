"""The terms under which this cabin works now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from cabinas.enrolment.models import CatalogueRow, Identity, LeaseRow, SuspensionRow
from core.errors import Conflict
from core.wire import Catalogue, Lease, Sealed, TupaVersion, unsealed
from core.workdays import Calendar
from intake.clock import FilingHours
from intake.fees import CabinFee
from intake.tramite import Bearer, Tramite, tramite_from_json

CATALOGUES_KEPT = 3  # parsed, in memory


class NotPaired(Conflict):
    code, title = "cabina.sin_emparejar", "Cabina sin emparejar"
    detail = "Esta cabina aún no está emparejada con la Municipalidad. Pida un código y ejecute «cabina pair»."


@dataclass(frozen=True)
class Tupa:
    """A TUPA version ready to look up."""

    version: str
    tramites: dict[str, Tramite]


class Offer:
    """A catalogue, read once: its values are asked for at every filing."""

    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self._tupas: dict[str, Tupa] = {}

    @cached_property
    def calendar(self) -> Calendar:
        return self.catalogue.calendar.calendar()

    @property
    def hours(self) -> FilingHours:
        return FilingHours(self.catalogue.closing)

    @property
    def cabin_fee(self) -> CabinFee:
        convenio = self.catalogue.convenio
        # a convenio that leaves it to the citizen leaves it to the trámite, which may be free by law
        bearer: Bearer | None = "municipality" if convenio.service_bearer == "municipality" else None
        return CabinFee(convenio.service_centimos, bearer)

    def tupa(self, version: TupaVersion) -> Tupa:
        found = self._tupas.get(version.version)
        if found is None:
            rows = [tramite_from_json(row) for row in version.tramites]
            found = self._tupas[version.version] = Tupa(version.version, {row.code: row for row in rows})
        return found


@dataclass(frozen=True)
class Terms:
    identity: Identity
    lease: Lease
    offer: Offer
    suspended: bool
    suspension_reason: str

    @property
    def catalogue(self) -> Catalogue:
        return self.offer.catalogue


_LAST_IDENTITY = select(Identity).order_by(Identity.id.desc()).limit(1)


def identity(session: Session) -> Identity | None:
    return session.scalar(_LAST_IDENTITY)


def device_keys(session: Session) -> set[str]:
    """Public keys of every pairing of this PC."""
    return set(session.scalars(select(Identity.device_key)))


# built once: they are asked for at every filing
_LAST_LEASE = select(LeaseRow.sealed).order_by(LeaseRow.epoch.desc(), LeaseRow.id.desc()).limit(1)
_LAST_SUSPENSION = select(SuspensionRow.suspended, SuspensionRow.reason).order_by(SuspensionRow.id.desc()).limit(1)
_LAST_DIGEST = select(CatalogueRow.digest).order_by(CatalogueRow.id.desc()).limit(1)
_CATALOGUE = select(CatalogueRow.sealed).where(CatalogueRow.digest == bindparam("digest")).limit(1)


def terms(session: Session) -> Terms:
    """Raises NotPaired."""
    session.flush()  # what this verb took from the centre holds already
    connection = session.connection()
    who, lease = identity(session), connection.execute(_LAST_LEASE).scalar()
    if who is None or lease is None:
        raise NotPaired()
    suspension = connection.execute(_LAST_SUSPENSION).first()
    return Terms(
        identity=who,
        lease=_lease(lease),
        offer=_offer(connection),
        suspended=bool(suspension and suspension.suspended),
        suspension_reason=suspension.reason if suspension else "",
    )


_offers: dict[str, Offer] = {}


def _offer(connection: Connection) -> Offer:
    """The catalogue in force; its text, some 100 kB, is read and parsed once a version."""
    digest = connection.execute(_LAST_DIGEST).scalar_one()
    found = _offers.get(digest)
    if found is None:
        text = connection.execute(_CATALOGUE, {"digest": digest}).scalar_one()
        found = Offer(unsealed(Sealed[Catalogue].model_validate_json(text), Catalogue))
        while len(_offers) >= CATALOGUES_KEPT:
            _offers.pop(next(iter(_offers)))
        _offers[digest] = found
    return found


@lru_cache(maxsize=8)
def _lease(sealed: str) -> Lease:
    return unsealed(Sealed[Lease].model_validate_json(sealed), Lease)
