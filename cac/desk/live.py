"""What screens, phones and staff pages hear without asking, over Socket.IO.

`/salas`: the whole board on each change, and a heartbeat; `/turnos`: one ticket, for whoever holds its token; `/panel`: word
to staff pages that their queue changed. A board is sent after the answer, in the background; while one is being sent further
changes become a single next one. A call goes out at once, a longer queue waits a moment for more of the same."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from time import monotonic
from typing import Any

from flask import Flask, request
from flask_socketio import ConnectionRefusedError, Namespace, SocketIO, emit, join_room
from gevent import monkey

from cac.access.actions import seen
from cac.access.identify import Identity, device_cookie
from cac.access.roles import PANTALLA, may
from cac.desk import queries
from cac.desk.signals import listen
from core.clock import LIMA, now_utc
from core.errors import NotFound
from storage import Store
from web.access import ANYBODY, Principal
from web.settings import Settings

HEARTBEAT_S = 3.0
QUEUE_EVERY_S = 0.25  # at most so often a board is sent of which only the queue changed
SILENT_S = 10.0  # a heartbeat older than this: the process is not live
MAX_PHONES = 5_000
SEEN_EVERY_S = 12.0  # how often the devices that listen are noted as alive
SALAS, TURNOS, PANEL = "/salas", "/turnos", "/panel"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """Whoever listens, and by what right: asked again at each heartbeat, so that a revoked one is cut off."""

    namespace: str
    sala: str | None
    token: str = ""
    cookie: str = ""
    staff_id: int = 0
    phone: str = ""
    screen: bool = False
    device_id: int = 0


@dataclass(slots=True)
class Sent:
    """What a room was last told."""

    etag: str = ""
    seq: int = -1
    at: float = 0.0


class Live:
    """The real-time side of one server process."""

    def __init__(self, app: Flask, store: Store, identity: Identity, *, redis_url: str = ""):
        mode = "gevent" if monkey.is_module_patched("socket") else "threading"
        self.socketio = SocketIO(
            app, async_mode=mode, message_queue=redis_url or None, channel="cac", manage_session=False, logger=False
        )
        self._store, self.identity, self._shared = store, identity, bool(redis_url)
        self.connections: dict[tuple[str, str], Connection] = {}
        self._sent: dict[str, Sent] = {}
        self._told: dict[str, str] = {}  # what each phone last heard
        self._dirty: dict[str, bool] = {}
        self._wake = threading.Event()
        self._started, self._beat_at, self._seen_at = threading.Lock(), 0.0, 0.0
        for namespace in (Salas(SALAS, self), Turnos(TURNOS, self), Panel(PANEL, self)):
            self.socketio.on_namespace(namespace)
        listen(self.changed)

    def health(self) -> dict[str, Any]:
        silent = bool(self.connections) and monotonic() - self._beat_at > SILENT_S
        if silent:
            return {"ok": False, "reason": "el latido de las pantallas se detuvo"}
        return {"ok": True, "connections": len(self.connections)}

    def changed(self, sala: str, call: bool) -> None:
        """The sala's queue changed; told by the verb that changed it, once durable."""
        if self._beat_at:
            self._dirty[sala] = self._dirty.get(sala, False) or call
            self._wake.set()

    def add(self, sid: str, connection: Connection) -> None:
        self.connections[connection.namespace, sid] = connection
        if self._started.acquire(blocking=False):
            self._beat_at = monotonic()
            self.socketio.start_background_task(self._publish_loop)
            self.socketio.start_background_task(self._beat_loop)

    def remove(self, namespace: str, sid: str) -> None:
        gone = self.connections.pop((namespace, sid), None)
        if gone and gone.phone and not any(other.phone == gone.phone for other in self.connections.values()):
            self._told.pop(gone.phone, None)

    def screens(self, sala: str) -> int | None:
        """Screens of a sala that listen now; None when other processes may have some of them."""
        if self._shared:
            return None
        return sum(connection.screen and connection.sala == sala for connection in self.connections.values())

    def board(self, sala: str) -> dict[str, Any]:
        now = now_utc()
        with self._store.read() as session:
            return queries.board_of(session, sala, now=now).as_json(now.astimezone(LIMA))

    def turn(self, token: str) -> dict[str, Any] | None:
        with self._store.read() as session:
            return queries.followed_ticket(session, token, now=now_utc())

    def _publish_loop(self) -> None:
        patience: float | None = None
        while True:
            self._wake.wait(patience)
            self._wake.clear()
            for sala, call in list(self._dirty.items()):
                if call or self._early(sala) <= 0:
                    del self._dirty[sala]
                    self._attempt(self.publish, sala)
            patience = min((max(self._early(sala), 0.0) for sala in self._dirty), default=None)

    def _early(self, sala: str) -> float:
        """Seconds until a change of the queue alone may be sent to `sala` again."""
        return QUEUE_EVERY_S - (monotonic() - self._sent.setdefault(sala, Sent()).at)

    def publish(self, sala: str, *, here: bool = False) -> None:
        """Tell whoever listens to `sala` how it stands. `here`: only this process's own listeners, of what another changed."""
        sent, now = self._sent.setdefault(sala, Sent()), now_utc()
        with self._store.read() as session:
            board = queries.board_of(session, sala, now=now)
        before, news = sent.seq, board.etag() != sent.etag
        sent.etag, sent.seq, sent.at = board.etag(), board.seq, monotonic()
        if news:
            self.socketio.emit(
                "tablero", board.as_json(now.astimezone(LIMA)), namespace=SALAS, to=sala, ignore_queue=here
            )
        if news or not here:
            self._tell_phones(sala, before, here=here)
            self._tell_staff(sala, board.seq, here=here)

    def _tell_staff(self, sala: str, seq: int, *, here: bool) -> None:
        self.socketio.emit("cola", {"sala": sala, "seq": seq}, namespace=PANEL, to=sala, ignore_queue=here)

    def _tell_phones(self, sala: str, seq: int, *, here: bool) -> None:
        """Those just called, wherever they listen; and every phone of this process whose place changed."""
        mine = {connection.phone for connection in self.connections.values() if connection.phone}
        with self._store.read() as session:
            now = now_utc()
            called = queries.tokens_called_after(session, sala, seq) if seq >= 0 else []
            line = queries.line_of(session, sala, now=now) if mine else None
            turns = {
                token: queries.followed_ticket(session, token, now=now, line=line)
                for token in dict.fromkeys((*called, *mine))
            }
        for token, turn in turns.items():
            if turn is not None and turn["sala"] == sala:
                self._tell_phone(token, turn, here=here)

    def _tell_phone(self, token: str, turn: dict[str, Any], *, here: bool) -> None:
        text = json.dumps(turn, sort_keys=True)
        if self._told.get(token) != text:
            if any(connection.phone == token for connection in self.connections.values()):
                self._told[token] = text
            self.socketio.emit("turno", turn, namespace=TURNOS, to=token, ignore_queue=here)

    def _beat_loop(self) -> None:
        while True:
            self._attempt(self.beat)
            self.socketio.sleep(HEARTBEAT_S)

    def beat(self) -> None:
        """The heartbeat of each room; then whatever another process changed, and whoever may no longer listen."""
        self._beat_at = monotonic()
        for sala in {connection.sala for connection in self.connections.values() if connection.sala}:
            self.publish(sala, here=True)
            beat = {"seq": self._sent[sala].seq, "now": now_utc().astimezone(LIMA).isoformat()}
            self.socketio.emit("latido", beat, namespace=SALAS, to=sala, ignore_queue=True)
        self._note_devices()
        for (namespace, sid), connection in list(self.connections.items()):
            if not connection.phone and self._principal(connection) is ANYBODY:
                self.remove(namespace, sid)
                self.socketio.server.disconnect(sid, namespace=namespace)

    def _note_devices(self) -> None:
        devices = sorted({connection.device_id for connection in self.connections.values() if connection.device_id})
        if devices and monotonic() - self._seen_at > SEEN_EVERY_S:
            self._seen_at = monotonic()
            self._store.write(seen, devices, now=now_utc())

    def _principal(self, connection: Connection) -> Principal:
        if connection.token:
            return self.identity.of_token(connection.token)
        if connection.staff_id:
            return self.identity.of_staff_id(connection.staff_id)
        return self.identity.of_cookie(connection.cookie)

    def _attempt(self, work: Any, *args: Any) -> None:
        try:
            work(*args)
        except Exception:  # screens must go on whatever one of them met
            log.exception("real time: %s failed", work.__name__)


