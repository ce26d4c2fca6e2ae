"""Opening a shift, handing the drawer over, and the partner's own cash put in it or taken out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.enrolment.queries import terms
from cabinas.money.actions import post
from cabinas.money.queries import balances
from cabinas.outbox import actions as outbox
from cabinas.shifts import queries
from cabinas.shifts.models import Shift, ShiftRule
from cabinas.shifts.queries import NoShift
from cabinas.sync.clock import Reading, read_clock
from core import ledger, wire
from core.cash import counted_centimos
from core.errors import Conflict, Invalid
from core.ids import uuid7
from core.ledger import EntryKind
from core.money import soles
from web.access import Principal


class ShiftOpenAlready(Conflict):
    code = "turno.ya_abierto"
    detail = "La caja ya tiene un turno abierto. Para tomarla, que se la entreguen con el conteo y los dos PIN."


class SameOperator(Conflict):
    code = "turno.misma_persona"
    detail = "Quien entrega y quien recibe la caja deben ser dos personas."


class PinWrong(Invalid):
    code = "turno.pin"
    detail = "Un PIN no coincide. La caja sigue a cargo de quien la tenía."


class OwnCashInvalid(Invalid):
    code = "caja.efectivo_propio"
    detail = "Diga qué pone o retira y el importe en soles, por ejemplo 50.00."


class NotSoMuch(Conflict):
    code = "caja.no_hay_tanto"


def open_shift(
    session: Session,
    *,
    operator: str,
    counts: Mapping[str, int],
    fund_centimos: int,
    device: Device,
    now: datetime,
) -> dict[str, Any]:
    """Put the change fund of the day in the drawer and count all that is in it, without being told what should be.

    Raises ShiftOpenAlready, CountInvalid, OwnCashInvalid."""
    if queries.open_shift(session) is not None:
        raise ShiftOpenAlready()
    told = _begin(
        session, operator=operator, handed_by="", counts=counts, fund_centimos=fund_centimos, device=device, now=now
    )
    if fund_centimos:  # counted with the rest; it is of this shift
        _move_own_cash(
            session,
            move=EntryKind.CHANGE_FUND_PUT,
            centimos=fund_centimos,
            operator=operator,
            device=device,
            now=now,
        )
    return told


def hand_over(
    session: Session, *, giver: str, taker: str, counts: Mapping[str, int], device: Device, now: datetime
) -> dict[str, Any]:
    """The drawer passes from one operator to the next with one blind count; both PINs were checked by who calls.

    Raises NoShift, DrawerOfAnother when `giver` has it no more, SameOperator, CountInvalid."""
    has = queries.holder(session)
    if has is None:
        raise NoShift()
    if has.operator != giver:
        raise queries.DrawerOfAnother(f"La caja ya está a cargo de {has.operator}. Actualice la página.")
    if giver == taker:
        raise SameOperator()
    return _begin(session, operator=taker, handed_by=giver, counts=counts, device=device, now=now)


def move_own_cash(
    session: Session, *, move: str, centimos: int, principal: Principal, device: Device, now: datetime
) -> dict[str, Any]:
    """The partner's coins for change, put in or taken out, or its service taken out: never the municipality's money.

    Raises OwnCashInvalid, NotSoMuch, DrawerOfAnother, NoShift."""
    queries.refuse_other_hands(session, principal)
    return _move_own_cash(session, move=move, centimos=centimos, operator=principal.name, device=device, now=now)


def rule_shifts(session: Session, *, compulsory: bool, by: str, now: datetime) -> None:
    """From now on cash moves only in somebody's shift, or again in nobody's too."""
    if queries.compulsory(session) != compulsory:
        session.add(ShiftRule(compulsory=compulsory, by=by, at=now))


def _move_own_cash(
    session: Session, *, move: str, centimos: int, operator: str, device: Device, now: datetime
) -> dict[str, Any]:
    if move not in ledger.OWN_CASH_MOVES or centimos <= 0:
        raise OwnCashInvalid(field="importe")
    _refuse_more_than_own(session, EntryKind(move), centimos)
    reading, uid = read_clock(session, now), str(uuid7())
    entry = ledger.OWN_CASH_MOVES[EntryKind(move)](uid, centimos)
    post(session, entry, at=reading.at)
    payload = wire.OwnCashMoved(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        id=uid,
        move=move,  # type: ignore[arg-type]
        centimos=centimos,
        ledger=wire.LedgerEntry.of(entry),
    )
    _tell(session, payload, device=device, reading=reading)
    return {"id": uid, "move": move, "centimos": centimos}


def keep(session: Session, fact: wire.ShiftBegun) -> None:
    """The row of a shift, after its count's difference was posted."""
    marks = queries.marks(session)
    session.add(
        Shift(
            uid=fact.id,
            operator=fact.operator,
            handed_by=fact.handed_by,
            at=fact.at,
            counts=dict(fact.counts),
            expected_centimos=fact.expected_centimos,
            counted_centimos=fact.counted_centimos,
            difference_centimos=fact.difference_centimos,
            fund_centimos=fact.fund_centimos,
            last_entry_id=marks.entry_id,
            last_expediente_id=marks.expediente_id,
        )
    )
    session.flush()


def _begin(
    session: Session,
    *,
    operator: str,
    handed_by: str,
    counts: Mapping[str, int],
    device: Device,
    now: datetime,
    fund_centimos: int = 0,
) -> dict[str, Any]:
    reading, uid, balance = read_clock(session, now), str(uuid7()), balances(session)
    expected, counted = ledger.cash_expected(balance) + fund_centimos, counted_centimos(counts)
    difference = ledger.count_difference(uid, expected_centimos=expected, counted_centimos=counted)
    if difference:
        post(session, difference, at=reading.at)
    payload = wire.ShiftBegun(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        id=uid,
        handed_by=handed_by,
        counts=dict(counts),
        expected_centimos=expected,
        counted_centimos=counted,
        difference_centimos=counted - expected,
        fund_centimos=ledger.change_fund(balance) + fund_centimos,
        ledger=wire.LedgerEntry.of(difference) if difference else None,
    )
    keep(session, payload)
    _tell(session, payload, device=device, reading=reading)
    return {
        "id": uid,
        "operator": operator,
        "expected_centimos": expected,
        "counted_centimos": counted,
        "difference_centimos": counted - expected,
    }


def _tell(session: Session, payload: wire.Fact, *, device: Device, reading: Reading) -> None:
    lease = terms(session).lease
    event = outbox.append(session, payload, lease=lease, key=device.key, at=reading.at)
    device.events_appended(session, lease.epoch, event.header.seq)


def _refuse_more_than_own(session: Session, move: EntryKind, centimos: int) -> None:
    if move == EntryKind.CHANGE_FUND_PUT:
        return
    balance = balances(session)
    of_fund = move == EntryKind.CHANGE_FUND_TAKEN
    own = ledger.change_fund(balance) if of_fund else ledger.own_service_in_drawer(balance)
    most = max(0, min(own, ledger.cash_expected(balance)))
    if centimos > most:
        what = "del fondo de cambio" if of_fund else "de su servicio"
        raise NotSoMuch(f"En la caja hay S/ {soles(most)} {what}: no puede retirar S/ {soles(centimos)}.")
