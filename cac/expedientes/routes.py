"""`/api/v1/expedientes` and public tracking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, request, send_file

from cac.audit.reads import looked_at
from cac.calendar import calendar, hours
from cac.expedientes import actions, queries
from cac.expedientes.papers import Letterhead, letterhead
from cac.expedientes.tracking import Tracking
from cac.expedientes.views import (
    ActRequest,
    CaseView,
    CureRequest,
    DeliverRequest,
    DocumentRequest,
    FiledAnswer,
    ForwardRequest,
    FoundCases,
    ReceiveRequest,
    RectifyRequest,
    ReprintRequest,
    SearchQuery,
    TrackedView,
    TrackQuery,
    WithFile,
)
from cac.paper.wording import for_a4
from core.clock import lima_day, now_utc
from core.errors import NotFound
from intake.request import FilingRequest
from printing import pdf
from storage.contents import ATTACHMENT_BYTES_MAX, SUFFIXES, TooLarge, decode, keep, path_of
from web.access import current_principal, public, requires
from web.api import store, write_once
from web.settings import Settings

api = APIBlueprint("expedientes_api", __name__, url_prefix="/api/v1", tag="Expedientes")


class FileMissing(NotFound):
    code = "archivo.en_camino"
    detail = "El adjunto viene en camino: la cabina aún no termina de enviarlo."


@api.post("/expedientes")
@api.input(FilingRequest)
@api.output(FiledAnswer, status_code=201, description="Recibido, completo o con observación")
@requires("cases.write")
def create_expediente(json_data: FilingRequest) -> dict[str, Any]:
    """File a request. Nothing is refused for a missing requisite: it is received with an observation."""
    return file_request(json_data)


def file_request(filing: FilingRequest) -> dict[str, Any]:
    """One filing for this request's idempotency key, by the API or a page."""
    principal = current_principal()
    answer: dict[str, Any] = write_once(
        actions.file,
        filing,
        principal=principal,
        calendar=calendar(),
        hours=hours(),
        letterhead=_letterhead(),
        now=now_utc(),
    )
    return answer


@api.get("/expedientes")
@api.input(SearchQuery, location="query", arg_name="query")
@api.output(FoundCases)
@requires("cases.read")
def list_expedientes(query: SearchQuery) -> Any:
    """Cases, newest first, by number, document, pieces of names or words of the trámite."""
    with store().read() as session:
        found = queries.search_cases(session, q=query.q, state=query.state, area=query.area, page=query.page)
    looked_at("expedientes:búsqueda", now=now_utc())
    return found


@api.get("/expedientes/<number>")
@api.output(CaseView)
@requires("cases.read")
def show_expediente(number: str) -> Any:
    """The case with its movements, documents and acts."""
    return read_case(number)


def read_case(number: str) -> dict[str, Any]:
    """A case, noting who looked at it."""
    now = now_utc()
    with store().read() as session:
        case = queries.show_case(session, number, today=lima_day(now), calendar=calendar())
    looked_at(f"expediente:{case['number']}", now=now_utc())
    return case


@api.get("/expedientes/<number>/documentos/<int:ordinal>")
@requires("cases.read")
def show_document(number: str, ordinal: int) -> Response:
    """The file of a document."""
    with store().read() as session:
        found = queries.find_document(session, number, ordinal)
    path = path_of(_files(), found["sha256"])
    if not path.exists():
        raise FileMissing()
    looked_at(f"expediente:{found['number']}", now=now_utc())
    name = f"{found['number']}-{ordinal}.{SUFFIXES[found['media_type']]}"
    return send_file(path.resolve(), mimetype=found["media_type"], download_name=name)


@api.post("/expedientes/<number>/documentos")
@api.input(DocumentRequest, location="json_or_form", arg_name="body")
@api.doc(responses={201: "El documento, con su número y folios"})
@requires("cases.write")
def create_document(number: str, body: DocumentRequest) -> tuple[Any, int]:
    """Add a paper to the case: its next document."""
    return _step(actions.add_document, number, name=body.name, sheets=body.sheets, attachment=_attachment(body))


@api.post("/expedientes/<number>/subsanaciones")
@api.input(CureRequest, location="json_or_form", arg_name="body")
@api.doc(responses={201: "Lo presentado y, si está completo, el nuevo plazo"})
@requires("cases.write")
def create_cure(number: str, body: CureRequest) -> tuple[Any, int]:
    """Bring what was missing."""
    return _step(
        actions.cure,
        number,
        presented=body.presented,
        name=body.name,
        sheets=body.sheets,
        attachment=_attachment(body),
        calendar=calendar(),
    )


