"""A centre in a few lines, over real HTTP and by the same core.wire: what it holds is plain to see, and its faults are on order."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from core import phone, wire
from core.clock import now_utc
from core.workdays import Calendar
from intake.tramite import tramite_to_json
from intake.tupa import parse_tupa
from tests.databases import free_port

DATA = Path(__file__).resolve().parents[2] / "data"
SECRET = "K7Q4M2XD"


class StandIn:
    """`answering` False drops every request before reading; `lose_replies` holds the batch and answers nothing."""

    def __init__(self, clock: Callable[[], datetime] = now_utc) -> None:
        self.key, self.clock = wire.new_key(), clock
        self.seed = phone.seed_of(self.key.private_bytes_raw())
        self.epoch, self.answering, self.lose_replies = 1, True, 0
        self.events: dict[tuple[int, int], wire.Event] = {}
        self.files: dict[str, bytes] = {}
        self.pieces: list[wire.AttachmentPiece] = []
        self.forks: list[wire.Event] = []
        self.batches: list[wire.Batch] = []
        self.lease: wire.Lease | None = None
        self.numbers = 500
        self.confirmations: list[wire.Confirmation] = []
        self.suspension: wire.Suspension | None = None
        self.frozen: wire.Frozen | None = None
        self.offered_lease: wire.Lease | None = None
        self.quarantined: tuple[wire.Quarantined, ...] = ()
        self.verification: wire.Verification | None = None
        self.stationery: Any = None  # a wire.Stationery, true or not
        self.logo = ""
        self.encodings: list[tuple[int, str]] = []  # of each body as it came: its bytes, how it was packed
        self.news: list[wire.CureNews | wire.ValijaNews] = []
        self.tracked: dict[tuple[str, str], dict[str, Any]] = {}  # by number and key
        self.catalogue = make_catalogue()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = free_port()  # it goes and comes back

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def code(self) -> str:
        return wire.pairing_code(SECRET, wire.public_text(self.key))

    def start(self) -> None:
        centre = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                centre.encodings.append((len(body), self.headers.get("Content-Encoding", "")))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if not centre.answering:
                    self.close_connection = True
                    return
                answer = centre.receive(self.path, json.loads(body))
                if centre.lose_replies:
                    centre.lose_replies -= 1
                    self.close_connection = True
                    return
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                if not centre.answering:
                    self.close_connection = True
                    return
                number, _, key = self.path.rpartition("/")[2].partition("?key=")
                told = centre.tracked.get((number, key))
                data = json.dumps(told or {"detail": "El número y la clave no coinciden."}).encode()
                self.send_response(200 if told else 404)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None: ...

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Off; `start` brings it back at the same address with what it held."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def receive(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if path.endswith("/emparejamientos"):
                return self._pair(wire.PairingRequest.model_validate(body))
            sealed = wire.Sealed.model_validate(body)
            assert self.lease is not None
            if path.endswith("/adjuntos"):
                return self._take_piece(wire.open_sealed(self.lease.device_key, sealed, wire.AttachmentPiece))
            if path.endswith("/recuperaciones"):
                return self._hand_back(wire.open_sealed(self.lease.device_key, sealed, wire.PullRequest))
            batch = wire.open_sealed(self.lease.device_key, sealed, wire.Batch)
            self.batches.append(batch)
            return self._reply(batch)

    def _pair(self, asked: wire.PairingRequest) -> dict[str, Any]:
        assert asked.secret == SECRET
        now = self.clock()
        self.lease = make_lease(asked.device_key, now=now, numbers=self.numbers)
        answer = wire.PairingAnswer(
            nonce=asked.nonce,
            cabina="C01",
            centre_key=wire.public_text(self.key),
            centre_epoch=self.epoch,
            lease=wire.seal(self.key, self.lease),
            catalogue=wire.seal(self.key, self.catalogue),
            now=now,
        )
        return wire.seal(self.key, answer).plain()

    def _reply(self, batch: wire.Batch) -> dict[str, Any]:
        for event in batch.events:
            place = (event.header.epoch, event.header.seq)
            held = self.events.setdefault(place, event)
            if held.hash != event.hash:
                self.forks.append(event)
                self.frozen = wire.Frozen(epoch=place[0], seq=place[1], reason="dos historias distintas")
        accepted = {
            event.payload["confirmation"]["body"]["id"]
            for event in self.events.values()
            if event.payload["kind"] == "confirmacion_aceptada"
        }
        asked = self.events.get((batch.epoch, batch.asked_seq))
        reply = wire.BatchReply(
            nonce=batch.nonce,
            asked_held=asked is not None and asked.hash == batch.asked_hash,
            now=self.clock(),
            centre_epoch=self.epoch,
            epoch=batch.epoch,
            last_seq=self.last_seq(batch.epoch),
            frozen=self.frozen,
            quarantined=self.quarantined,
            lease=wire.seal(self.key, self.offered_lease) if self.offered_lease else None,
            catalogue=wire.seal(self.key, self.catalogue)
            if batch.catalogue_version != self.catalogue.version
            else None,
            codes=self.codes_for(batch),
            suspension=wire.seal(self.key, self.suspension) if self.suspension else None,
            verification=wire.seal(self.key, self.verification) if self.verification else None,
            stationery=wire.seal(self.key, self.stationery) if self._differs(batch) else None,
            logo=self.logo if self._differs(batch) else "",
            confirmations=tuple(wire.seal(self.key, word) for word in self.confirmations if word.id not in accepted),
            news=tuple(each.plain() for each in self.news[batch.news_after :][: wire.MAX_NEWS]),
            news_last=min(len(self.news), batch.news_after + wire.MAX_NEWS),
        )
        return wire.seal(self.key, reply).plain()

    def _differs(self, batch: wire.Batch) -> bool:
        return self.stationery is not None and batch.stationery_version != self.stationery.version

    def _take_piece(self, sent: wire.AttachmentPiece) -> dict[str, Any]:
        self.pieces.append(sent)
        whole = next(row["bytes"] for row in self.held("adjunto") if row["sha256"] == sent.sha256)
        here = self.files.get(sent.sha256, b"")
        if sent.offset == len(here):
            here = self.files[sent.sha256] = here + sent.piece
        told = wire.AttachmentHeld(
            nonce=sent.nonce,
            sha256=sent.sha256,
            held=len(here),
            whole=len(here) == whole and wire.sha256(here) == sent.sha256,
        )
        return wire.seal(self.key, told).plain()

    def codes_for(self, batch: wire.Batch) -> wire.Sealed[wire.PhoneCodes] | None:
        if not batch.codes_first:
            return None
        slots = range(batch.codes_first, batch.codes_first + 2)
        hashes = tuple(phone.hash_of(self.seed, "C01", batch.codes_epoch, slot) for slot in slots)
        told = wire.PhoneCodes(cabina="C01", epoch=batch.codes_epoch, first=batch.codes_first, hashes=hashes)
        return wire.seal(self.key, told)

    def read_aloud(self, slot: int, centimos: int, *, epoch: int = 1) -> str:
        """What treasury says over the phone."""
        secret = phone.secret_of(self.seed, "C01", epoch, slot)
        return phone.spoken(secret, cabina="C01", epoch=epoch, slot=slot, centimos=centimos)

    def _hand_back(self, asked: wire.PullRequest) -> dict[str, Any]:
        held = [
            event
            for (epoch, seq), event in sorted(self.events.items())
            if epoch == asked.epoch and seq > asked.after_seq
        ]
        return wire.seal(
            self.key, wire.PullReply(nonce=asked.nonce, epoch=asked.epoch, events=tuple(held[:100]))
        ).plain()

    def last_seq(self, epoch: int = 1) -> int:
        """Contiguous held sequence."""
        seq = 0
        while (epoch, seq + 1) in self.events:
            seq += 1
        return seq

    def held(self, kind: str) -> list[dict[str, Any]]:
        """Payloads of a kind in the order they were made."""
        return [event.payload for _, event in sorted(self.events.items()) if event.payload["kind"] == kind]

    def quarantine(self, seq: int, epoch: int = 1) -> None:
        """From now on it says that it could not apply that event."""
        self.quarantined += (wire.Quarantined(epoch=epoch, seq=seq, code="sync.no_aplicable"),)

    def confirm(self, kind: str, subject: str, centimos: int, *, id: str | None = None) -> wire.Confirmation:
        word = wire.Confirmation(
            id=id or f"c-{len(self.confirmations)}",
            cabina="C01",
            kind=kind,  # type: ignore[arg-type]
            subject=subject,
            centimos=centimos,
            by="Carmen Díaz",
            at=self.clock(),
        )
        self.confirmations.append(word)
        return word


def make_lease(device_key: str, *, now: datetime, numbers: int = 500, epoch: int = 1, series: str = "A") -> wire.Lease:
    return wire.Lease(
        cabina="C01",
        epoch=epoch,
        series=series,
        year=now.year,
        first=1,
        last=numbers,
        valid_from=now,
        valid_until=now + timedelta(days=7),
        device_key=device_key,
    )


def make_catalogue(version: str = "1", **convenio: Any) -> wire.Catalogue:
    """The real TUPA and calendar of data/."""
    tupa = parse_tupa((DATA / "tupa.json").read_text())
    calendar = Calendar.parse((DATA / "holidays_pe.csv").read_text())
    rows = tuple(tramite_to_json(entry.tramite) for entry in tupa.entries)
    return wire.Catalogue(
        version=version,
        cabina="C01",
        municipality="Municipalidad Provincial de Cajamarca",
        public_url="http://127.0.0.1:8000",
        demo=True,
        convenio=wire.Convenio(name="Cabina 1", partner="Internet Los Sauces", place="Jr. Amazonas 512", **convenio),
        tupa=(
            wire.TupaVersion(version=tupa.version, valid_from=datetime(2026, 1, 1, tzinfo=UTC).date(), tramites=rows),
        ),
        calendar=wire.CalendarPart.of(calendar),
    )
