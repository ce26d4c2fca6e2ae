"""The page of all voids, and the same as a file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from cac.access.roles import may
from cac.audit.reads import looked_at
from cac.sync.queries import all_cabinas
from cac.treasury import voids
from core.clock import lima_day, now_utc
from core.errors import NotFound
from web.access import current_principal, requires
from web.api import store
from web.period import read_period
from web.spreadsheets import XLSX, csv_bytes, xlsx_bytes

bp = Blueprint("voids", __name__, url_prefix="/tesoreria")

DAYS = 90
FILES = {"csv": ("text/csv", csv_bytes), "xlsx": (XLSX, xlsx_bytes)}


class FileUnknown(NotFound):
    code, title = "extornos.archivo", "Archivo desconocido"
    detail = "Ese archivo no existe. Vuelva a los extornos y elija uno de los que ofrece."


@bp.get("/extornos")
@requires("treasury.read")
def show() -> str:
    asked = _asked()
    with store().read() as session:
        found = voids.voids(session, asked)
        return render_template(
            "cac/treasury/extornos.html",
            asked=asked,
            found=found,
            totals=voids.totals(found),
            by_operator=voids.by_operator(found),
            cut=len(found) == voids.ROWS_MAX,
            cabinas=[(cabina.code, f"{cabina.code} {cabina.name}") for cabina in all_cabinas(session)],
            states=voids.STATES,
            query=request.query_string.decode(),
            sees_cases=may(current_principal().role, "cases.read"),
        )


@bp.get("/extornos/<ending>")
@requires("treasury.read")
def download(ending: str) -> Response:
    """`csv` or `xlsx` of what the page shows; who took it is noted."""
    if ending not in FILES:
        raise FileUnknown()
    asked = _asked()
    mimetype, made = FILES[ending]
    with store().read() as session:
        content = made(voids.sheets(voids.voids(session, asked)))
    name = f"extornos-{asked.period.since}-{asked.period.until}.{ending}"
    looked_at(f"extornos:{name}", now=now_utc())
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=mimetype, headers=headers)


def _asked() -> voids.Asked:
    """Raises PeriodInvalid."""
    given = request.args
    return voids.Asked(
        period=read_period(given.get("desde"), given.get("hasta"), today=lima_day(now_utc()), days=DAYS),
        cabina=given.get("cabina", ""),
        operator=given.get("operador", "").strip(),
        state=given.get("estado", ""),
        text=given.get("q", "").strip(),
    )
