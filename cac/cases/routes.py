"""/expedientes: the register, a case and the steps a person takes on it, with forms alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from cac.access.roles import may
from cac.audit.reads import looked_at
from cac.calendar import calendar
from cac.cases import actions as cases
from cac.cases import rules, views
from cac.cases.cover import cover_of
from cac.cases.queries import older_in_hand, paper_of
from cac.desk.turns import turn_of_case
from cac.expedientes import actions, queries
from cac.expedientes.papers import cargo, letterhead
from cac.expedientes.rules import STATE_NAMES
from cac.paper import actions as paper
from cac.paper.wording import for_a4
from cac.tupa.queries import CAC_AREA, TupaMissing, decides, list_areas
from cac.valijas.queries import paper_of as paper_in_valija
from core.clock import lima_day, now_utc
from core.errors import Conflict, Invalid, NotFound, Rejected
from core.identity import fold
from printing import pdf
from storage.contents import ATTACHMENT_BYTES_MAX, SUFFIXES, TooLarge, keep, path_of
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told

bp = Blueprint("cases", __name__, url_prefix="/expedientes")

Page = str | BaseResponse | tuple[str, int]
SHEETS_MAX = 10_000
RESULTS = {
    "resolucion": "Resolución",
    "carta": "Carta",
    "constancia": "Constancia o certificado",
}


class FileOnItsWay(NotFound):
    code = "archivo.en_camino"
    detail = "El adjunto viene en camino: la cabina aún no termina de enviarlo."


class NothingPrinted(Conflict):
    code = "impresion.no_existe"
    detail = "Ese cargo no se mandó a ninguna impresora. Abra el PDF e imprímalo."


@bp.app_template_filter()
def state_name(state: str) -> str:
    return STATE_NAMES[state]


@bp.get("")
@requires("cases.read")
def register() -> str:
    q, state, area = (request.args.get(name, "").strip() for name in ("q", "state", "area"))
    today = lima_day(now_utc())
    with store().read() as session:
        found = queries.search_cases(
            session,
            q=q,
            state=state if state in STATE_NAMES else "",
            area=area,
            page=request.args.get("page", 1, type=int),
        )
        areas = _areas(session)
    looked_at("expedientes:búsqueda", now=now_utc())
    items = [case | {"term": views.short_term(case, today=today, calendar=calendar())} for case in found["items"]]
    return render_template(
        "cac/cases/list.html",
        cases=items,
        page=found["page"],
        more=found["more"],
        q=q,
        state=state,
        area=area,
        states=list(STATE_NAMES.items()),
        areas=areas,
        may_file=may(current_principal().role, "cases.write"),
        may_rebuild=may(current_principal().role, "cabins.rebuild"),
    )


@bp.get("/<number>")
@requires("cases.read")
def show(number: str) -> str:
    return _case(number)


@bp.get("/<number>/cargo.pdf")
@requires("cases.read")
def cargo_file(number: str) -> Response:
    """The cargo as it was filed, for who may read the case."""
    with store().read() as session:
        case = queries.show_case(session, number, today=lima_day(now_utc()), calendar=calendar())
        letters = letterhead(session, current_principal(), current_app.extensions["settings"])
        held = for_a4(session, cargo(session, case["number"], letterhead=letters))
    looked_at(f"expediente:{case['number']}", now=now_utc())
    response = Response(pdf.draw(*held), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="cargo-{case["number"]}.pdf"'
    return response


@bp.get("/<number>/caratula.pdf")
@requires("cases.read")
def cover_file(number: str) -> Response:
    """The carátula of the paper file: organ, who is responsible, when the term ends, what it holds."""
    today = lima_day(now_utc())
    with store().read() as session:
        case = queries.show_case(session, number, today=today, calendar=calendar())
        letters = letterhead(session, current_principal(), current_app.extensions["settings"])
        authority = decides(session, case["tramite"], version=case["tupa_version"])
        held = for_a4(session, cover_of(case, decides=authority, letterhead=letters))
    looked_at(f"expediente:{case['number']}", now=now_utc())
    response = Response(pdf.draw(*held), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="caratula-{case["number"]}.pdf"'
    return response


@bp.get("/<number>/documentos/<int:ordinal>")
@requires("cases.read")
def document(number: str, ordinal: int) -> Response:
    with store().read() as session:
        found = queries.find_document(session, number, ordinal)
    path = path_of(current_app.extensions["settings"].files_dir, found["sha256"])
    if not path.exists():
        raise FileOnItsWay()
    looked_at(f"expediente:{found['number']}", now=now_utc())
    name = f"{found['number']}-{ordinal}.{SUFFIXES[found['media_type']]}"
    return send_file(path.resolve(), mimetype=found["media_type"], download_name=name)


@bp.post("/<number>/documentos")
@requires("cases.write")
def create_document(number: str) -> Page:
    return _step(
        number,
        "documento",
        lambda: {
            "verb": actions.add_document,
            "name": _filled("name", "Escriba qué documento es."),
            "sheets": _count("sheets"),
            "attachment": _attachment(),
        },
        "Documento agregado.",
    )


@bp.post("/<number>/subsanaciones")
@requires("cases.write")
def create_cure(number: str) -> Page:
    return _step(
        number,
        "subsanacion",
        lambda: {
            "verb": actions.cure,
            "presented": request.form.getlist("item"),
            "sheets": _count("sheets"),
            "attachment": _attachment(),
            "calendar": calendar(),
        },
        "Subsanación registrada.",
    )


@bp.post("/<number>/pases")
@requires("cases.write")
def create_forward(number: str) -> Page:
    return _step(
        number,
        "pase",
        lambda: {
            "verb": actions.forward,
            "area": request.form.get("area") or None,
            "motivo": request.form.get("motivo", ""),
            "report": request.form.get("report") == "1",
            "calendar": calendar(),
        },
        "Expediente derivado.",
    )


@bp.post("/<number>/recepciones")
@requires("cases.write")
def create_reception(number: str) -> Page:
    return _step(
        number,
        "recepcion",
        lambda: {"verb": actions.receive, "note": request.form.get("note", "")},
        "Expediente recibido.",
    )


@bp.post("/<number>/actos")
@requires("acts.write")
def create_act(number: str) -> Page:
    kind = request.form.get("kind", "")
    move = move_of_act(kind)

    def fields() -> dict[str, Any]:
        asked = [line for line in request.form.get("items", "").splitlines() if line.strip()]
        text = request.form.get("text", "") if move == "requerimiento" else _filled("text", "Escriba el contenido.")
        return {
            "verb": cases.act_in_order,
            "order_reason": request.form.get("order_reason", "") if move == "resolucion" else "—",
            "kind": kind,
            "resultado": request.form.get("resultado") or None,
            "text": text,
            "items": asked or None,
            "days": _count("days") if move == "requerimiento" else None,
            "sheets": _count("sheets") if move != "requerimiento" else 1,
            "attachment": _attachment(),
            "calendar": calendar(),
        }

    return _step(number, move, fields, "Quedó registrado con su número.")


@bp.post("/<number>/entregas")
@requires("cases.write")
def create_delivery(number: str) -> Page:
    return _step(
        number,
        "entrega",
        lambda: {
            "verb": actions.deliver,
            "to": _filled("to", "Escriba quién recoge."),
            "document": request.form.get("document", ""),
            "note": request.form.get("note", ""),
        },
        "Entregado al ciudadano.",
    )


@bp.post("/<number>/rectificaciones")
@requires("cases.write")
def create_rectification(number: str) -> Page:
    field = request.form.get("field", "")
    named = field if field in ("subject", "applicant_name", "notify_email") else "subject"
    return _step(
        number,
        "rectificacion",
        lambda: {
            "verb": actions.rectify,
            "motivo": _filled("motivo", "Escriba el motivo."),
            named: _filled("value", "Escriba cómo debe decir."),
        },
        "Rectificación registrada.",
    )


@bp.post("/<number>/papel/respuestas")
@requires("paper.use")
def answer_paper(number: str) -> Page:
    came_out = request.form.get("salio") == "1"
    return _print(number, lambda job: {"verb": paper.answer, "job_id": job, "came_out": came_out})


@bp.post("/<number>/papel/reimpresiones")
@requires("paper.use")
def reprint_paper(number: str) -> Page:
    return _print(number, lambda job: {"verb": paper.reprint, "job_id": job})


@bp.post("/<number>/reimpresiones")
@requires("cases.write")
def reprint_key(number: str) -> Page:
    """A lost cargo with its key, against the document of who filed."""
    with store().read() as session:
        letters = letterhead(session, current_principal(), current_app.extensions["settings"])
    return _step(
        number,
        "clave",
        lambda: {
            "verb": actions.reprint_cargo,
            "document_type": request.form.get("document_type", "DNI"),
            "document_number": _filled("document_number", "Escriba el documento que muestra la persona."),
            "letterhead": letters,
        },
        "El cargo con su clave va a la impresora.",
    )


def move_of_act(kind: str) -> str:
    """The form an act belongs to."""
    return "informe" if kind == "informe" else "requerimiento" if kind == "requerimiento" else "resolucion"


def _print(number: str, call: Callable[[int], dict[str, Any]]) -> Page:
    """A word about the case's printed cargo; then back to where the person was."""
    with store().read() as session:
        found = paper_of(session, number)
    if found is None:
        raise NothingPrinted()
    fields = call(found["id"])
    verb, job = fields.pop("verb"), fields.pop("job_id")
    write_once(verb, job, principal=current_principal(), now=now_utc(), **fields)
    if request.headers.get("HX-Request") == "true":
        return redirect(url_for("filing.paper", number=number), 303)
    return redirect(url_for("cases.show", number=number, _anchor="papel-t"))


