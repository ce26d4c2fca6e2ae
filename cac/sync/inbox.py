"""Holding a cabin's events and applying them: once each, in their order, whatever the link repeats, reorders or loses.

A slice of events is one verb: it holds and applies what fits in `SLICE_S` of its transaction, so that a ticket at the kiosk never
waits for a cabin that comes back after a day, nor for nine of them whose slices are committed together. An event held beyond a gap
is applied when the gap is filled: an extorno needs its charge. One that cannot be applied is held all the same, in quarantine, and
blocks none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from sqlalchemy import Table, bindparam, insert, literal_column, select, update
from sqlalchemy.orm import Session

from cac.sync.applying import Place, Rules, apply_or_undo, freeze, quarantine, series_of_epoch
from cac.sync.arrivals import Arrival, Refusal, read
from cac.sync.models import Cabina, CabinSeries, InboxEvent, InboxFork
from core import wire
from storage import spent_s
from storage.prepared import prepared

SLICE_S = 0.012  # of the writer's transaction, all its verbs and its COMMIT; one event is taken in any case

_EVENT: Table = InboxEvent.__table__  # type: ignore[assignment]
_FORK: Table = InboxFork.__table__  # type: ignore[assignment]
_SERIES: Table = CabinSeries.__table__  # type: ignore[assignment]
_MOVES = (
    "held_seq",
    "high_year",
    "high_sequence",
    "frozen_at",
    "frozen_seq",
    "frozen_why",
)  # what events do to a series

_KEEP = prepared(insert(_EVENT).returning(_EVENT.c.id))
_OF_SERIES = (_EVENT.c.cabina_id == bindparam("cabina_id"), _EVENT.c.epoch == bindparam("epoch"))
_HELD = prepared(
    select(_EVENT.c.seq, _EVENT.c.hash).where(*_OF_SERIES, _EVENT.c.seq.between(bindparam("first"), bindparam("last")))
)
_ONE = prepared(select(_EVENT.c.id, _EVENT.c.event).where(*_OF_SERIES, _EVENT.c.seq == bindparam("seq")))
_WAITS = prepared(
    select(_EVENT.c.id)
    .join(_SERIES, (_SERIES.c.cabina_id == _EVENT.c.cabina_id) & (_SERIES.c.epoch == _EVENT.c.epoch))
    .where(*_OF_SERIES, _EVENT.c.seq == _SERIES.c.held_seq + literal_column("1"))
)
_MOVE = prepared(
    update(_SERIES).where(_SERIES.c.id == bindparam("series_id")).values({name: bindparam(name) for name in _MOVES})
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose batch it is and which keys its events are believed by. `flag` says what is wrong with the sender now: its
    events are received all the same. `behind_s`: what to add to the cabin's clock to have the centre's."""

    cabina_id: int
    cabina: str
    epoch: int
    device_key: str
    centre_key: str
    flag: str
    behind_s: int

    def read(self, event: wire.Event) -> Arrival:
        return read(event, cabina=self.cabina, epoch=self.epoch, device_key=self.device_key, centre_key=self.centre_key)


def held_hashes(session: Session, cabina_id: int, epoch: int, seqs: Sequence[int]) -> dict[int, str]:
    """Hash by sequence of what is held between the first and the last of `seqs`."""
    if not seqs:
        return {}
    where = {"cabina_id": cabina_id, "epoch": epoch, "first": min(seqs), "last": max(seqs)}
    return {row.seq: row.hash for row in _HELD(session, where)}


def waits(session: Session, cabina_id: int, epoch: int) -> bool:
    """Whether the next event of the series is held and not applied yet: a gap was filled, then the power went."""
    return _WAITS(session, {"cabina_id": cabina_id, "epoch": epoch}).first() is not None


def take_slice(
    session: Session,
    arrivals: Sequence[Arrival],
    *,
    sender: Sender,
    rules: Rules,
    refused: Mapping[int, Refusal],
    now: datetime,
) -> tuple[int, bool]:
    """Hold the first of `arrivals` and apply what follows without a gap, as much as fits in a slice: (how many were held,
    whether some held event still waits to be applied).

    `refused` names events that undid an earlier try. Raises NotApplied when one more does."""
    return _Slice(session, arrivals, sender=sender, rules=rules, refused=refused, now=now).take()


