"""The centre exactly as `run.py serve` runs it, with a bare route beside it, the floor of the same server, and one that tells how
long each slice of a cabin's events held the writer.

`python -m bench.server` serves CAC_DATA_DIR on a free port and prints its address."""

from gevent import monkey

monkey.patch_all()

from time import perf_counter  # noqa: E402 - after the patch
from typing import Any  # noqa: E402

from apiflask import APIFlask  # noqa: E402

import run  # noqa: E402
from cac.serve import read_settings, serve_centre  # noqa: E402
from cac.sync import batches  # noqa: E402
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


def time_slices(app: APIFlask, store: Store, settings: Settings) -> None:
    """A transaction with a slice in it, from its beginning to its COMMIT."""
    took: list[float] = []
    in_this_batch: list[bool] = []
    take_slice, commit_together = batches.take_slice, store._commit_together

    def noted(*args: Any, **kw: Any) -> tuple[int, bool]:
        in_this_batch.append(True)
        return take_slice(*args, **kw)

    def timed(batch: list[Any]) -> int:
        in_this_batch.clear()
        began = perf_counter()
        try:
            return commit_together(batch)
        finally:
            if in_this_batch:
                took.append((perf_counter() - began) * 1000)

    @public
    def slices() -> list[float]:
        """In milliseconds, since this was asked last."""
        told = list(took)
        took.clear()
        return told

    batches.take_slice = noted
    store._commit_together = timed  # type: ignore[method-assign]
    app.add_url_rule("/api/v1/bench/slices", "bench.slices", slices)


if __name__ == "__main__":
    serve_centre(read_settings(port=0), [*run.EXTENSIONS, add_bare_route, time_slices], tls=False, now=now_utc())