def _step(number: str, move: str, fields: Callable[[], dict[str, Any]], done: str) -> Page:
    """Take a step on a case; refused, the case again with its form open, what was typed and the reason."""
    try:
        values = fields()
        verb = values.pop("verb")
        write_once(verb, number, principal=current_principal(), now=now_utc(), **values)
    except NotFound as refusal:
        if refusal.extra.get("field") is None:
            raise
        return _case(number, move, told(refusal)), refusal.status
    except Rejected as refusal:
        return _case(number, move, told(refusal)), refusal.status
    flash(done, "bien")
    return redirect(url_for("cases.show", number=number))


def _case(number: str, opened: str = "", errors: dict[str, str] | None = None) -> str:
    now, principal = now_utc(), current_principal()
    with store().read() as session:
        case = queries.show_case(session, number, today=lima_day(now), calendar=calendar())
        areas = [area for area in _areas(session) if area[0] != case["area_code"]]
        printed = paper_of(session, case["number"])
        older = older_in_hand(session, case["area_code"], received_on=case["received_on"], but=case["number"])
        bag = paper_in_valija(session, case["number"]) if case["cabina"] else None
        turn = turn_of_case(session, case["ticket"], filed_at=case["registered_at"])
    looked_at(f"expediente:{case['number']}", now=now_utc())
    moves = rules.presses(principal.role, case["moves"])
    if principal.role == "unidad" and principal.area and not _holds(principal.area, case):
        moves = tuple(move for move in moves if move == "documento")
    if case["area_code"] == CAC_AREA:
        moves = tuple(move for move in moves if move not in ("informe", "resolucion", "requerimiento"))
    elif principal.role in ("ventanilla", "supervisor"):
        moves = tuple(move for move in moves if move not in ("pase", "entrega", "recepcion"))
    order = list(views.BUTTONS)
    buttons = [(move, *views.BUTTONS[move]) for move in sorted(moves, key=order.index)]
    typed = dict(request.form.items()) if opened else {}
    home_first = CAC_AREA if case["area_code"] == case["home_area_code"] else case["home_area_code"]
    return render_template(
        "cac/cases/case.html",
        **views.shown(case, now=now, calendar=calendar()),
        on_its_way=_on_its_way(case),
        number=case["number"],
        paper=printed,
        bag=bag,
        turn=turn,
        may_see_turn=may(principal.role, "tickets.move"),
        buttons=buttons,
        forward_areas=areas,
        forward_default=home_first,
        older=older,
        results=list(RESULTS.items()),
        next_step=rules.next_step(case),
        errors=errors or {},
        typed=typed,
        ticked=request.form.getlist("item"),
        opened=opened,
        may_print=may(principal.role, "paper.use"),
        may_write=may(principal.role, "cases.write"),
    )


def _on_its_way(case: dict[str, Any]) -> set[str]:
    """Hashes of the scans that a cabin announced and has not sent whole yet."""
    folder = current_app.extensions["settings"].files_dir
    hashes = {document["sha256"] for document in case["documents"] if document["sha256"]}
    return {sha256 for sha256 in hashes if not path_of(folder, sha256).exists()}


def _holds(area: str, case: dict[str, Any]) -> bool:
    return fold(area) in (fold(case["area_code"]), fold(case["area"]))


def _areas(session: Any) -> list[tuple[str, str]]:
    try:
        return list_areas(session, day=lima_day(now_utc()))
    except TupaMissing:
        return []


def _filled(name: str, sentence: str) -> str:
    text = request.form.get(name, "").strip()
    if not text:
        raise Invalid(sentence, field=name)
    return text


def _count(name: str) -> int:
    text = request.form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= SHEETS_MAX):
        raise Invalid("Escriba un número entero.", field=name)
    return int(text)


def _attachment() -> actions.Attachment | None:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return None
    data = sent.stream.read(ATTACHMENT_BYTES_MAX + 1)
    if len(data) > ATTACHMENT_BYTES_MAX:
        raise TooLarge(field="file")
    return keep(current_app.extensions["settings"].files_dir, data)
