"""The page behind a one-time URL, and the cookie it leaves. `unpaired` is what a device sees before, or after revocation."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from cac.access.actions import PairingUnknown, pair_device, sha256
from cac.access.identify import device_cookie
from cac.access.models import Device
from core.clock import now_utc
from web.access import public
from web.api import store

bp = Blueprint("pairing", __name__)

HOME = {"kiosko": "/kiosko", "pantalla": "/pantalla/{sala}", "tableta": "/tableta"}
KEPT_S = 400 * 24 * 3600  # the longest a browser keeps a cookie; each visit of the page starts it anew


@bp.get("/emparejar/<secret>")
@public
def pairing(secret: str) -> str:
    with store().read() as session:
        device = session.scalar(select(Device).where(Device.pairing_sha256 == sha256(secret)))
        if device is None or device.revoked_at or device.pairing_until is None or device.pairing_until < now_utc():
            raise PairingUnknown()
        return render_template("kiosks/pairing/pair.html", device=device)


@bp.post("/emparejar/<secret>")
@public
def create_pairing(secret: str) -> Response:
    paired = store().write(pair_device, secret, now=now_utc())
    response = redirect(HOME[paired["kind"] or ""].format(sala=paired["sala"]))
    keep_cookie(response, paired["kind"], paired["cookie"])
    return response


def keep_cookie(response: Response, kind: str | None, cookie: str | None) -> None:
    assert kind and cookie
    response.set_cookie(
        device_cookie(kind),
        cookie,
        max_age=KEPT_S,
        httponly=True,
        samesite="Strict",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def page_of_device(kind: str, html: str) -> Response:
    """A device's page, its cookie's life started anew, so that a screen switched on daily never has to be paired again."""
    response = make_response(html)
    keep_cookie(response, kind, request.cookies[device_cookie(kind)])
    return response


def unpaired(kind: str, sala: str | None = None) -> Response:
    return make_response(render_template("kiosks/pairing/unpaired.html", kind=kind, sala=sala))
