"""What a browser may do with our pages: headers on each answer, CSRF on each form."""

from __future__ import annotations

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect

from core.errors import Forbidden
from web.access import is_api
from web.problems import problem

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
MAX_BODY = 32 * 1024 * 1024  # bytes of one request, attachments included


class FormExpired(Forbidden):
    code = "acceso.formulario_vencido"
    detail = "El formulario se abrió en otra sesión. Vuelva a abrir la página y envíelo de nuevo."


class PageSessions(SecureCookieSessionInterface):
    """Sessions are of pages: the API takes no cookie, so it pays for none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return self.session_class() if request.path.startswith("/api/") else super().open_session(app, request)


def protect(app: Flask, *, secret: str, secure_cookies: bool) -> None:
    """Headers, cookie settings and CSRF. The API is exempt: it takes bearer tokens only, never a cookie."""
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
        MAX_CONTENT_LENGTH=MAX_BODY,
        WTF_CSRF_TIME_LIMIT=None,  # kiosk, desk and till pages stay open all day
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    app.session_interface = PageSessions()
    csrf = CSRFProtect(app)

    @app.before_request
    def check_csrf() -> None:
        if not is_api():
            csrf.protect()

    @app.errorhandler(CSRFError)
    def expired(_error: CSRFError) -> Response:
        return problem(FormExpired.status, FormExpired.title, FormExpired.code, FormExpired.detail)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "DENY")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
