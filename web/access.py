"""Who may do what, declared on each route and enforced in one place.

A route without `@requires` or `@public` cannot be served: forgetting is a bug found by the first request, and by the
architecture test before it. What a role may do is a table of the application (`cac.access.roles`, `cabinas.access`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from core.errors import Forbidden, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person signed in, a program with a token, a paired device, or anybody.

    `kind` is `staff`, `token`, `device` or `public`; `sala`, `ventanilla`, `area` and `printer` narrow what its role may touch."""

    kind: str
    id: int
    name: str
    role: str
    sala: str | None = None
    area: str | None = None
    printer: str | None = None
    ventanilla: int | None = None

    @property
    def key(self) -> str:
        """Stable text for logs, audit rows and idempotency scopes, e.g. `staff:3`."""
        return f"{self.kind}:{self.id}"


ANYBODY = Principal("public", 0, "público", "")


def requires(permission: str) -> Callable[[View], View]:
    """Only principals whose role has `permission`; others get 403, nobody 401 (on a page: the sign-in)."""

    def mark(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Anybody may. The view still sees who asks, if somebody is signed in."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def current_principal() -> Principal:
    """Who asks now, ANYBODY when nobody is known."""
    principal: Principal = g.principal
    return principal


def is_api() -> bool:
    return request.path.startswith("/api/")


def enforce(
    app: Flask, *, identify: Callable[[], Principal], may: Callable[[str, str], bool], sign_in: str | None = None
) -> None:
    """Check each request before its view. `identify` tells who asks; `may(role, permission)` is the table;
    `sign_in` is the endpoint of the sign-in page."""

    @app.before_request
    def check() -> Response | None:
        g.principal = identify()
        if request.endpoint is None or request.endpoint == "static":
            return None
        permission = getattr(current_app.view_functions[request.endpoint], "access", None)
        assert permission is not None, f"{request.endpoint} declares no access"
        if permission == PUBLIC or may(g.principal.role, permission):
            return None
        if g.principal.kind != "public":
            raise Forbidden()
        part = request.headers.get("HX-Request") == "true"  # the sign-in page has no place inside another page
        if is_api() or sign_in is None or request.method != "GET" or part:
            raise Unauthenticated()
        return redirect(url_for(sign_in, next=request.full_path.rstrip("?")))
