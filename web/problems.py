"""Every refusal as one shape: an RFC 9457 problem document for programs, a page for people."""

from __future__ import annotations

import logging
from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, current_app, jsonify, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from core.errors import Invalid, NotFound, Rejected
from storage import StoreError
from web.access import is_api
from web.sentences import sentences

log = logging.getLogger(__name__)

UNFIT = "Algún dato es demasiado largo o tiene caracteres que no se admiten. Corríjalo y vuelva a enviar."
PROBLEM = "application/problem+json"
SENTENCES = {
    400: ("solicitud.mal_formada", "La solicitud no se entiende. Revise su formato."),
    401: ("acceso.sin_identificar", "Inicie sesión o envíe un token válido."),
    403: ("acceso.negado", "Su cuenta no tiene permiso para esto. Pida ayuda al supervisor."),
    404: ("recurso.no_existe", "No se encontró lo que busca. Revise la dirección o el número."),
    405: ("solicitud.metodo", "Esta dirección no admite esa acción."),
    413: ("archivo.demasiado_grande", "El archivo es demasiado grande. Envíe uno más pequeño."),
    415: ("solicitud.formato", "Envíe los datos como application/json."),
    422: ("solicitud.invalida", "Hay datos por corregir. Revise lo señalado y vuelva a enviar."),
    500: (
        "sistema.error",
        "Ocurrió un error inesperado y quedó registrado. Lo ya confirmado no se pierde; intente otra vez.",
    ),
}


def problem(status: int, title: str, code: str, detail: str, **extra: Any) -> Response:
    body = {"type": f"urn:mesa-cac:{code}", "title": title, "status": status, "detail": detail, "code": code, **extra}
    if is_api() or request.accept_mimetypes.best == "application/json":
        response = jsonify(body)
        response.mimetype = PROBLEM
    else:
        page = current_app.extensions.get("error_page", "error.html")  # an application may have a face of its own
        response = Response(render_template(page, **body), mimetype="text/html")
    response.status_code = status
    if status in (429, 503):
        response.headers["Retry-After"] = str(extra.get("retry_after_s", 2))
    return response


def register_problems(app: APIFlask) -> None:
    """Answer each error of `app` as a problem. Bugs are logged with their traceback and told as 500."""

    @app.errorhandler(Rejected)
    def rejected(error: Rejected) -> Response:
        if isinstance(error, StoreError):
            log.warning("a write was not confirmed: %s", error)
        return problem(error.status, error.title, error.code, error.detail, **error.extra)

    @app.errorhandler(DataError)
    def unfit(error: DataError) -> Response:
        """PostgreSQL keeps no NUL and no text longer than its column; SQLite says nothing of either."""
        log.info("the database refused a value at %s %s: %s", request.method, request.path, type(error.orig).__name__)
        return problem(422, Invalid.title, Invalid.code, UNFIT)

    @app.error_processor
    def invalid(error: HTTPError) -> Response:
        if error.status_code != 422:
            return by_status(error.status_code)
        cause = error.__cause__
        fields = sentences(cause) if isinstance(cause, ValidationError) else {}
        named = ", ".join(fields) or "el contenido"
        return problem(422, Invalid.title, Invalid.code, f"Revise: {named}.", fields=fields)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:
            return Response(status=error.code, headers=dict(error.get_headers()))
        return by_status(error.code or 500)

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        log.exception("unexpected error at %s %s", request.method, request.path)
        return by_status(500)

    def by_status(status: int) -> Response:
        code, detail = SENTENCES.get(status, (Rejected.code, Rejected.detail))
        return problem(status, NotFound.title if status == 404 else Rejected.title, code, detail)
