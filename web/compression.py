"""Our own files, and pages that are of nobody in particular, go compressed to whoever takes it.

A page of somebody signed in goes as it is: what is secret in it could be guessed by the length of what is compressed with it."""

from __future__ import annotations

import gzip

from flask import Flask, Response, g, request

from web.access import ANYBODY

TEXTS = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"})
MIN_BYTES = 600  # less fits one packet anyway
LEVEL = 6
KEPT = (".woff2", "vendor/tabler.svg", "img/propio.svg")  # fonts, which never change, and drawings, whose address does
KEPT_S = 30 * 86_400


def compress(app: Flask) -> None:
    """Add it to `app`; each file is compressed once and kept."""
    kept: dict[str, tuple[str, bytes]] = {}
    usual = app.get_send_file_max_age

    def kept_for(filename: str | None) -> int | None:
        return KEPT_S if filename and filename.endswith(KEPT) else usual(filename)

    app.get_send_file_max_age = kept_for  # type: ignore[method-assign]

    @app.after_request
    def compressed(response: Response) -> Response:
        of_file = request.path.startswith("/static/")
        if response.mimetype not in TEXTS or not (of_file or g.get("principal") is ANYBODY):
            return response
        response.vary.add("Accept-Encoding")
        if response.status_code != 200 or request.method != "GET" or "gzip" not in request.accept_encodings:
            return response
        etag = response.get_etag()[0] or ""
        if of_file and request.path in kept and kept[request.path][0] == etag:
            body = kept[request.path][1]
            response.close()
        else:
            response.direct_passthrough = False
            plain = response.get_data()
            if len(plain) < MIN_BYTES:
                return response
            body = gzip.compress(plain, LEVEL, mtime=0)
            if of_file:
                kept[request.path] = (etag, body)
        response.direct_passthrough = False
        response.set_data(body)
        response.headers["Content-Encoding"] = "gzip"
        if etag:
            response.set_etag(etag, weak=True)  # the same file in another form
        return response
