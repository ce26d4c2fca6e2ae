"""The centre exactly as `run.py serve` runs it, with one bare route beside it: the floor of the same server.

`python -m bench.server` serves CAC_DATA_DIR on a free port and prints its address."""

from gevent import monkey

monkey.patch_all()

from apiflask import APIFlask  # noqa: E402 - after the patch

import run  # noqa: E402
from cac.serve import read_settings, serve_centre  # noqa: E402
from core.clock import now_utc  # noqa: E402
from storage import Store  # noqa: E402
from web.access import public  # noqa: E402
from web.settings import Settings  # noqa: E402


@public
def bare() -> dict[str, bool]:
    """Nothing but the way in and out."""
    return {"ok": True}


def add_bare_route(app: APIFlask, store: Store, settings: Settings) -> None:
    app.add_url_rule("/api/v1/bench", "bench.bare", bare, methods=["POST"])


if __name__ == "__main__":
    serve_centre(read_settings(port=0), [*run.EXTENSIONS, add_bare_route], tls=False, now=now_utc())
