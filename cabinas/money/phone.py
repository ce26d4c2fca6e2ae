"""Treasury's word over the phone, for a till without a link: a one-time code of `core.phone`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.enrolment.queries import terms
from cabinas.money import queries
from cabinas.money.actions import post
from cabinas.money.models import CodeTry, PhoneCode, Remesa
from cabinas.outbox import actions as outbox
from cabinas.sync.clock import read_clock
from core import ledger, phone, wire
from core.errors import Conflict, Invalid, NotFound


class RemittanceUnknown(NotFound):
    code = "remesa.no_existe"
    detail = "Esa remesa no se declaró en esta cabina."


class RemittanceSettled(Conflict):
    code = "remesa.ya_resuelta"
    detail = "Esa remesa ya está resuelta: no necesita código."


class NoCode(Conflict):
    code = "codigo.sin_codigo"
    detail = "Esta remesa no tiene código por teléfono. Espere a que vuelva internet."


class CodeSpent(Conflict):
    code = "codigo.agotado"
    detail = "Se escribieron demasiados códigos equivocados: esta remesa se confirma solo cuando vuelva internet."


class CodeWrong(Invalid):
    code = "codigo.equivocado"
    detail = "Ese código no es el de esta remesa y su importe. Pida que se lo repitan."


def check(session: Session, remittance_id: str, typed: str) -> bool:
    """Whether it is the code of that remittance. Slow, so before the write. Raises RemittanceUnknown, NoCode."""
    remittance = session.get(Remesa, remittance_id)
    if remittance is None:
        raise RemittanceUnknown()
    held = session.get(PhoneCode, (remittance.epoch, remittance.slot)) if remittance.slot else None
    if held is None:
        raise NoCode()
    return phone.is_right(
        typed,
        held.hash,
        cabina=terms(session).lease.cabina,
        epoch=held.epoch,
        slot=held.slot,
        centimos=remittance.centimos,
    )


def take_code(
    session: Session, remittance_id: str, typed: str, *, right: bool, operator: str, device: Device, now: datetime
) -> dict[str, Any]:
    """Note the try; the right code confirms the remittance, once. A wrong one is an answer, not a refusal: it must stay noted.

    Raises RemittanceSettled, CodeSpent."""
    remittance = session.get_one(Remesa, remittance_id)
    declared = queries.entry(session, ledger.EntryKind.REMITTANCE_DECLARED, remittance_id)
    assert declared is not None, "it is posted with its declaration"
    spoken = queries.word_on(session, remittance_id) or queries.by_code(session, remittance_id)
    if spoken or queries.undoing(session, declared):
        raise RemittanceSettled()
    wrong = select(func.count()).where(CodeTry.remittance_id == remittance_id, CodeTry.right.is_(False))
    tries = session.scalar(wrong) or 0
    if tries >= phone.TRIES_MAX:
        raise CodeSpent()
    reading = read_clock(session, now)
    session.add(CodeTry(remittance_id=remittance_id, right=right, at=reading.at, operator=operator))
    if not right:
        return {"id": remittance_id, "state": "declarada", "tries_left": phone.TRIES_MAX - tries - 1}
    assert remittance.slot is not None, "a slot is taken with the declaration"
    entry = ledger.confirm_by_code(declared)
    post(session, entry, at=reading.at)
    payload = wire.RemittanceByCode(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        id=remittance_id,
        slot=remittance.slot,
        code=typed.strip().upper()[:20],
        centimos=remittance.centimos,
        ledger=wire.LedgerEntry.of(entry),
    )
    lease = terms(session).lease
    event = outbox.append(session, payload, lease=lease, key=device.key, at=reading.at)
    device.events_appended(session, lease.epoch, event.header.seq)
    return {"id": remittance_id, "state": "confirmada", "tries_left": phone.TRIES_MAX - tries}


def take_codes(session: Session, given: wire.PhoneCodes) -> None:
    """Keep the hashes the centre signed."""
    for slot, hashed in enumerate(given.hashes, start=given.first):
        if session.get(PhoneCode, (given.epoch, slot)) is None:
            session.add(PhoneCode(epoch=given.epoch, slot=slot, hash=hashed))
