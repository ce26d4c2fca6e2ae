"""What the centre does by itself. A feature adds a line; of several processes on one database, one does each."""

from __future__ import annotations

from apiflask import APIFlask

from cac.audit.actions import seal
from cac.audit.reads import EVERY_S as READS_EVERY_S
from cac.audit.reads import ReadLog
from cac.base import loop_leases, replies
from cac.citas.actions import close_agendas
from cac.desk.actions import close_days
from cac.expedientes.actions import lapse_observed
from cac.sync.queries import synced_until
from storage import Store
from storage.idempotency import purge
from storage.loops import Loop, Runner, Task

LOOPS = (
    Loop("audit.seal", 5, lambda session, now: seal(session)),
    Loop("citas.close", 60, close_agendas),
    Loop("desk.close_days", 60, close_days),
    Loop(
        "expedientes.lapse",
        60,
        lambda session, now: lapse_observed(session, now=now, synced_until=synced_until(session)),
    ),
    Loop("replies.purge", 600, lambda session, now: purge(session, replies, now=now)),
)


def make_runner(app: APIFlask, store: Store) -> Runner:
    """The loops of one server process, not yet started. Features that need the app add theirs to `extensions["tasks"]`."""
    reads: ReadLog = app.extensions["reads"]
    own: list[Loop | Task] = [Task("reads.flush", READS_EVERY_S, lambda fence: reads.flush(), leased=False)]
    return Runner(store, loop_leases, [*LOOPS, *own, *app.extensions.get("tasks", ())])