@api.post("/expedientes/<number>/pases")
@api.input(ForwardRequest, location="json_or_form", arg_name="body")
@api.doc(responses={201: "El pase", 409: "El expediente está observado"})
@requires("cases.write")
def create_forward(number: str, body: ForwardRequest) -> tuple[Any, int]:
    """Send the case on, to the unidad that decides it when none is named."""
    return _step(
        actions.forward,
        number,
        area=body.area,
        motivo=body.motivo,
        report=body.report,
        calendar=calendar(),
    )


@api.post("/expedientes/<number>/recepciones")
@api.input(ReceiveRequest, location="json_or_form", arg_name="body")
@api.doc(responses={201: "La recepción"})
@requires("cases.write")
def create_reception(number: str, body: ReceiveRequest) -> tuple[Any, int]:
    """The unidad has the case in hand."""
    return _step(actions.receive, number, note=body.note)


@api.post("/expedientes/<number>/actos")
@api.input(ActRequest, location="json_or_form", arg_name="body")
@api.doc(responses={201: "El acto, con su número"})
@requires("acts.write")
def create_act(number: str, body: ActRequest) -> tuple[Any, int]:
    """A report, a decision, or the area's one request to the citizen."""
    return _step(
        actions.add_act,
        number,
        kind=body.kind,
        resultado=body.resultado,
        text=body.text,
        items=body.items,
        days=body.days,
        sheets=body.sheets,
        attachment=_attachment(body),
        calendar=calendar(),
    )


@api.post("/expedientes/<number>/entregas")
@api.input(DeliverRequest, location="json_or_form", arg_name="body")
@api.doc(responses={201: "La entrega"})
@requires("cases.write")
def create_delivery(number: str, body: DeliverRequest) -> tuple[Any, int]:
    """The result is handed to the citizen."""
    return _step(
        actions.deliver,
        number,
        to=body.to,
        document=body.document,
        note=body.note,
    )


@api.post("/expedientes/<number>/rectificaciones")
@api.input(RectifyRequest)
@api.doc(responses={201: "Lo rectificado, con el valor anterior"})
@requires("cases.write")
def create_rectification(number: str, json_data: RectifyRequest) -> tuple[Any, int]:
    """Mend what was typed wrong."""
    return _step(
        actions.rectify,
        number,
        motivo=json_data.motivo,
        subject=json_data.subject,
        applicant_name=json_data.applicant_name,
        notify_email=json_data.notify_email,
    )


@api.post("/expedientes/<number>/reimpresiones")
@api.input(ReprintRequest)
@api.doc(responses={201: "La clave, y el cargo en la impresora"})
@requires("cases.write")
def create_reprint(number: str, json_data: ReprintRequest) -> tuple[Any, int]:
    """Print a lost cargo again, against the document of who filed."""
    return _step(
        actions.reprint_cargo,
        number,
        document_type=json_data.document_type,
        document_number=json_data.document_number,
        letterhead=_letterhead(),
    )


@api.get("/seguimiento/<number>")
@api.input(TrackQuery, location="query", arg_name="query")
@api.output(TrackedView)
@public
def show_tracking(number: str, query: TrackQuery) -> Any:
    """Where a case is and what comes next, for who holds its cargo."""
    tracking: Tracking = current_app.extensions["tracking"]
    return tracking.case(number, query.key, address=request.remote_addr or "", now=now_utc())


@api.get("/seguimiento/<number>/cargo.pdf")
@api.input(TrackQuery, location="query", arg_name="query")
@public
def show_cargo(number: str, query: TrackQuery) -> Response:
    """The cargo as a PDF, for who holds its key."""
    tracking: Tracking = current_app.extensions["tracking"]
    paper = tracking.cargo(
        number,
        query.key,
        address=request.remote_addr or "",
        letterhead=_letterhead(),
        now=now_utc(),
    )
    with store().read() as session:
        held = for_a4(session, paper)
    response = Response(pdf.draw(*held), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="cargo-{paper.number}.pdf"'
    return response


def _step(verb: Callable[..., Any], number: str, **given: Any) -> tuple[Any, int]:
    """One step of the case, by whoever asks, for this request's idempotency key."""
    return write_once(verb, number, **given, principal=current_principal(), now=now_utc()), 201


def _letterhead() -> Letterhead:
    """Who receives on paper, for who asks."""
    with store().read() as session:
        return letterhead(session, current_principal(), current_app.extensions["settings"])


def _attachment(body: WithFile) -> actions.Attachment | None:
    """The request's file, kept on disk before its row is written."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        data = sent.stream.read(ATTACHMENT_BYTES_MAX + 1)
        if len(data) > ATTACHMENT_BYTES_MAX:
            raise TooLarge(field="file")
        return keep(_files(), data)
    return keep(_files(), decode(body.content)) if body.content else None


def _files() -> Path:
    settings: Settings = current_app.extensions["settings"]
    return settings.files_dir
