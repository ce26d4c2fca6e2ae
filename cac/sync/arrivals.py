"""An event as it arrives, looked at once before the writer sees it. Pure: signatures and shapes, no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import wire
from core.wire import Event, Payload, WireError

MAX_TOLD = 300  # characters of a detail
MAX_CLAIMED = 40  # characters of a number or key that an event claims


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event is held and not applied."""

    code: str
    detail: str

    @classmethod
    def of(cls, error: Exception) -> Refusal:
        code = str(getattr(error, "code", ""))
        ours = "." in code  # SQLAlchemy's errors have a code too
        return cls(code if ours else "sync.no_aplicable", _clean(str(error) or type(error).__name__, MAX_TOLD))


@dataclass(frozen=True, slots=True)
class Arrival:
    event: Event
    hash: str
    text: str  # canonical JSON, as it is kept
    fact: Payload | None  # None: refused
    refusal: Refusal | None = None

    @property
    def seq(self) -> int:
        return self.event.header.seq

    def told(self, name: str) -> str | None:
        """A text the payload claims, true or not."""
        value = self.event.payload.get(name)
        return _clean(value, MAX_CLAIMED) if isinstance(value, str) else None


def read(event: Event, *, cabina: str, epoch: int, device_key: str, centre_key: str) -> Arrival:
    """Check an event's signature, place and payload; what is wrong with it is a Refusal, never an error."""
    text, fact = wire.canonical(event.plain()).decode(), None
    try:
        if (event.header.cabina, event.header.epoch) != (cabina, epoch):
            raise wire.BadPayload(f"es de {event.header.cabina} época {event.header.epoch}")
        wire.check_event(event, device_key=device_key)
        if len(text.encode()) > wire.MAX_EVENT_BYTES:
            raise wire.TooLarge("un solo hecho es demasiado grande")
        fact = wire.parse_payload(event.payload)
        if isinstance(fact, wire.ConfirmationAccepted):
            wire.open_sealed(centre_key, fact.confirmation, wire.Confirmation)
        if isinstance(fact, wire.LiquidacionAccepted):
            wire.open_sealed(centre_key, fact.liquidacion, wire.Liquidacion)
    except WireError as error:
        return Arrival(event, event.hash, text, None, Refusal.of(error))
    return Arrival(event, event.hash, text, fact)


def unheld(events: Sequence[Event], held: dict[int, str]) -> list[Event]:
    """Those not yet held under their own hash: a batch sent again costs no more than its look-up. In sequence order."""
    return sorted(
        (event for event in events if held.get(event.header.seq) != event.hash), key=lambda event: event.header.seq
    )


def _clean(text: str, limit: int) -> str:
    """What any database keeps: a hostile text must not undo its own quarantine."""
    return "".join(letter for letter in text if letter.isprintable())[:limit]
