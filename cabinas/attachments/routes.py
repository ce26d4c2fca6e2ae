"""Scans and photographs of a case: added, listed with how they travel, opened."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from cabinas.attachments import actions
from cabinas.attachments.models import Adjunto
from cabinas.cures.routes import whole
from cabinas.filing.page import case_page, files_of, find
from cabinas.till import till
from core.clock import now_utc
from core.errors import Invalid, NotFound, Rejected
from storage.contents import ATTACHMENT_BYTES_MAX, SUFFIXES, keep, path_of
from web.access import current_principal, requires
from web.api import store

bp = Blueprint("attachments", __name__)


class FileUnknown(NotFound):
    code = "archivo.no_existe"
    detail = "Ese archivo no está en esta cabina."


class FileSent(NotFound):
    code, title = "archivo.en_el_centro", "Está en el centro"
    detail = "El centro ya tiene ese archivo completo y esta PC dejó de guardarlo. Pídalo al CAC."


@bp.post("/registrado/<number>/adjuntos")
@requires("caja")
def add_files(number: str) -> AnyResponse | tuple[str, int] | str:
    """The same file again is the same document, so that a repeated press adds nothing."""
    partial, refused = request.headers.get("HX-Request") == "true", None
    try:
        _add(number)
    except NotFound:
        raise
    except Rejected as refusal:
        refused = refusal
    if partial:
        return _list(number, refused), refused.status if refused else 200
    if refused:
        return case_page(number, now=now_utc(), refused=refused), refused.status
    flash("Adjunto guardado. Se envía solo después de los datos.", "bien")
    return redirect(url_for("filing.filed", number=number), 303)


@bp.get("/registrado/<number>/adjuntos")
@requires("caja")
def list_files(number: str) -> str:
    """How the files travel, asked again until the centre has them."""
    return _list(number, None)


@bp.get("/adjuntos/<attachment>")
@requires("caja")
def show_file(attachment: str) -> Response:
    with store().read() as session:
        row = session.get(Adjunto, attachment)
    if row is None:
        raise FileUnknown()
    if row.gone_at is not None or not path_of(till().files_dir, row.sha256).exists():
        raise FileSent() if row.whole_at is not None else FileUnknown()
    name = f"{row.number}-{row.name}"[:100] + f".{SUFFIXES[row.media_type]}"
    return send_file(path_of(till().files_dir, row.sha256).resolve(), mimetype=row.media_type, download_name=name)


def _add(number: str) -> None:
    till().refuse_without_space()
    sheets = whole("sheets", default=0)
    with store().read() as session:
        find(session, number)  # before anything is kept on disk
    chosen = [sent for sent in request.files.getlist("files") if sent.filename]
    if not chosen:
        raise Invalid("Elija el archivo que escaneó o la foto.", field="files")
    for sent in chosen:
        kept = keep(till().files_dir, sent.stream.read(ATTACHMENT_BYTES_MAX + 1))
        store().write(
            actions.add,
            number,
            kept,
            name=sent.filename or "",
            sheets=sheets,
            operator=current_principal().name,
            device=till().device,
            now=now_utc(),
        )


def _list(number: str, refused: Rejected | None) -> str:
    with store().read() as session:
        case = find(session, number)
        return render_template(
            "cabinas/_adjuntos.html", case=case, files=files_of(session, case.number), refused=refused
        )
