"""Publishing a version of the TUPA."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.tupa.models import TramiteRow, TupaVersion
from core.clock import lima_day
from core.identity import fold
from intake.tramite import entry_to_json
from intake.tupa import Tupa
from web.access import Principal


def import_tupa(
    session: Session, tupa: Tupa, *, principal: Principal, now: datetime, valid_from: date | None = None
) -> dict[str, object]:
    """Publish a version, in force from `valid_from` (today when none is given); the same file again changes nothing.

    Answers `{version, entries, new}`. Cabins pull it, so a date some days ahead gives them time."""
    if session.scalar(select(TupaVersion.id).where(TupaVersion.version == tupa.version)):
        return {"version": tupa.version, "entries": len(tupa.entries), "new": False}
    version = TupaVersion(
        version=tupa.version,
        valid_from=valid_from or lima_day(now),
        imported_at=now,
        imported_by=principal.key,
    )
    session.add(version)
    session.flush()
    rows = [
        {
            "version_id": version.id,
            "position": position,
            "code": entry.tramite.code,
            "area_code": entry.tramite.area_code,
            "area": entry.tramite.area,
            "folded": fold(f"{entry.tramite.code} {entry.tramite.name}")[:1000],
            "entry": entry_to_json(entry),
        }
        for position, entry in enumerate(tupa.entries)
    ]
    session.execute(insert(TramiteRow), rows)
    detail = f"{len(rows)} procedimientos, vigente desde {version.valid_from.isoformat()}"
    record(
        session, principal=principal, action="tupa.publicado", subject=f"tupa:{tupa.version}", detail=detail, now=now
    )
    return {"version": tupa.version, "entries": len(rows), "new": True}
