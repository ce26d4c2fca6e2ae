"""By what a receipt of a cabin is told true, false or void: here, and at every cabin without a link."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from cac.expedientes.models import Expediente
from cac.expedientes.rules import ANNULLED
from cac.sync.models import Cabina, CabinDevice, CabinSeries
from cac.treasury.models import CabinExtorno, TreasuryWord
from cac.treasury.queries import standing_word
from core import wire
from storage.prepared import prepared

VERSION_CHARS = 16
VOIDED_MAX = 20_000  # numbers a cabin is told of, the last ones

_KEYS = prepared(
    select(Cabina.code, CabinSeries.series, CabinDevice.public_key, CabinDevice.revoked_at)
    .join(CabinSeries, CabinSeries.cabina_id == Cabina.id)
    .join(CabinDevice, CabinDevice.id == CabinSeries.device_id)
    .order_by(CabinSeries.id)
)
_OF_A_CABIN = select(Expediente.number).where(Expediente.state == ANNULLED, Expediente.cabina.is_not(None))
_GIVEN_BACK = (
    select(CabinExtorno.number)
    .join(TreasuryWord, standing_word(CabinExtorno))
    .where(TreasuryWord.kind == wire.ConfirmationKind.EXTORNO_CONFIRMED)
)
_VOIDED = prepared(union(_OF_A_CABIN, _GIVEN_BACK))


def verification(session: Session) -> wire.Verification:
    """Keys of every series ever leased, and numbers of the cabins that are void: annulled, or their charge given back."""
    voided = tuple(sorted(row.number for row in _VOIDED(session))[-VOIDED_MAX:])
    return _told(tuple(_KEYS(session)), voided)


@lru_cache(maxsize=2)
def _told(rows: tuple[Any, ...], voided: tuple[str, ...]) -> wire.Verification:
    """Every batch asks whether it is still the same: its text is made and hashed when it is another."""
    keys = tuple(
        wire.SeriesKey(cabina=row.code, series=row.series, key=row.public_key, until=row.revoked_at) for row in rows
    )
    told = wire.Verification(version="", keys=keys, voided=voided)
    return told.model_copy(update={"version": wire.sha256(wire.canonical(told.plain()))[:VERSION_CHARS]})
