"""What arrives, before any route reads it: a body that may be left out, nesting and numbers with a limit."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map

from storage.types import MAX_INTEGER


class ApiRequest(Request):
    def get_json(self, *args: Any, **kw: Any) -> Any:
        """As Flask's; a body nested deeper than any reader goes is malformed, not a fault of ours."""
        try:
            return super().get_json(*args, **kw)
        except RecursionError:
            raise BadRequest() from None

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """No body at all says nothing: where every field may be absent that is enough, elsewhere each is named as missing."""
        return super().on_json_loading_failed(e) if self.get_data() else {}


class RowNumber(IntegerConverter):
    """`<int:…>` of an address: a number that no row can have is no address."""

    def __init__(self, map: Map):
        super().__init__(map, max=MAX_INTEGER)


def read_requests(app: Flask) -> None:
    """Before any route is added."""
    app.request_class = ApiRequest
    app.url_map.converters["int"] = RowNumber
