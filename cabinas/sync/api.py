"""`/api/v1/sync` of the till."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from cabinas.sync.queries import losses, sync_state
from cabinas.sync.words import lost_words, state_of
from cabinas.till import till
from web.access import requires
from web.api import store

bp = APIBlueprint("sync_api", __name__, url_prefix="/api/v1", tag="Sincronización")


@bp.get("/sync")
@requires("caja")
def get_sync() -> dict[str, Any]:
    """Cómo va la conversación con el centro."""
    with store().read() as session:
        seen, gone = sync_state(session), losses(session)
    answer = {
        "state": state_of(seen, till().sync),
        "pending": seen.pending,
        "last_seq": seen.last_seq,
        "last_ok_at": seen.last_ok_at and seen.last_ok_at.isoformat(),
        "clock_offset_s": seen.clock_offset_s,
        "quarantined": seen.quarantined,
        "lost": [lost_words(loss) for loss in gone if loss.open],
        "lost_settled": [lost_words(loss) for loss in gone if not loss.open],
        "history_pending": seen.behind,
    }
    return answer | ({"frozen": seen.frozen} if seen.frozen else {})
