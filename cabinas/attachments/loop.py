"""The loop that sends attachments: after the data, piece by piece, going on from what the centre holds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cabinas.attachments import actions, queries
from cabinas.device import Device
from cabinas.enrolment.queries import NotPaired, terms
from cabinas.outbox import queries as outbox
from cabinas.sync.client import LinkDown, Talk
from cabinas.sync.loop import backoff_s
from core.clock import now_utc
from core.wire import MAX_PIECE_BYTES, AttachmentPiece
from storage import Store, StoreError
from storage.contents import path_of

LOOK_EVERY_S = 5.0  # whether there is something to send
PIECE_BYTES_MIN, PIECE_BYTES_FIRST = 16_000, 64_000

log = logging.getLogger(__name__)


class AttachmentLoop:
    """`sent` tells how many bytes of a file the centre had when it last said so: for people, and forgotten at the end."""

    def __init__(
        self, store: Store, device: Device, *, talk: Talk, folder: Path, clock: Callable[[], datetime] = now_utc
    ):
        self._store, self._device, self._talk, self._folder, self._clock = store, device, talk, folder, clock
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._piece_bytes = PIECE_BYTES_FIRST
        self.sent: dict[str, int] = {}

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="attachments", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(5)
        self._talk.close()

    def exchange(self) -> bool:
        """One piece of the oldest file, or the question how far it is; True when there is more to send at once.

        A piece grows while the link bears it and halves when it fails. Raises LinkDown, NotPaired, StoreError."""
        with self._store.read() as session:
            held = terms(session)
            row = None if outbox.pending(session) else queries.next_to_send(session)
        if row is None:
            return False
        offset = self.sent.get(row.sha256)
        try:
            piece = b"" if offset is None else self._read(row.sha256, offset)
        except FileNotFoundError:  # it was removed once the centre had it, and the centre was put back from before
            self._store.write(actions.mark_lost, row.sha256, now=self._clock())
            self.sent.pop(row.sha256, None)
            return True
        asked = AttachmentPiece.of(held.lease.cabina, sha256=row.sha256, offset=offset or 0, piece=piece)
        try:
            told = self._talk.send_piece(
                asked, centre_url=held.identity.centre_url, centre_key=held.identity.centre_key
            )
        except LinkDown:
            self._piece_bytes = max(PIECE_BYTES_MIN, self._piece_bytes // 2)
            self.sent.pop(row.sha256, None)  # what arrived of the piece is asked
            raise
        if told.whole:
            self._store.write(actions.mark_whole, row.sha256, now=self._clock())
            self.sent.pop(row.sha256, None)
        else:
            self.sent[row.sha256] = told.held
            if piece:
                self._piece_bytes = min(MAX_PIECE_BYTES, self._piece_bytes * 2)
        return True

    def _read(self, sha256: str, offset: int) -> bytes:
        with path_of(self._folder, sha256).open("rb") as file:
            file.seek(offset)
            return file.read(self._piece_bytes)

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                more = self.exchange()
                failures = 0
                if not more:
                    self._stopped.wait(LOOK_EVERY_S)
            except (LinkDown, StoreError, NotPaired):
                failures += 1
                self._stopped.wait(backoff_s(failures))
            except Exception:  # a file that cannot be read must not stop the till from trying again
                log.exception("an attachment was not sent")
                failures += 1
                self._stopped.wait(backoff_s(failures))
