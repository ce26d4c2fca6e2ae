"""/expedientes/nuevo: the sheet, what it works out as it is typed, its files, and the filing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from cac.access.roles import may
from cac.audit.reads import looked_at
from cac.calendar import calendar, hours
from cac.cases import views
from cac.cases.queries import paper_of
from cac.expedientes import queries as expedientes
from cac.expedientes.enclosed import with_enclosed
from cac.expedientes.papers import letterhead
from cac.filing import actions, queries
from cac.filing.preview import cargo_picture
from cac.filing.queries import BLANK, Sheet
from cac.filing.rules import (
    METHODS,
    OTHER_METHODS,
    SENTENCES,
    TEXTS,
    SheetInvalid,
    Typed,
    enclosed,
    field_name,
    request_of,
)
from core.clock import lima_day, now_utc
from core.errors import Rejected
from core.identity import clean_text
from core.ids import uuid7
from intake.filing import decide
from intake.request import FilingRequest
from storage.contents import ATTACHMENT_BYTES_MAX, TooLarge, keep
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("filing", __name__, url_prefix="/expedientes")

Page = str | Response | tuple[str, int]
CHANNEL = "ventanilla"
NO_TURN = "0"
FOLIOS = "folios_"  # and a file's hash: the field of its folios
DOCUMENT_TYPES = [
    ("DNI", "DNI"),
    ("CE", "CE"),
    ("RUC", "RUC"),
    ("PAS", "Pasaporte"),
    ("PTP", "PTP"),
    ("SIN", "Sin documento"),
]


@bp.app_template_filter()
def fingerprint(sha256: str) -> str:
    """`9f2c 41b7 … e01b`."""
    return f"{sha256[:4]} {sha256[4:8]} … {sha256[-4:]}"


@bp.get("/nuevo")
@requires("cases.write")
def new_sheet() -> str:
    place = _place(request.args.get("turno", ""))
    with store().read() as session:
        sheet = _opened(session, place, tramite=request.args.get("tramite", ""))
        return _page(session, _worked_out(session, sheet))


@bp.get("/nuevo/tramites")
@requires("cases.write")
def options() -> str:
    with store().read() as session:
        found = queries.options(session, request.args.get("tramite", ""), day=lima_day(now_utc()))
    return render_template("cac/filing/_opciones.html", options=found)


@bp.post("/nuevo/ficha")
@requires("cases.write")
def work_out() -> str:
    """What follows from what is typed so far, kept as a draft. With JavaScript, only the parts that change."""
    sheet = _typed_sheet()
    with store().read() as session:
        sheet = _worked_out(session, sheet)
    sheet = _saved(sheet)
    if _partial():
        return render_template(
            "cac/filing/_partes.html", parts=request.args.get("partes", "").split(), **_shared(sheet)
        )
    with store().read() as session:
        return _page(session, sheet)


@bp.post("/nuevo/adjuntos")
@requires("cases.write")
def add_files() -> Page:
    sheet, refusal = _typed_sheet(), None
    try:
        _keep_files(sheet.place)
    except Rejected as found:
        refusal = found
    return _files(sheet, refusal)


@bp.post("/nuevo/adjuntos/bajas")
@requires("cases.write")
def drop_file() -> Page:
    sheet = _typed_sheet()
    digest = request.form.get("sha256", "")
    store().write(actions.drop_file, sheet.place, digest, principal=current_principal(), now=now_utc())
    return _files(sheet, None)


@bp.post("/nuevo/descartes")
@requires("cases.write")
def discard() -> Page:
    place = _place(request.form.get("ticket", ""))
    store().write(actions.discard, place, principal=current_principal())
    if _partial():
        with store().read() as session:
            return _page(session, _worked_out(session, _opened(session, place, tramite="")))
    flash("La ficha quedó descartada.", "azul")
    return redirect(url_for("filing.new_sheet"))


@bp.post("/nuevo/cargo")
@requires("cases.write")
def preview() -> Page:
    """The cargo drawn from the bytes a printer would get; nothing is filed."""
    sheet = _typed_sheet()
    with store().read() as session:
        sheet = _worked_out(session, sheet)
        draft = queries.find_draft(session, sheet.place, principal=current_principal())
        files = enclosed(draft.files if draft else [], sheet.typed.folios)
        letters = letterhead(session, current_principal(), current_app.extensions["settings"])
    try:
        filing_request = _request(sheet)
        assert sheet.tramite
        filing = decide(
            filing_request, sheet.tramite, received_at=now_utc(), calendar=calendar(), channel=CHANNEL, hours=hours()
        )
    except Rejected as refusal:
        texts = list(_errors(refusal).values())
        return render_template("cac/filing/cargo.html", picture="", problems=texts, partial=_partial())
    filing = with_enclosed(filing, files)
    with store().read() as session:
        picture = cargo_picture(session, filing, letterhead=letters, received_by=current_principal().name)
    return render_template("cac/filing/cargo.html", picture=picture, problems=[], partial=_partial())


@bp.post("/nuevo")
@requires("cases.write")
def create() -> Page:
    """File the sheet. Refused, it comes back with what was typed and the reason beside each field."""
    sheet = _typed_sheet()
    try:
        _keep_files(sheet.place)
        with store().read() as session:
            sheet = _worked_out(session, sheet)
            letters = letterhead(session, current_principal(), current_app.extensions["settings"])
        made = write_once(
            actions.file_sheet,
            _request(sheet),
            sheet.place,
            folios=dict(sheet.typed.folios),
            principal=current_principal(),
            calendar=calendar(),
            hours=hours(),
            letterhead=letters,
            now=now_utc(),
        )
    except Rejected as refusal:
        return _refused(sheet, refusal)
    if _partial():
        return _received(made["number"])
    return redirect(url_for("filing.received", number=made["number"]))


@bp.get("/<number>/recibido")
@requires("cases.read")
def received(number: str) -> str:
    return _received(number)


@bp.get("/<number>/papel")
@requires("cases.read")
def paper(number: str) -> str:
    """How the printed cargo stands, for a page that waits to know."""
    with store().read() as session:
        return render_template("cac/filing/papel.html", number=number, paper=paper_of(session, number), **_may())


def _received(number: str) -> str:
    with store().read() as session:
        case = expedientes.show_case(session, number, today=lima_day(now_utc()), calendar=calendar())
        looked_at(f"expediente:{case['number']}", now=now_utc())
        template = "cac/filing/_recibido.html" if _partial() else "cac/filing/recibido.html"
        told = {"filed": views.filed(case), "paper": paper_of(session, case["number"]), "number": case["number"]}
        return render_template(template, **told, **_may())


def _may() -> dict[str, bool]:
    return {"may_print": may(current_principal().role, "paper.use")}


def _refused(sheet: Sheet, refusal: Rejected) -> Page:
    with store().read() as session:
        found = queries.find_draft(session, sheet.place, principal=current_principal())
        sheet = replace(_worked_out(session, sheet), errors=_errors(refusal))
        if found is not None:
            sheet = replace(sheet, files=found.files, saved_at=found.saved_at)
        return _page(session, sheet), refusal.status


def _errors(refusal: Rejected) -> dict[str, str]:
    if isinstance(refusal, SheetInvalid):
        return refusal.fields
    name = field_name(str(refusal.extra.get("field") or "form"))
    known = (*TEXTS, "files", "form")
    return {name if name in known else "files" if name == "file" else "form": refusal.detail}


def _request(sheet: Sheet) -> FilingRequest:
    """Raises SheetInvalid."""
    if sheet.tramite is not None:
        return request_of(sheet.typed, sheet.tramite)
    errors = {"tramite": SENTENCES["tramite"]}
    if sheet.document in ("", "invalid"):
        errors["document_number"] = sheet.document_note or SENTENCES["document_number"]
    raise SheetInvalid(errors)


def _typed_sheet() -> Sheet:
    form = request.form
    texts = {name: form.get(name, "") for name in TEXTS}
    texts["pago"] = texts["pago"] or BLANK.text("pago")  # not shown before a trámite is chosen
    if form.get("tramite_code"):
        texts["tramite"] = form["tramite_code"]
    folios = {name.removeprefix(FOLIOS): text for name, text in form.items() if name.startswith(FOLIOS)}
    typed = Typed(texts, tuple(form.getlist("requisito")), bool(form.get("notify_consent")), folios)
    return Sheet(typed, place=_place(texts["ticket"]), key=texts["_key"])


def _opened(session: Session, place: str, *, tramite: str) -> Sheet:
    """The draft left in this place, else a blank sheet."""
    found = queries.find_draft(session, place, principal=current_principal())
    if found is not None:
        typed = Typed.of_plain(found.form) if found.form else BLANK
        texts = {**BLANK.texts, **typed.texts, "ticket": place if place != NO_TURN else ""}
        key = texts.get("_key") or uuid7().hex
        return Sheet(
            replace(typed, texts=texts), place=place, key=key, files=list(found.files), saved_at=found.saved_at
        )
    texts = {**BLANK.texts, "ticket": place if place != NO_TURN else "", "tramite": tramite}
    return Sheet(replace(BLANK, texts=texts), place=place, key=uuid7().hex)


def _worked_out(session: Session, sheet: Sheet) -> Sheet:
    sheet = replace(sheet, turn=queries.turn_of(session, sheet.place) if sheet.place != NO_TURN else "")
    sheet = queries.work_out(session, sheet, calendar=calendar(), hours=hours(), channel=CHANNEL, now=now_utc())
    if sheet.person is not None:
        looked_at(f"persona:{sheet.person['id']}", now=now_utc())
    return sheet


def _saved(sheet: Sheet) -> Sheet:
    now, principal = now_utc(), current_principal()
    kept = store().write(
        actions.save_draft,
        sheet.place,
        sheet.typed.plain(),
        scope=f"{principal.key} POST {url_for('filing.create')}",
        principal=principal,
        now=now,
    )
    return replace(sheet, saved_at=now) if kept else sheet


def _keep_files(place: str) -> None:
    """Store what came with the request, first on disk and then in the draft. Raises TooLarge, NotAllowed, TooManyFiles."""
    for sent in request.files.getlist("files"):
        if sent.filename:
            file = _kept(sent)
            store().write(actions.add_file, place, file, principal=current_principal(), now=now_utc())


def _kept(sent: FileStorage) -> dict[str, Any]:
    data = sent.stream.read(ATTACHMENT_BYTES_MAX + 1)
    if len(data) > ATTACHMENT_BYTES_MAX:
        raise TooLarge(field="files")
    stored = keep(current_app.extensions["settings"].files_dir, data)
    name = clean_text(sent.filename or "")[:200] or "adjunto"
    return {"name": name, "sha256": stored.sha256, "size": stored.bytes, "media": stored.media_type}


def _files(sheet: Sheet, refusal: Rejected | None) -> Page:
    if not _partial():
        if refusal:
            flash(refusal.detail, "error")
        return redirect(url_for("filing.new_sheet", turno=sheet.place))
    with store().read() as session:
        found = queries.find_draft(session, sheet.place, principal=current_principal())
        sheet = replace(sheet, files=list(found.files) if found else [])
    error = refusal.detail if refusal else ""
    page = render_template("cac/filing/adjuntos.html", sheet=sheet, upload_error=error)
    return page, 422 if refusal else 200


def _page(session: Session, sheet: Sheet) -> str:
    principal = current_principal()
    others = [
        {"place": draft.place, "saved_at": draft.saved_at, "turn": queries.turn_of(session, draft.place)}
        for draft in queries.other_drafts(session, sheet.place, principal=principal)
        if draft.form or draft.files
    ]
    template = "cac/filing/_ficha.html" if _partial() else "cac/filing/nuevo.html"
    return render_template(template, others=others, **_shared(sheet))


def _shared(sheet: Sheet) -> dict[str, Any]:
    return {"sheet": sheet, "methods": METHODS, "other_methods": OTHER_METHODS, "document_types": DOCUMENT_TYPES}


def _place(turn: str) -> str:
    return turn if turn.isascii() and turn.isdigit() and len(turn) < 19 else NO_TURN


def _partial() -> bool:
    """Whether a part of a page asks (htmx, an upload), not a person who follows a link."""
    return request.headers.get("HX-Request") == "true"
