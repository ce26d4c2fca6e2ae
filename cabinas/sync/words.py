"""The state of the talk, as a word for programs and a sentence for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cabinas.errors import HistoryOnItsWay
from cabinas.sync.loop import SyncLoop
from cabinas.sync.queries import Loss, SyncState
from core.clock import offset_words
from core.wire import lost_range
from web.filters import hour

CLOCK_OFF_S = 120  # beyond it the hour on the paper misleads


def state_of(seen: SyncState, loop: SyncLoop | None) -> str:
    """`congelada suspendida sin_internet sin_probar enviando al_dia`, the first that holds."""
    if seen.frozen:
        return "congelada"
    if seen.suspended:
        return "suspendida"
    if loop is not None and loop.failing_since is not None:
        return "sin_internet"
    if loop is None or not loop.tried:
        return "sin_probar"
    return "enviando" if seen.pending else "al_dia"


def link_words(seen: SyncState, loop: SyncLoop | None) -> str:
    """For the till's bar. No link is an ordinary day."""
    if loop is not None and loop.failing_since is not None:
        return f"Sin internet desde las {hour(loop.failing_since)}"
    if loop is None or not loop.tried:
        return "Buscando internet…"
    return "Enviando al centro" if seen.pending else "Con internet"


def last_ok_words(last_ok_at: datetime | None, now: datetime) -> str:
    """ "última sincronización hace 3 min"."""
    if last_ok_at is None:
        return "todavía no hubo sincronización"
    minutes = max(0, int((now - last_ok_at).total_seconds() // 60))
    if minutes < 1:
        return "última sincronización hace un momento"
    if minutes < 60:
        return f"última sincronización hace {minutes} min"
    if minutes < 48 * 60:
        return f"última sincronización hace {minutes // 60} h"
    return f"última sincronización hace {minutes // (24 * 60)} días"


def history_words(seen: SyncState) -> str:
    """Why this PC does not file yet; empty when it may."""
    return HistoryOnItsWay.detail if seen.behind else ""


def held_words(seen: SyncState) -> str:
    """What the centre has and could not apply, in one sentence; empty when there is nothing."""
    count = seen.quarantined
    if not count:
        return ""
    what = "1 hecho de esta caja" if count == 1 else f"{count} hechos de esta caja"
    return f"El centro tiene {what} en verificación: llegó y una persona lo revisa allá. Los papeles que entregó valen; siga trabajando."


def lost_words(loss: Loss) -> str:
    """What was lost before it was sent, and what to do; once all is accounted for, that it is."""
    told = f"serie {loss.series}: {lost_range(loss.first, loss.last)}"
    if not loss.open:
        return f"{told}; en el CAC ya está resuelto"
    left = "" if loss.open == loss.last - loss.first + 1 else f", {_still(loss.open)}"
    return f"{told}{left}; búsquelos en su papel"


def lost_notes(losses: Sequence[Loss]) -> list[str]:
    """For the till's page: what nobody has accounted for yet."""
    what = (
        "Llame al CAC con los papeles que tenga de esas horas: con el recibo de cada persona se reconstruye su trámite."
    )
    return [f"S{lost_words(loss)[1:]}. {what}" for loss in losses if loss.open]


def _still(count: int) -> str:
    return "falta 1" if count == 1 else f"faltan {count}"


def clock_words(seen: SyncState) -> str:
    """Whether this PC's clock is off by what the centre says; empty when it is not, or nobody has said."""
    offset = seen.clock_offset_s
    if offset is None or abs(offset) <= CLOCK_OFF_S:
        return ""
    return f"El reloj de esta PC está {offset_words(offset)} según el centro. Corrija la hora de Windows o Linux."