class LiveNamespace(Namespace):
    def __init__(self, name: str, live: Live):
        super().__init__(name)
        self.live = live

    def on_disconnect(self, *_reason: Any) -> None:
        self.live.remove(self.namespace, request.sid)  # type: ignore[attr-defined]

    def admit(self, auth: Any, permission: str) -> tuple[Principal, Connection]:
        """Who connects: a token in `auth`, a signed-in person, a paired device. Raises ConnectionRefusedError."""
        given = auth if isinstance(auth, dict) else {}
        token = str(given.get("token") or "")
        identity = self.live.identity
        screen = ANYBODY if token or self.namespace != SALAS else identity.of_device(PANTALLA)
        principal = identity.of_token(token) if token else screen if screen is not ANYBODY else identity.of_request()
        sala = str(given.get("sala") or principal.sala or "") or None
        if principal is ANYBODY:
            raise ConnectionRefusedError("acceso.sin_identificar")
        if not may(principal.role, permission) or (principal.sala and sala != principal.sala):
            raise ConnectionRefusedError("acceso.negado")
        staff_id = principal.id if principal.kind == "staff" else 0
        cookie = "" if token or staff_id else request.cookies.get(device_cookie(PANTALLA), "")
        return principal, Connection(
            self.namespace,
            sala,
            token=token,
            cookie=cookie,
            staff_id=staff_id,
            screen=principal.role == PANTALLA,
            device_id=principal.id if principal.kind == "device" else 0,
        )


