"""Who asks: a bearer token on the API, a signed-in person or a paired device's cookie on a page.

What was looked up is believed for a few seconds, so that a kiosk's hundred requests do not read the same row again; a
revocation is felt within `BELIEVED_S`."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from flask import request
from flask_login import current_user
from sqlalchemy import select

from cac.access.actions import of_device, of_staff, of_token, sha256
from cac.access.models import ApiToken, Device, Staff
from storage import Store
from web.access import ANYBODY, Principal, is_api

DEVICE_PAGES = {
    "/kiosko": "kiosko",
    "/pantalla": "pantalla",
    "/tableta": "tableta",
}  # pages of a device; its kind is also its role
BELIEVED_S = 5.0
MAX_REMEMBERED = 10_000


def device_cookie(kind: str) -> str:
    """One a kind, so that one PC may be kiosk and screen at once, as in the demo."""
    return f"equipo_{kind}"


class Identity:
    """Looks principals up in `store` and remembers them for a moment. Nobody is remembered only if somebody was found."""

    def __init__(self, store: Store):
        self._store = store
        self._known: dict[str, tuple[Principal, float]] = {}

    def of_request(self) -> Principal:
        if is_api():
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            return self.of_token(token) if scheme.lower() == "bearer" else ANYBODY
        kind = DEVICE_PAGES.get("/" + request.path.split("/")[1])
        if kind:
            return self.of_device(kind)
        if current_user.is_authenticated:
            person: Principal = current_user.principal
            return person
        return ANYBODY

    def of_device(self, kind: str) -> Principal:
        """The paired device of this browser. A device's page is the device's, whoever else is signed in there."""
        principal = self.of_cookie(request.cookies.get(device_cookie(kind), ""))
        return principal if principal.role == kind else ANYBODY

    def of_token(self, token: str) -> Principal:
        """The principal of an API token, or ANYBODY."""
        return self._remember("t" + sha256(token), lambda: self._find_token(sha256(token))) if token else ANYBODY

    def of_cookie(self, cookie: str) -> Principal:
        """The principal of a device's cookie, or ANYBODY."""
        return self._remember("d" + sha256(cookie), lambda: self._find_device(sha256(cookie))) if cookie else ANYBODY

    def of_staff_id(self, staff_id: int) -> Principal:
        return self._remember(f"s{staff_id}", lambda: self._find_staff(staff_id))

    def _remember(self, key: str, find: Callable[[], Principal]) -> Principal:
        known = self._known.get(key)
        if known and known[1] > monotonic():
            return known[0]
        found = find()
        if found is not ANYBODY:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            self._known[key] = (found, monotonic() + BELIEVED_S)
        else:
            self._known.pop(key, None)
        return found

    def _find_token(self, digest: str) -> Principal:
        with self._store.read() as session:
            row = session.scalar(select(ApiToken).where(ApiToken.sha256 == digest, ApiToken.revoked_at.is_(None)))
            return of_token(row) if row else ANYBODY

    def _find_device(self, digest: str) -> Principal:
        with self._store.read() as session:
            row = session.scalar(select(Device).where(Device.cookie_sha256 == digest, Device.revoked_at.is_(None)))
            return of_device(row) if row else ANYBODY

    def _find_staff(self, staff_id: int) -> Principal:
        with self._store.read() as session:
            row = session.scalar(select(Staff).where(Staff.id == staff_id, Staff.disabled_at.is_(None)))
            return of_staff(row) if row else ANYBODY
