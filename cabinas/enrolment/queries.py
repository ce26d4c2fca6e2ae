"""The terms under which this cabin works now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cabinas.enrolment.models import CatalogueRow, Identity, LeaseRow, SuspensionRow
from core.errors import Conflict
from core.wire import Catalogue, Lease, Sealed, TupaVersion, unsealed
from core.workdays import Calendar
from intake.clock import FilingHours
from intake.fees import CabinFee
from intake.tramite import Bearer, Tramite, tramite_from_json
from storage.prepared import prepared
from storage.remembered import remembered

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


@dataclass(frozen=True, slots=True)
class Pairing:
    """The last pairing of this PC."""

    cabina: str
    centre_url: str
    centre_key: str
    device_key: str
    paired_at: datetime


@dataclass(frozen=True)
class Terms:
    identity: Pairing
    lease: Lease
    offer: Offer
    suspended: bool
    suspension_reason: str

    @property
    def catalogue(self) -> Catalogue:
        return self.offer.catalogue


_LAST_PAIRING = prepared(
    select(Identity.cabina, Identity.centre_url, Identity.centre_key, Identity.device_key, Identity.paired_at)
    .order_by(Identity.id.desc())
    .limit(1)
)


def identity(session: Session) -> Pairing | None:
    found = _LAST_PAIRING(session).first()
    return Pairing(*found) if found else None


def device_keys(session: Session) -> set[str]:
    """Public keys of every pairing of this PC."""
    return set(session.scalars(select(Identity.device_key)))


_LAST_LEASE = prepared(select(LeaseRow.sealed).order_by(LeaseRow.epoch.desc(), LeaseRow.id.desc()).limit(1))
_LAST_SUSPENSION = prepared(
    select(SuspensionRow.suspended, SuspensionRow.reason).order_by(SuspensionRow.id.desc()).limit(1)
)
_LAST_DIGEST = prepared(select(CatalogueRow.digest).order_by(CatalogueRow.id.desc()).limit(1))
_CATALOGUE = prepared(select(CatalogueRow.sealed).where(CatalogueRow.digest == bindparam("digest")).limit(1))


@remembered(Identity.__table__, LeaseRow.__table__, SuspensionRow.__table__, CatalogueRow.__table__)
def terms(session: Session) -> Terms:
    """Raises NotPaired."""
    who, lease = identity(session), _LAST_LEASE(session).scalar()
    if who is None or lease is None:
        raise NotPaired()
    suspension = _LAST_SUSPENSION(session).first()
    return Terms(
        identity=who,
        lease=_lease(lease),
        offer=_offer(session),
        suspended=bool(suspension and suspension.suspended),
        suspension_reason=suspension.reason if suspension else "",
    )


_offers: dict[str, Offer] = {}


def _offer(session: Session) -> Offer:
    """The catalogue in force; its text, some 100 kB, is read and parsed once a version."""
    digest = _LAST_DIGEST(session).scalar_one()
    found = _offers.get(digest)
    if found is None:
        text = _CATALOGUE(session, {"digest": digest}).scalar_one()
        found = Offer(unsealed(Sealed[Catalogue].model_validate_json(text), Catalogue))
        while len(_offers) >= CATALOGUES_KEPT:
            _offers.pop(next(iter(_offers)))
        _offers[digest] = found
    return found


@lru_cache(maxsize=8)
def _lease(sealed: str) -> Lease:
    return unsealed(Sealed[Lease].model_validate_json(sealed), Lease)
