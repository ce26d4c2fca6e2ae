"""The till's home and the new trámite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cabinas.enrolment.queries import Terms, terms
from cabinas.filing import actions, drafts, queries
from cabinas.filing.document import cargo_document
from cabinas.filing.drafts import DraftSeen
from cabinas.filing.form import read_form
from cabinas.filing.page import case_page
from cabinas.filing.rules import SeriesExhausted
from cabinas.money.actions import CaseUnknown
from cabinas.money.rules import check_guarantee
from cabinas.money.state import Drawer, drawer
from cabinas.paper import queries as paper
from cabinas.shifts.queries import open_shift, refuse_other_hands
from cabinas.sync.queries import sync_state
from cabinas.sync.words import last_ok_words
from cabinas.till import till
from cabinas.valijas.queries import lost
from core.clock import lima_day, now_utc
from core.errors import Conflict, Rejected
from intake.fees import CASH, Charges, Method, PaymentInvalid, fee_of, settle
from intake.tramite import Tramite
from storage.idempotency import OtherContent
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("filing", __name__)

ROWS_SHOWN = 6
ROWS_MAX = 500


@bp.get("/")
@requires("caja")
def home() -> str:
    return render_template("cabinas/inicio.html", **_home(now_utc()))


@bp.get("/hoy")
@requires("caja")
def today() -> str:
    """Figures and list again, while the page stays open."""
    return render_template("cabinas/_hoy.html", oob=True, **_home(now_utc()))


@bp.get("/barra")
@requires("caja")
def bar() -> str:
    return render_template("cabinas/_barra.html")


def _home(now: datetime) -> dict[str, Any]:
    text, everything = request.args.get("q", "").strip(), "todo" in request.args
    limit = ROWS_MAX if text or everything else ROWS_SHOWN
    with store().read() as session:
        day = queries.day(session, lima_day(now), text=text, limit=limit)
        return {
            "day": day,
            "text": text,
            "everything": everything,
            "hidden": 0 if text else day.filings - len(day.rows),
            "drawer": drawer(session, now=now),
            "last_ok": last_ok_words(sync_state(session).last_ok_at, now),
            "asked": paper.asked(session),
            "lost_papers": len(lost(session)),
            "shift": open_shift(session),
        }


@bp.get("/expedientes")
@requires("caja")
def register() -> str:
    """Every case of this till, of any day; no other citizen's, and nothing of the centre's."""
    text, page = request.args.get("q", "").strip(), max(1, request.args.get("page", 1, type=int))
    with store().read() as session:
        found = queries.register(session, text, page=page)
    return render_template("cabinas/expedientes.html", found=found, text=text, page=page)


@bp.get("/nuevo")
@requires("caja")
def new() -> str | Response:
    now = now_utc()
    code, text = request.args.get("tramite", ""), request.args.get("q", "").strip()
    with store().read() as session:
        held = terms(session)
        me, key = current_principal().id, request.args.get("borrador", "")
        draft = drafts.find(session, key, operator_id=me)
        if draft is not None:
            kept: MultiDict[str, str] = MultiDict(draft.form)
            begun = chosen_of(held, draft.tramite, now)
            return form_page(session, held, begun, kept, key=key, saved_at=draft.saved_at, now=now)
        offered, left = queries.offered(held, lima_day(now)), drafts.unfinished(session, me)
        chosen = next((row for row in offered if row.code == code), None)
        if chosen is None:
            found = queries.matching(offered, text) if text else []
            if len(found) == 1:  # Enter after typing enough: there is nothing left to choose
                return redirect(url_for("filing.new", tramite=found[0].code))
            return render_template("cabinas/nuevo.html", chosen=None, found=found, text=text, unfinished=left)
        return form_page(session, held, chosen, MultiDict(), unfinished=left, now=now)


@bp.get("/nuevo/tramites")
@requires("caja")
def matching() -> str:
    """Trámites while their name is typed."""
    text = request.args.get("q", "").strip()
    with store().read() as session:
        offered = queries.offered(terms(session), lima_day(now_utc()))
    found = queries.matching(offered, text) if text else []
    return render_template("cabinas/_tramites.html", found=found, text=text)


@bp.get("/nuevo/persona")
@requires("caja")
def known_person() -> str | tuple[str, int]:
    """The name of somebody who has been here before, and the same trámite of theirs that was already received today; 204 when nobody
    is known, so that what is being typed stays."""
    today = lima_day(now_utc())
    with store().read() as session:
        person = queries.person(
            session, request.args.get("document_type", "DNI"), request.args.get("document_number", "")
        )
        if person is None:
            return "", 204
        again = queries.received_on(session, person, tramite=request.args.get("tramite", ""), on=today)
        return render_template("cabinas/_persona.html", person=person, name="", again=again)


@bp.get("/nuevo/cobro")
@requires("caja")
def charge_panel() -> str:
    """The charge again, after the way of paying, the modality or the quantity changed."""
    now = now_utc()
    with store().read() as session:
        held = terms(session)
        chosen = chosen_of(held, request.args.get("tramite", ""), now)
        return render_template(
            "cabinas/_cobro.html", chosen=chosen, charge=_charge(session, held, chosen, request.args, now)
        )


@bp.post("/nuevo")
@requires("caja")
def create() -> str | Response | tuple[str, int]:
    now, key = now_utc(), request.form.get("_key", "")
    with store().read() as session:
        held = terms(session)
        chosen = chosen_of(held, request.form.get("tramite", ""), now)
    try:
        till().refuse_without_space()
        answer = write_once(
            drafts.file_draft,
            read_form(request.form, chosen),
            key=key,
            principal=current_principal(),
            device=till().device,
            now=now,
        )
    except Rejected as refused:
        again = "" if isinstance(refused, OtherContent) else key
        with store().read() as session:
            page = form_page(session, terms(session), chosen, request.form, key=again, error=refused, now=now)
        return page, refused.status
    return redirect(url_for("filing.filed", number=answer["number"]), 303)


@bp.get("/registrado/<number>")
@requires("caja")
def filed(number: str) -> str:
    """A case of this till, once it is stored: its number, what to hand over, what may be added to it."""
    return case_page(number, now=now_utc())


@bp.get("/registrado/<number>/papel")
@requires("caja")
def filed_paper(number: str) -> str:
    """How the printing of its receipt goes, asked again until it is known."""
    with store().read() as session:
        case = queries.case(session, number)
        if case is None:
            raise CaseUnknown()
        return render_template("cabinas/_papel.html", case=case, job=paper.job(session, case.print_job))


@bp.get("/registrado/<number>/cargo.pdf")
@requires("caja")
def cargo(number: str) -> Response:
    return cargo_document(number)


@dataclass(frozen=True, slots=True)
class ChargeSeen:
    """The charge as the panel shows it. `after_centimos`: municipal money in the drawer after it. `refusal` says, before the
    press, why it would be refused."""

    fee_centimos: int
    service_centimos: int
    rounding_centimos: int
    total_centimos: int
    method: str
    after_centimos: int
    drawer: Drawer
    refusal: str | None
    quick: tuple[int, ...]


def _charge(session: Session, held: Terms, chosen: Tramite, given: MultiDict[str, str], now: datetime) -> ChargeSeen:
    method: Method = given.get("method", CASH)  # type: ignore[assignment]
    charges = _charges(held, chosen, given, method)
    seen = drawer(session, now=now)
    municipal = charges.municipal_centimos if method == CASH else 0
    after = seen.municipal_held_centimos + municipal
    return ChargeSeen(
        fee_centimos=charges.municipal_centimos + charges.rounding_centimos,
        service_centimos=charges.cabin_centimos,
        rounding_centimos=charges.rounding_centimos,
        total_centimos=charges.total_centimos,
        method=method,
        after_centimos=after,
        drawer=seen,
        refusal=_refusal(session, seen, municipal, cash=method == CASH or charges.cabin_centimos > 0),
        quick=tuple(note for note in (1_000, 2_000, 5_000, 10_000, 20_000) if note > charges.total_centimos)[:2],
    )


def _refusal(session: Session, seen: Drawer, municipal_centimos: int, *, cash: bool) -> str | None:
    """What the filing itself would answer now."""
    if seen.numbers_left == 0:
        return SeriesExhausted.detail
    try:
        if cash:
            refuse_other_hands(session, current_principal())
        check_guarantee(
            held_centimos=seen.municipal_held_centimos,
            fee_centimos=municipal_centimos,
            guarantee_centimos=seen.guarantee_centimos,
        )
    except Conflict as refused:
        return refused.detail
    return None


def _charges(held: Terms, chosen: Tramite, given: MultiDict[str, str], method: Method) -> Charges:
    """What will be charged with what is chosen so far; the published fee while the choice is not whole."""
    quantity = given.get("quantity", "1")
    copies = int(quantity) if quantity.isdecimal() and 0 < int(quantity) <= 1_000 else 1
    fee_centimos = fee_of(chosen, variant=given.get("fee_variant") or None, quantity=copies)
    motivo = given.get("motivo") or "por escribir"
    try:
        return settle(fee_centimos, chosen, method=method, motivo=motivo, cabin_fee=held.offer.cabin_fee)[0]
    except PaymentInvalid:
        return settle(fee_centimos, chosen, method=CASH, cabin_fee=held.offer.cabin_fee)[0]


def form_page(
    session: Session,
    held: Terms,
    chosen: Tramite,
    given: MultiDict[str, str],
    *,
    now: datetime,
    key: str = "",
    error: Rejected | None = None,
    saved_at: datetime | None = None,
    unfinished: Sequence[DraftSeen] = (),
) -> str:
    """The new trámite with what is `given`, under the idempotency key it already has, or a new one."""
    return render_template(
        "cabinas/nuevo.html",
        chosen=chosen,
        given=given,
        received=set(given.getlist("requisito")),
        charge=_charge(session, held, chosen, given, now),
        error=error,
        key=key,
        saved_at=saved_at,
        unfinished=unfinished,
        found=[],
        text="",
    )


def chosen_of(held: Terms, code: str, now: datetime) -> Tramite:
    """Raises TramiteUnknown."""
    for row in queries.offered(held, lima_day(now)):
        if row.code == code:
            return row
    raise actions.TramiteUnknown()
