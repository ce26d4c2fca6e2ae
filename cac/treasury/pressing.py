"""What treasury's buttons share: the word signed with the centre's key, and the way back to where the button was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from cac.sync.keys import centre_key
from core.errors import Rejected
from web.access import current_principal
from web.api import write_once


def settle_by(verb: Callable[..., Any], code: str, *subject: Any, now: datetime, **said: Any) -> dict[str, Any]:
    """Run a verb that signs a word."""
    key = centre_key(current_app.extensions["settings"].keys_dir)
    settled: dict[str, Any] = write_once(verb, code, *subject, key=key, principal=current_principal(), now=now, **said)
    return settled


def pressed(settle: Callable[[], str], code: str) -> Response:
    """Do it and go back to where the button was, with what came of it."""
    try:
        flash(settle(), "bien")
    except Rejected as refused:
        flash(refused.detail, "error")
    of_cabina = request.form.get("de") == "cabina"
    return redirect(url_for("treasury.show_cabina", code=code) if of_cabina else url_for("treasury.show_cabinas"), 303)


def may_write() -> bool:
    return current_principal().role == "tesoreria"
