"""/admin/cabinas/C01: the convenio of a cabin, its terms and its papers."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, send_file

from cac.admin.forms import Page, Typed, press, saved
from cac.sync import convenio
from cac.sync.actions import Terms, find
from core.clock import lima_day, now_utc
from core.errors import Invalid
from core.money import parse_soles, soles
from storage.contents import ATTACHMENT_BYTES_MAX, SUFFIXES, keep, path_of
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("admin_convenio", __name__, url_prefix="/admin/cabinas")

BEARERS = (("citizen", "El ciudadano"), ("municipality", "La Municipalidad"))


@bp.get("/<code>")
@requires("setup.write")
def show(code: str) -> str:
    return _page(code, None, {})


@bp.post("/<code>")
@requires("setup.write")
def change(code: str) -> Page:
    def write() -> Any:
        now = now_utc()
        return write_once(
            convenio.change_terms, _typed(code), day=lima_day(now), principal=current_principal(), now=now
        )

    said = f"Convenio de {code} guardado. La cabina lo recibe con su próxima conexión."
    return press(
        write,
        done=lambda _: saved(said, "admin_convenio.show", code=code),
        again=lambda errors: _page(code, request.form, errors),
    )


@bp.post("/<code>/documentos")
@requires("setup.write")
def attach(code: str) -> Page:
    def write() -> Any:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Invalid("Elija el archivo.", field="file")
        stored = keep(current_app.extensions["settings"].files_dir, sent.stream.read(ATTACHMENT_BYTES_MAX + 1))
        name = request.form.get("document", "")
        return write_once(convenio.attach, code, name=name, stored=stored, principal=current_principal(), now=now_utc())

    return press(
        write,
        done=lambda made: saved(f"«{made['name']}» quedó en el convenio.", "admin_convenio.show", code=code),
        again=lambda errors: _page(code, None, errors),
    )


@bp.get("/<code>/documentos/<int:document_id>")
@requires("setup.write")
def download(code: str, document_id: int) -> Response:
    with store().read() as session:
        found = convenio.document(session, code, document_id)
        sha256, media_type = found.sha256, found.media_type
    path = path_of(current_app.extensions["settings"].files_dir, sha256)
    if not path.exists():
        raise convenio.DocumentUnknown()
    name = f"{code}-convenio-{document_id}.{SUFFIXES[media_type]}"
    return send_file(path.resolve(), mimetype=media_type, download_name=name, as_attachment=True)


def _typed(code: str) -> Terms:
    """The form as terms. Raises Invalid with every sentence at once."""
    typed = Typed(request.form)
    terms = Terms(
        code=code,
        name=typed.text("name", longest=120, missing="Escriba el nombre que conoce la gente."),
        partner=typed.text("partner", longest=160, missing="Escriba la razón social."),
        ruc=typed.text("ruc", longest=20, missing="Escriba el RUC."),
        contact=typed.text("contact", longest=200),
        place=typed.text("place", longest=200),
        hours=typed.text("hours", longest=200),
        service_centimos=_soles(typed, "service"),
        service_bearer=typed.choice("bearer", tuple(key for key, _ in BEARERS), missing="Elija quién lo paga."),
        guarantee_centimos=_soles(typed, "guarantee"),
        warn_percent=typed.count("warn_percent", 1, 100),
        tramites=re.findall(r"[A-Z0-9-]+", request.form.get("tramites", "").upper()) or None,
    )
    typed.check()
    return terms


def _soles(typed: Typed, name: str) -> int:
    try:
        return parse_soles(request.form.get(name, ""))
    except ValueError:
        typed.wrong(name, "Escriba un importe en soles, como 4.00.")
        return 0


def _page(code: str, form: Any, errors: dict[str, str]) -> str:
    with store().read() as session:
        cabina = find(session, code)
        shown = form or {
            "name": cabina.name,
            "partner": cabina.partner,
            "ruc": cabina.ruc,
            "contact": cabina.contact,
            "place": cabina.place,
            "hours": cabina.hours,
            "service": soles(cabina.service_centimos),
            "bearer": cabina.service_bearer,
            "guarantee": soles(cabina.guarantee_centimos),
            "warn_percent": cabina.warn_percent,
            "tramites": " ".join(cabina.tramites or ()),
        }
        documents = convenio.documents(session, cabina.id)
        return render_template(
            "cac/admin/convenio.html",
            cabina=cabina,
            form=shown,
            errors=errors,
            documents=documents,
            bearers=BEARERS,
        )
