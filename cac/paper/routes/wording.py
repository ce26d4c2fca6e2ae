"""/admin/papeles: the words of each paper and the logo on all of them, seen as they print while they are typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request

from cac.admin.forms import Page, press, saved
from cac.paper import queries, wording
from core.clock import now_utc
from printing import logo, pdf
from printing.pdf.picture import first_page
from printing.profile import COLUMNS_58_MM, COLUMNS_80_MM
from printing.samples import ON_A4, SAMPLES
from printing.wording import LANGUAGES, SENTENCES, SPANISH, languages_of
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("paper_wording", __name__, url_prefix="/admin/papeles")

NAMES = {
    "ticket": "Ticket",
    "cargo": "Cargo",
    "recibo": "Recibo",
    "z": "Cierre Z",
    "liquidacion": "Liquidación",
    "valija": "Lista de valija",
    "caratula": "Carátula",
    "reporte": "Reporte de atención",
    "tupa": "TUPA",
    "cartel": "Cartel de la puerta",
}
assert NAMES.keys() == SENTENCES.keys()
THERMAL, A4 = ("80", "58"), "a4"


@bp.get("")
@requires("setup.write")
def papers() -> str:
    return _papers({})


@bp.post("/logos")
@requires("setup.write")
def add_logo() -> Page:
    def write() -> Any:
        sent = request.files.get("logo")
        if sent is None or not sent.filename:
            raise logo.LogoWrong(field="logo")
        return _write(wording.save_logo, logo.prepared(sent.stream.read(logo.MAX_BYTES + 1)))

    said = "El logo va en los papeles que se hagan desde ahora. Pruébelo en una impresora."
    return press(write, done=lambda _: saved(said, "paper_wording.papers"), again=_papers)


@bp.post("/logos/bajas")
@requires("setup.write")
def remove_logo() -> Page:
    return press(
        lambda: _write(wording.save_logo, None),
        done=lambda _: saved("Los papeles que se hagan desde ahora van sin logo.", "paper_wording.papers"),
        again=_papers,
    )


@bp.get("/<kind>/<language>")
@requires("setup.write")
def texts(kind: str, language: str) -> str:
    return _texts(kind, language, {})


@bp.post("/<kind>/<language>")
@requires("setup.write")
def save_texts(kind: str, language: str) -> Page:
    return press(
        lambda: _write(wording.save_texts, kind, language, _typed(kind, language)),
        done=lambda _: saved(
            f"{NAMES[kind]}: textos guardados. Así saldrá desde ahora.",
            "paper_wording.texts",
            kind=kind,
            language=language,
        ),
        again=lambda errors: _texts(kind, language, errors),
    )


@bp.get("/<kind>/<language>.png")
@requires("setup.write")
def picture(kind: str, language: str) -> Response:
    """The paper as it prints with what is being typed, at 80 mm, at 58 mm or on A4."""
    typed, form = _typed(kind, language) or None, request.args.get("ancho") or sizes_of(kind)[0]
    if form not in sizes_of(kind):
        abort(404)
    with store().read() as session:
        sample = _sample(session, kind, language)
        if form == A4:
            held = wording.for_a4(session, sample, typed)
        else:
            columns = COLUMNS_58_MM if form == "58" else COLUMNS_80_MM
            drawn = wording.picture_of(session, sample, typed, columns=columns)
    if form == A4:
        drawn = first_page(pdf.draw(*held))
    return Response(drawn, mimetype="image/png", headers={"Cache-Control": "private, no-store"})


def sizes_of(kind: str) -> tuple[str, ...]:
    """The papers of that kind, by the width of their roll in millimetres, and A4; none for a kind that there is not."""
    thermal = THERMAL if kind in SAMPLES and kind in SENTENCES else ()
    return (*thermal, A4) if kind in ON_A4 else thermal


def _sample(session: Any, kind: str, language: str) -> Any:
    own: dict[str, Any] = {**queries.site_of_paper(session), "demo": current_app.extensions["settings"].demo}
    if kind == "ticket":
        own["language"] = language
    sample: Any = (SAMPLES | ON_A4)[kind]
    return replace(sample, **own)


def _typed(kind: str, language: str) -> dict[str, str]:
    """What the form or the address says of each sentence; too long a one is refused when it is saved."""
    sentences = wording.sentences_of(kind, language)
    if request.method == "GET":
        return {name: request.args[name][: one.longest] for name, one in sentences.items() if name in request.args}
    if request.form.get("restaurar"):
        return {name: one.default(language) for name, one in sentences.items()}
    return {name: request.form[name] for name in sentences if name in request.form}


def _write(verb: Any, *args: Any) -> Any:
    return write_once(verb, *args, principal=current_principal(), now=now_utc())


def _papers(errors: dict[str, str]) -> str:
    with store().read() as session:
        changed = {
            (kind, language): len(wording.own_texts(session, kind, language))
            for kind in NAMES
            for language in languages_of(kind)
        }
        digest = wording.current_logo(session)
        size = wording.logo_bytes(session, digest)
    return render_template(
        "cac/paper/papers.html",
        names=NAMES,
        languages=LANGUAGES,
        changed=changed,
        logo=digest,
        size=size,
        errors=errors,
    )


def _texts(kind: str, language: str, errors: dict[str, str]) -> str:
    sentences = wording.sentences_of(kind, language)
    with store().read() as session:
        own = wording.own_texts(session, kind, language)
    form = {name: request.form.get(name, own.get(name, one.default(language))) for name, one in sentences.items()}
    return render_template(
        "cac/paper/texts.html",
        kind=kind,
        language=language,
        name=NAMES[kind],
        sentences=sentences,
        sizes={size: "A4" if size == A4 else f"{size} mm" for size in sizes_of(kind)},
        form=form,
        own=own,
        languages={code: LANGUAGES[code] for code in languages_of(kind)},
        many=languages_of(kind) != (SPANISH,),
        errors=errors,
    )
