"""What nobody should have to remember at a till: whom to call is kept beside the database, answers kept for repeated requests are
forgotten after their 48 hours, the database is copied every day, once a month the newest copy is tried, and attachments that the
centre has are kept some days more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlcipher3 import dbapi2 as sqlcipher

from cabinas.attachments.actions import mark_gone
from cabinas.attachments.queries import kept_long_enough
from cabinas.base import replies
from cabinas.copies import copies, fault_of, make_copy
from cabinas.guide.whom import keep, whom
from cabinas.sync.models import Condition
from core.clock import now_utc
from storage import Store, StoreError
from storage.contents import path_of
from storage.idempotency import MAX_PURGED, purge
from web.serving import own_thread

EVERY_S = 3600.0
COPY_EVERY, DRILL_EVERY = timedelta(hours=20), timedelta(days=30)  # 20 h: a till that opens each day copies each day

NOT_COPIED = "no se pudo copiar en {}: {}"

log = logging.getLogger(__name__)


class UpkeepLoop:
    """`copies_dir` is where copies go, `files_dir` where attachments are; no path, nothing done there (a test)."""

    def __init__(
        self,
        store: Store,
        database: Path | None = None,
        copies_dir: Path | None = None,
        files_dir: Path | None = None,
        attachment_days: int = 30,
    ):
        self._store, self._database, self._copies_dir = store, database, copies_dir
        self._files_dir, self._attachments_kept = files_dir, timedelta(days=attachment_days)
        self._in_thread = own_thread()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            done = 0
            try:
                done = self._store.write(purge, replies, now=now_utc())
                if self._database:
                    keep_whom(self._store, self._database.parent)
                if self._database and self._copies_dir:
                    keep_copies(self._store, self._database, self._copies_dir, now=now_utc(), run=self._in_thread)
                if self._files_dir:
                    before = now_utc() - self._attachments_kept
                    forget_files(self._store, self._files_dir, before=before, now=now_utc(), run=self._in_thread)
            except (StoreError, OSError) as error:
                log.warning("upkeep: %s", error)
            if done < MAX_PURGED:
                self._stopped.wait(EVERY_S)


def keep_whom(store: Store, folder: Path) -> None:
    """Raises OSError."""
    with store.read() as session:
        known = whom(session)
    keep(known, folder)


def keep_copies(
    store: Store,
    database: Path,
    folder: Path,
    *,
    now: datetime,
    run: Callable[..., Any] = lambda call, *args: call(*args),
) -> None:
    """A copy when the last is old, and a drill when the last is; what came of it is told on the till's pages. `run(call, *args)`
    says in which thread the disk is waited for."""
    with store.read() as session:
        last = session.execute(select(Condition.copied_at, Condition.drilled_at, Condition.copy_problem)).one()
    if last.copied_at is not None and not folder.exists():
        # made anew it would be on the disk of the PC itself, under the place where the USB belongs
        store.write(note_copy, NOT_COPIED.format(folder, "la carpeta no está; conecte el disco"), now=now)
        return
    failed = last.copy_problem.startswith(NOT_COPIED.partition("{")[0])
    if failed or last.copied_at is None or not timedelta() <= now - last.copied_at < COPY_EVERY:
        try:
            run(make_copy, database, folder, now)
            store.write(note_copy, "", now=now)
        except (OSError, sqlcipher.Error) as error:
            log.warning("copy: %s", error)
            store.write(note_copy, NOT_COPIED.format(folder, error), now=now)
            return
    if last.drilled_at is None or not timedelta() <= now - last.drilled_at < DRILL_EVERY:
        newest = next(iter(copies(folder)), None)
        fault = run(fault_of, newest.path) if newest else "no hay copias"
        store.write(note_drill, f"la copia no serviría: {fault}" if fault else "", now=now)


def forget_files(
    store: Store,
    folder: Path,
    *,
    before: datetime,
    now: datetime,
    run: Callable[..., Any] = lambda call, *args: call(*args),
) -> int:
    """Remove from the disk attachments that the centre has had whole since before `before`; how many. Copies hold none."""
    with store.read() as session:
        hashes = kept_long_enough(session, before)
    for sha256 in hashes:
        run(path_of(folder, sha256).unlink, True)
    if hashes:
        store.write(mark_gone, hashes, now=now)
    return len(hashes)


def note_copy(session: Session, problem: str, *, now: datetime) -> None:
    """A failure leaves the hour of the last good copy as it was."""
    values = {"copy_problem": problem} if problem else {"copy_problem": "", "copied_at": now}
    session.execute(update(Condition).values(values))


def note_drill(session: Session, problem: str, *, now: datetime) -> None:
    session.execute(update(Condition).values(copy_problem=problem, drilled_at=now))
