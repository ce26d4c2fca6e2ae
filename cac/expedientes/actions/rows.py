"""What every step of a case shares: finding it, appending its next document, appending its next movement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.expedientes.enclosed import Enclosed
from cac.expedientes.models import Documento, Expediente, Movimiento
from core.errors import NotFound
from core.ids import ExpedienteNumber
from web.access import Principal


class ExpedienteUnknown(NotFound):
    code = "expediente.no_existe"
    detail = "No hay un expediente con ese número. Revíselo en el cargo."


def find_case(session: Session, typed: str) -> Expediente:
    """The case of a typed number. Raises ExpedienteUnknown."""
    try:
        number = str(ExpedienteNumber.parse(typed))
    except ValueError:
        raise ExpedienteUnknown() from None
    case = session.scalar(select(Expediente).where(Expediente.number == number))
    if case is None:
        raise ExpedienteUnknown()
    return case


def append_document(
    session: Session,
    case: Expediente,
    *,
    kind: str,
    name: str,
    sheets: int,
    principal: Principal,
    at: datetime,
    **more: Any,
) -> dict[str, Any]:
    """The next document of a case; folios go on from the last one."""
    last = session.scalar(select(func.max(Documento.ordinal)).where(Documento.expediente_id == case.id)) or 0
    row = {
        "expediente_id": case.id,
        "ordinal": last + 1,
        "kind": kind,
        "name": name,
        "sheets": sheets,
        "first_folio": case.sheets + 1,
        "received_at": at,
        "principal": principal.key,
        "name_of_receiver": principal.name,
        **more,
    }
    session.execute(insert(Documento).values(**row))
    case.sheets += sheets
    return {
        "ordinal": row["ordinal"],
        "kind": kind,
        "name": name,
        "sheets": sheets,
        "first_folio": row["first_folio"],
        "sha256": more.get("sha256"),
        "received_at": at.isoformat(),
    }


def append_enclosed(
    session: Session, case: Expediente, enclosed: Sequence[Enclosed], *, principal: Principal, at: datetime
) -> None:
    """The files of a filing as the next documents of its case."""
    for file in enclosed:
        stored = {"sha256": file.sha256, "media_type": file.media_type, "bytes": file.bytes}
        append_document(
            session, case, kind="adjunto", name=file.name, sheets=file.sheets, principal=principal, at=at, **stored
        )


def append_move(
    session: Session,
    case: Expediente,
    *,
    kind: str,
    to_state: str,
    principal: Principal,
    now: datetime,
    to_area: tuple[str, str] | None = None,
    note: str = "",
    detail: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The next step of a case, which it leaves in `to_state` and, if given, in `to_area` (code, name)."""
    row = {
        "expediente_id": case.id,
        "kind": kind,
        "from_state": case.state,
        "to_state": to_state,
        "from_area": case.area,
        "to_area": to_area[1] if to_area else case.area,
        "note": note,
        "detail": detail,
        "principal": principal.key,
        "name": principal.name,
        "at": now,
        **more,
    }
    step = session.scalar(insert(Movimiento).values(**row).returning(Movimiento.id))
    if to_state != case.state or to_area:
        case.since_at = now
    case.state = to_state
    if to_area:
        case.area_code, case.area = to_area
    record(
        session,
        principal=principal,
        action=f"expediente.{kind}",
        subject=f"expediente:{case.number}",
        detail=row["to_area"] or "",
        now=now,
    )
    return {
        "id": step,
        "number": case.number,
        "kind": kind,
        "state": to_state,
        "from_area": row["from_area"],
        "to_area": row["to_area"],
        "note": note,
        "at": now.isoformat(),
        "by": principal.name,
        "due_on": more["due_on"].isoformat() if more.get("due_on") else None,
    }