class _Slice:
    """One verb's work on one series."""

    def __init__(
        self,
        session: Session,
        arrivals: Sequence[Arrival],
        *,
        sender: Sender,
        rules: Rules,
        refused: Mapping[int, Refusal],
        now: datetime,
    ):
        self._until = monotonic() + SLICE_S - spent_s(session)
        self._session, self._arrivals, self._sender, self._refused = session, arrivals, sender, refused
        cabina = session.get_one(Cabina, sender.cabina_id)
        self._series = series_of_epoch(session, cabina.id, sender.epoch)
        session.expunge(self._series)  # every event moves it: its row is written once, at the end of the slice
        self._place = Place(cabina, self._series, rules, now, sender.behind_s)
        self._key = {"cabina_id": cabina.id, "epoch": sender.epoch}
        self._held = held_hashes(session, cabina.id, sender.epoch, [arrival.seq for arrival in arrivals])
        self._fresh: dict[int, tuple[Arrival, int]] = {}  # held by this slice, with their row's id
        self._last_hash = self._hash_of(self._series.held_seq)

    def take(self) -> tuple[int, bool]:
        done = self._take()
        _MOVE(self._session, {"series_id": self._series.id} | {name: getattr(self._series, name) for name in _MOVES})
        return done

    def _take(self) -> tuple[int, bool]:
        done = 0
        for arrival in self._arrivals:
            if done and self._is_over():
                return done, True
            self._hold(arrival)
            done += 1
            if arrival.seq == self._series.held_seq + 1:
                self._apply_next()
        while not (done and self._is_over()):
            if not self._apply_next():
                return len(self._arrivals), False
            done = done or 1
        return len(self._arrivals), self._is_next_held()

    def _is_over(self) -> bool:
        return monotonic() > self._until

    def _is_next_held(self) -> bool:
        seq = self._series.held_seq + 1
        return seq in self._fresh or _ONE(self._session, self._key | {"seq": seq}).first() is not None

    def _hash_of(self, seq: int) -> str:
        if seq == 0:
            return wire.GENESIS
        held: str = _HELD(self._session, self._key | {"first": seq, "last": seq}).first().hash
        return held

    def _hold(self, arrival: Arrival) -> None:
        """Keep the event; in a place already taken, keep it beside as a fork."""
        known = self._held.get(arrival.seq)
        if known is not None:
            if known != arrival.hash:
                self._keep_fork(arrival)
            return
        late = isinstance(arrival.fact, wire.ExpedienteFiled) and arrival.fact.lease_expired
        row = self._key | {
            "seq": arrival.seq,
            "hash": arrival.hash,
            "prev_hash": arrival.event.header.prev_hash,
            "kind": (arrival.told("kind") or "")[:30],
            "event": arrival.text,
            "flag": self._sender.flag or ("vencida" if late else ""),
            "received_at": self._place.now,
        }
        self._held[arrival.seq] = arrival.hash
        self._fresh[arrival.seq] = (arrival, _KEEP(self._session, row).scalar_one())

    def _keep_fork(self, arrival: Arrival) -> None:
        """Another event in a place already taken: never instead of it; the series stops for both."""
        branch = self._key | {"seq": arrival.seq, "hash": arrival.hash}
        seen = select(_FORK.c.id).where(*(_FORK.c[name] == value for name, value in branch.items()))
        if self._session.scalar(seen) is None:
            self._session.execute(insert(_FORK), branch | {"event": arrival.text, "received_at": self._place.now})
        freeze(self._session, arrival.seq, f"dos hechos distintos con el número {arrival.seq}", self._place)

    def _apply_next(self) -> bool:
        """Apply the event after the last applied, if it is held."""
        seq = self._series.held_seq + 1
        if seq in self._fresh:
            self._apply(*self._fresh[seq])
            return True
        row = _ONE(self._session, self._key | {"seq": seq}).first()
        if row is None:
            return False
        self._apply(self._sender.read(wire.Event.model_validate_json(row.event)), row.id)
        return True

    def _apply(self, arrival: Arrival, event_id: int) -> None:
        refusal = arrival.refusal or self._refused.get(arrival.seq)
        if refusal is None and arrival.event.header.prev_hash != self._last_hash:
            refusal = Refusal(wire.BadChain.code, f"el hecho {arrival.seq} no encadena con el anterior")
        if refusal is None:
            apply_or_undo(self._session, arrival, event_id, self._place)
        else:
            quarantine(self._session, arrival, refusal, event_id, self._place)
        self._series.held_seq, self._last_hash = arrival.seq, arrival.hash
