"""What every JSON endpoint and every form shares: bodies that validate, and a POST that repeats safely."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import current_app, request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Table
from werkzeug.datastructures import FileStorage

from core.clock import now_utc
from core.errors import Rejected
from storage import Store
from storage.idempotency import once
from web.access import current_principal

MAX_KEY = 120


class ApiModel(BaseModel):
    """A request or answer body. Unknown fields are ignored; use StrictInt and StrictBool, so that a wrong type is a 422."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class KeyMissing(Rejected):
    code, status, title = "idempotencia.falta", 400, "Falta la clave de repetición"
    detail = "Envíe la cabecera Idempotency-Key con un valor propio de esta operación; repita el mismo si reintenta."


class KeyTooLong(KeyMissing):
    detail = f"La cabecera Idempotency-Key admite hasta {MAX_KEY} caracteres."


def store() -> Store:
    """The store of the running application."""
    found: Store = current_app.extensions["store"]
    return found


def write_once(verb: Callable[..., Any], *args: Any, **kw: Any) -> Any:
    """`store.write(verb, ...)` under this request's idempotency key: the first answer is a row of the verb's own
    transaction and is given again for 48 h. The verb returns JSON data; None is not kept, so it may be asked again.

    The key is the header `Idempotency-Key`, or the form field `_key` of a page."""
    key = request.headers.get("Idempotency-Key") or request.form.get("_key", "")
    if not key:
        raise KeyMissing()
    if len(key) > MAX_KEY:
        raise KeyTooLong()
    table: Table = current_app.extensions["replies"]
    return store().write(
        once,
        table,
        scope=f"{current_principal().key} {request.method} {request.path}",
        key=key,
        request_hash=request_hash(),
        now=now_utc(),
        verb=verb,
        args=args,
        kwargs=kw,
    )


def request_hash() -> str:
    """SHA-256 of what was asked: the same JSON in another order or spacing is the same request."""
    if request.is_json:
        body = json.dumps(request.get_json(silent=True), sort_keys=True, separators=(",", ":"))
    elif request.form or request.files:
        fields = sorted(
            (name, value) for name, value in request.form.items(multi=True) if name not in ("_key", "csrf_token")
        )
        body = json.dumps([fields, [(name, *_told(file)) for name, file in request.files.items(multi=True)]])
    else:
        body = request.get_data(as_text=True)
    return hashlib.sha256(body.encode()).hexdigest()


def _told(file: FileStorage) -> tuple[str | None, str]:
    """A file's name and its content's hash: another scan under the same name is another request."""
    file.stream.seek(0)
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # seekable, in memory or on disk
    file.stream.seek(0)
    return file.filename, digest
