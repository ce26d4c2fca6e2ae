"""What may happen to a ticket: one table. Everything else about states follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import Conflict


class State(StrEnum):
    WAITING = "en_espera"
    CALLED = "llamado"
    ATTENDED = "en_atencion"
    HELD = "en_pausa"
    ABSENT = "ausente"
    FINISHED = "atendido"
    CANCELLED = "anulado"
    LEFT = "no_atendido_al_cierre"


class Move(StrEnum):
    ISSUE = "emision"
    CALL = "llamado"
    RECALL = "rellamado"
    START = "atencion"
    HOLD = "espera"
    ABSENT = "ausencia"
    RETURN = "retorno"
    FORWARD = "derivacion"
    TAKE = "toma"
    CLASSIFY = "clase"
    CANCEL = "anulacion"
    FINISH = "cierre"
    LEAVE = "no_atendido"


class By(StrEnum):
    """Whose move it is."""

    ANYONE = "cualquiera"  # no ventanilla is needed; if the ticket is at one, only that one
    OWNER = "su_ventanilla"  # the ventanilla that has the ticket
    TAKER = "quien_lo_toma"  # a ventanilla that gets the ticket by this move
    SYSTEM = "sistema"  # the day's end; no person asks for it


OPEN = frozenset({State.CALLED, State.ATTENDED})  # somebody is at the ventanilla, or on the way
OWNED = OPEN | {State.HELD}  # a ventanilla answers for the ticket
OVER = frozenset({State.FINISHED, State.CANCELLED, State.LEFT})


@dataclass(frozen=True, slots=True)
class Rule:
    move: Move
    sources: frozenset[State]
    target: State
    by: By
    shown: bool = False  # the waiting room sees and hears it: it gets a place in the log of calls


RULES = {
    rule.move: rule
    for rule in (
        Rule(Move.CALL, frozenset({State.WAITING}), State.CALLED, By.TAKER, shown=True),
        Rule(Move.RECALL, frozenset({State.CALLED, State.HELD}), State.CALLED, By.OWNER, shown=True),
        Rule(Move.START, frozenset({State.CALLED, State.HELD}), State.ATTENDED, By.OWNER),
        Rule(Move.HOLD, frozenset({State.ATTENDED}), State.HELD, By.OWNER),
        Rule(Move.ABSENT, frozenset({State.CALLED, State.HELD}), State.ABSENT, By.OWNER),
        Rule(Move.RETURN, frozenset({State.ABSENT, State.HELD}), State.WAITING, By.ANYONE),
        Rule(Move.FORWARD, frozenset({State.WAITING}) | OWNED, State.WAITING, By.ANYONE),
        Rule(Move.TAKE, OWNED, State.CALLED, By.TAKER, shown=True),
        Rule(Move.CLASSIFY, frozenset({State.WAITING}), State.WAITING, By.ANYONE),
        Rule(
            Move.CANCEL, frozenset({State.WAITING, State.CALLED, State.HELD, State.ABSENT}), State.CANCELLED, By.ANYONE
        ),
        Rule(Move.FINISH, frozenset({State.ATTENDED}), State.FINISHED, By.OWNER),
        Rule(Move.LEAVE, frozenset(State) - OVER, State.LEFT, By.SYSTEM),
    )
}

NAMES = {
    State.WAITING: "en espera",
    State.CALLED: "llamado",
    State.ATTENDED: "en atención",
    State.HELD: "en pausa",
    State.ABSENT: "ausente",
    State.FINISHED: "atendido",
    State.CANCELLED: "anulado",
    State.LEFT: "no atendido al cierre",
}


class MoveNotAllowed(Conflict):
    code = "ticket.movimiento_no_permitido"
    detail = "El turno cambió mientras tanto y ya no admite esa acción. Actualice y vuelva a intentar."


class OtherVentanilla(Conflict):
    code = "ticket.de_otra_ventanilla"
    detail = "Ese turno está en otra ventanilla. Pida a un supervisor que lo tome si hace falta."


class TurnOpen(Conflict):
    code = "ventanilla.turno_abierto"
    detail = "La ventanilla tiene un turno abierto. Termínelo, póngalo en espera o derívelo antes de seguir."


def after(move: Move, state: State, *, owner: int | None = None, acting: int | None = None) -> State:
    """The state that `move` leads to from `state`.

    `owner` is the ventanilla the ticket is at, `acting` the one that moves it; None = nobody's word against the owner.
    Raises MoveNotAllowed, OtherVentanilla."""
    rule = RULES[move]
    if state not in rule.sources:
        raise MoveNotAllowed(
            f"El turno está {NAMES[state]}: esa acción ya no corresponde. Actualice y vuelva a intentar.",
            state=str(state),
        )
    at_another = state in OWNED and acting is not None and acting != owner
    if rule.by in (By.OWNER, By.ANYONE) and at_another:
        raise OtherVentanilla
    return rule.target


def allowed(state: State) -> tuple[Move, ...]:
    """The moves a person may make from `state`, in the order of the table."""
    return tuple(rule.move for rule in RULES.values() if state in rule.sources and rule.by is not By.SYSTEM)
