"""Reading the TUPA in force on a day, or the version a case was filed under."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from cac.tupa.models import TramiteRow, TupaVersion
from core.errors import NotFound
from core.identity import fold
from intake.tramite import Entry, Tramite, entry_from_json, entry_to_json
from storage.prepared import prepared
from storage.remembered import remembered

CAC_AREA, CAC_AREA_NAME = "CAC", "Centro de Atención al Ciudadano"

_VERSION: Table = TupaVersion.__table__  # type: ignore[assignment]
_ROW: Table = TramiteRow.__table__  # type: ignore[assignment]
_IN_FORCE = prepared(
    select(_VERSION.c.id, _VERSION.c.version)
    .where(_VERSION.c.valid_from <= bindparam("day"))
    .order_by(_VERSION.c.valid_from.desc(), _VERSION.c.id.desc())
    .limit(1)
)
_NAMED = prepared(select(_VERSION.c.id).where(_VERSION.c.version == bindparam("version")))
_ENTRY = select(_ROW.c.entry).where(_ROW.c.version_id == bindparam("version_id"), _ROW.c.code == bindparam("code"))
_ALL = select(_ROW).where(_ROW.c.version_id == bindparam("version_id")).order_by(_ROW.c.position)

_AREAS = (
    select(_ROW.c.area_code, _ROW.c.area).where(_ROW.c.version_id == bindparam("version_id")).order_by(_ROW.c.position)
)

MAX_KNOWN = 2_000
_known: dict[tuple[str, str], Entry] = {}  # by version and code, which name an entry for ever


class TramiteUnknown(NotFound):
    code = "tramite.no_existe"
    detail = "Ese trámite no está en el TUPA vigente. Búsquelo por su nombre en /tramites."


class TupaMissing(NotFound):
    code = "tupa.sin_publicar"
    detail = "Todavía no hay un TUPA publicado. El administrador lo carga con «run.py tupa import»."


def version_in_force(session: Session, *, day: date) -> tuple[int, str]:
    """(id, version) of the TUPA in force. Raises TupaMissing."""
    found = _IN_FORCE(session, {"day": day}).first()
    if found is None:
        raise TupaMissing()
    return found.id, found.version


def get_entry(session: Session, code: str, *, day: date) -> Entry:
    """The entry in force on a Lima day. Raises TramiteUnknown, TupaMissing."""
    version_id, version = version_in_force(session, day=day)
    return _entry(session, version_id, version, code)


def get_tramite(session: Session, code: str, *, day: date) -> Tramite:
    return get_entry(session, code, day=day).tramite


def get_tramite_of(session: Session, code: str, *, version: str) -> Tramite:
    """The trámite as a given version published it. Raises TramiteUnknown."""
    version_id = _id_of(session, version)
    if version_id is None:
        raise TramiteUnknown()
    return _entry(session, version_id, version, code).tramite


def decides(session: Session, code: str, *, version: str) -> str:
    """Who decides on a trámite by the version a case was filed under; "" where that version no longer says."""
    version_id = _id_of(session, version)
    return _entry(session, version_id, version, code).sheet.decides if version_id is not None else ""


@remembered(_VERSION)
def _id_of(session: Session, version: str) -> int | None:
    found: int | None = _NAMED(session, {"version": version}).scalar()
    return found


def _entry(session: Session, version_id: int, version: str, typed: str) -> Entry:
    code = typed.strip().upper()
    if (version, code) not in _known:
        plain = session.scalar(_ENTRY, {"version_id": version_id, "code": code})
        if plain is None:
            raise TramiteUnknown()
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        _known[version, code] = entry_from_json(plain)
    return _known[version, code]


def entries_of(session: Session, version_id: int) -> list[Entry]:
    return [entry_from_json(row.entry) for row in session.execute(_ALL, {"version_id": version_id})]


def list_tramites(session: Session, *, day: date, q: str = "", area: str = "") -> list[dict[str, Any]]:
    """The entries in force in TUPA order, as the API and the pages show them; `q` is words of the name or the code,
    `area` a code or a name."""
    version_id, _ = version_in_force(session, day=day)
    words, wanted = fold(q).split(), fold(area)
    return [
        dict(row.entry["tramite"])
        for row in session.execute(_ALL, {"version_id": version_id})
        if _has_all(words, row.folded) and (not wanted or wanted in (fold(row.area_code), fold(row.area)))
    ]


def _has_all(words: list[str], folded: str) -> bool:
    """Every word typed begins a word of the name: «part nac» finds «partida de nacimiento»."""
    spaced = f" {folded}"
    return all(f" {word}" in spaced for word in words)


def list_sheets(session: Session, *, day: date) -> list[dict[str, Any]]:
    """Every entry in force with its explanation, as `show_tramite` gives one, in TUPA order."""
    version_id, _ = version_in_force(session, day=day)
    plain = (entry_to_json(entry) for entry in entries_of(session, version_id))
    return [{**entry["tramite"], "sheet": entry["sheet"]} for entry in plain]


def show_tramite(session: Session, code: str, *, day: date) -> dict[str, Any]:
    """One entry with its explanation: `{...tramite, sheet: {...}}`."""
    plain = entry_to_json(get_entry(session, code, day=day))
    return {**plain["tramite"], "sheet": plain["sheet"]}


def list_areas(session: Session, *, day: date) -> list[tuple[str, str]]:
    """(code, name) of the unidades a case can be sent to, the CAC first."""
    version_id, _ = version_in_force(session, day=day)
    areas = {row.area_code: row.area for row in session.execute(_AREAS, {"version_id": version_id})}
    return [(CAC_AREA, CAC_AREA_NAME), *areas.items()]


def find_area(session: Session, typed: str, *, day: date) -> tuple[str, str] | None:
    """(code, name) of an area named by its code or its name; None when there is none."""
    wanted = fold(typed)
    return next((area for area in list_areas(session, day=day) if wanted in (fold(area[0]), fold(area[1]))), None)