class Salas(LiveNamespace):
    """Screens: the whole board, never a person's data."""

    def on_connect(self, auth: Any = None) -> None:
        _, connection = self.admit(auth, "board.read")
        if connection.sala is None:
            raise ConnectionRefusedError("sala.no_existe")
        join_room(connection.sala)  # before it is read: what changes from here on is told
        try:
            board = self.live.board(connection.sala)
        except NotFound as unknown:
            raise ConnectionRefusedError(unknown.code) from None
        self.live.add(request.sid, connection)  # type: ignore[attr-defined]
        emit("tablero", board)


class Turnos(LiveNamespace):
    """Phones: whoever holds a ticket's token hears of that ticket and of no other."""

    def on_connect(self, auth: Any = None) -> None:
        token = str(auth.get("turno") or "") if isinstance(auth, dict) else ""
        turn = self.live.turn(token) if token and len(self.live.connections) < MAX_PHONES else None
        if turn is None:
            raise ConnectionRefusedError("ticket.no_existe")
        join_room(token)
        self.live.add(request.sid, Connection(TURNOS, turn["sala"], phone=token))  # type: ignore[attr-defined]
        emit("turno", self.live.turn(token))  # read once more: what changed before it joined was told to nobody


class Panel(LiveNamespace):
    """Staff pages: that the queue of their sala changed; they ask for what they show."""

    def on_connect(self, auth: Any = None) -> None:
        _, connection = self.admit(auth, "staff")
        sala = connection.sala or self._first_sala()
        join_room(sala)
        self.live.add(request.sid, Connection(PANEL, sala, connection.token, connection.cookie, connection.staff_id))  # type: ignore[attr-defined]

    def _first_sala(self) -> str:
        with self.live._store.read() as session:
            return str(queries.find_sala(session, None).code)


def go_live(app: Flask, store: Store, settings: Settings) -> Live:
    """Give the application its real-time side; its threads start with the first connection."""
    live = Live(app, store, app.extensions["identity"], redis_url=settings.redis_url)
    app.extensions["live"], app.extensions["health.live"] = live, live.health
    return live
