"""Public pages. They read and change nothing."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from cac.citas.queries import phone_salas, takes_citas
from cac.expedientes.queries import is_registered
from cac.paper.queries import site_of_paper
from cac.paper.wording import for_a4
from cac.portal import words
from cac.portal.tracking import follow
from cac.portal.tupa_sheet import tupa_sheet
from cac.sync.queries import open_cabinas
from cac.sync.verification import verification
from cac.tupa import queries as tupa
from core.clock import lima_day, now_utc
from core.errors import Rejected
from core.identity import fold
from core.receipt import CODE_CHARS_MAX, NotAReceipt, judge, read
from printing import pdf
from web.access import public
from web.api import store

bp = Blueprint("portal", __name__)

PAGE = 20
MAX_QUERY = 100  # characters

_drawn = lru_cache(maxsize=2)(pdf.draw)  # the same until the day, the version, the name or the words change


@bp.get("/")
@public
def home() -> str:
    with store().read() as session:
        turns, citas = bool(phone_salas(session, now=now_utc())), takes_citas(session, None)
    return render_template("cac/portal/home.html", areas=_areas(), turns=turns, citas=citas)


@bp.get("/cabinas")
@public
def list_cabinas() -> str:
    """Where a request can be handed in near home, and when."""
    with store().read() as session:
        return render_template("cac/portal/cabinas.html", cabinas=open_cabinas(session))


@bp.get("/tramites")
@public
def list_tramites() -> str:
    q, area = request.args.get("q", "")[:MAX_QUERY].strip(), request.args.get("area", "")[:MAX_QUERY]
    found = _search(q, area)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(request.args.get("pagina", 1, type=int), 1), pages)
    return render_template(
        "cac/portal/tramites.html",
        q=q,
        area=area,
        areas=_areas(),
        total=len(found),
        tramites=[words.list_line(entry) for entry in found[(page - 1) * PAGE : page * PAGE]],
        page=page,
        pages=pages,
        url=partial(_page_url, q, area),
    )


@bp.get("/tramites.pdf")
@public
def tupa_file() -> Response:
    """The whole TUPA in force, to keep or to print."""
    today = lima_day(now_utc())
    with store().read() as session:
        _, version = tupa.version_in_force(session, day=today)
        entries = tupa.list_sheets(session, day=today)
        site, demo = site_of_paper(session), current_app.extensions["settings"].demo
        held = for_a4(session, tupa_sheet(entries, **site, version=version, made_on=today, demo=demo))
    response = Response(_drawn(*held), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="tupa-{version}.pdf"'
    return response


@bp.get("/tramites/<code>")
@public
def show_tramite(code: str) -> str:
    with store().read() as session:
        entry = tupa.show_tramite(session, code, day=lima_day(now_utc()))
    return render_template("cac/portal/tramite.html", tramite=words.full_page(entry))


@bp.get("/seguimiento")
@public
def track() -> str | tuple[str, int, dict[str, str]]:
    """The form, or the case that number and key open. A wrong number and a wrong key are told alike."""
    number, key = request.args.get("numero", "").strip()[:40], request.args.get("clave", "").strip()[:20]
    if not number and not key:
        return render_template("cac/portal/seguimiento.html", number="", key="", error=None)
    now = now_utc()
    try:
        case = current_app.extensions["tracking"].case(number, key, address=request.remote_addr or "", now=now)
    except Rejected as refusal:
        page = render_template("cac/portal/seguimiento.html", number=number, key=key, error=refusal.detail)
        retry = {"Retry-After": str(refusal.extra["retry_after_s"])} if "retry_after_s" in refusal.extra else {}
        return page, refusal.status, retry
    calendar = current_app.extensions["calendar"]
    followed = follow(case, today=lima_day(now), calendar=calendar)
    return render_template("cac/portal/expediente.html", case=followed, key=key)


@bp.get("/verificar")
@public
def verify() -> str:
    """Whether a cabin's receipt is true; of the case it tells nothing that the paper does not."""
    text = request.args.get("c", "")[:CODE_CHARS_MAX].strip()
    receipt, held = None, False
    outcome: str | None = None
    if text:
        try:
            signed = read(text)
            receipt = signed.receipt
            with store().read() as session:
                known = verification(session)
                held = is_registered(session, receipt.number)
            outcome = judge(signed, known.keys, frozenset(known.voided))
        except NotAReceipt:
            outcome = "ilegible"
    return render_template("cac/portal/verificar.html", text=text, receipt=receipt, outcome=outcome, held=held)


def _search(q: str, area: str) -> list[dict[str, Any]]:
    """Entries with the words typed; if there are none, with the TUPA's words for them."""
    day = lima_day(now_utc())
    try:
        with store().read() as session:
            found = tupa.list_tramites(session, day=day, q=q, area=area)
            other = words.everyday(fold(q))
            if not found and other != fold(q):
                found = tupa.list_tramites(session, day=day, q=other, area=area)
    except tupa.TupaMissing:
        return []
    return found


def _page_url(q: str, area: str, page: int) -> str:
    return url_for("portal.list_tramites", q=q or None, area=area or None, pagina=page)


def _areas() -> list[dict[str, Any]]:
    """The areas a citizen may choose from, with a pictogram; none before a TUPA is published."""
    try:
        with store().read() as session:
            areas = tupa.list_areas(session, day=lima_day(now_utc()))
    except tupa.TupaMissing:
        return []
    named = [(code, name) for code, name in areas if code != tupa.CAC_AREA]
    return [{"code": code, "name": name, "icon": words.AREA_ICONS.get(code, words.OTHER_ICON)} for code, name in named]
