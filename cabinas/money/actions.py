"""What happens to money at the till: each verb posts an entry that balances and tells the centre in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.enrolment.queries import Terms, terms
from cabinas.filing.again import keep_again
from cabinas.filing.models import Expediente
from cabinas.money import asides, queries
from cabinas.money.models import (
    AcceptedConfirmation,
    Balance,
    Cierre,
    Extorno,
    LedgerEntry,
    LedgerPosting,
    Remesa,
)
from cabinas.money.rules import UnknownSubject
from cabinas.outbox import actions as outbox
from cabinas.paper import actions as paper
from cabinas.shifts import queries as shifts
from cabinas.sync.clock import read_clock
from core import ledger, wire
from core.cash import counted_centimos
from core.clock import lima_day
from core.errors import Conflict, Invalid, NotFound
from core.identity import clean_text
from core.ids import ExpedienteNumber, uuid7
from core.money import soles
from printing.papers import Charge, Payment, ReceiptPaper, ShiftLine, ZPaper
from storage.prepared import prepared
from web.access import Principal


class AmountInvalid(Invalid):
    code = "remesa.importe"
    detail = "El importe de la remesa debe ser mayor que cero."


class MoreThanTheDrawer(Conflict):
    code = "remesa.mas_que_la_caja"


class CaseUnknown(NotFound):
    code = "expediente.no_existe"
    detail = "Ese expediente no se registró en esta cabina. Revise el número."


class MotivoMissing(Invalid):
    code = "extorno.motivo"
    detail = "Escriba por qué devuelve el cobro: Tesorería lo revisará."


class ExtornoAlready(Conflict):
    code = "extorno.ya_declarado"
    detail = "Ese cobro ya tiene un extorno declarado. Tesorería lo resolverá."


class NothingCharged(Conflict):
    code = "extorno.sin_cobro"
    detail = "Ese expediente no se cobró en efectivo: no hay nada que devolver en esta cabina."


_ADD_ENTRY = prepared(insert(LedgerEntry).returning(LedgerEntry.__table__.c.id))
_ADD_POSTING = prepared(insert(LedgerPosting))
_kept = insert(Balance)
_ADD_TO_BALANCE = prepared(
    _kept.on_conflict_do_update(
        index_elements=["account"], set_={"centimos": Balance.__table__.c.centimos + _kept.excluded.centimos}
    )
)


def post(session: Session, entry: ledger.Entry, *, at: datetime) -> int:
    """Append `entry` to the ledger and keep the balances with it; returns its id."""
    row = {"ref": entry.ref, "kind": entry.kind, "subject": entry.subject, "undoes": entry.undoes}
    entry_id: int = _ADD_ENTRY(session, row | {"at": at, "on": lima_day(at)}).scalar_one()
    lines = [{"account": posting.account, "centimos": posting.centimos} for posting in entry.postings]
    _ADD_POSTING.many(session, [line | {"entry_id": entry_id} for line in lines])
    _ADD_TO_BALANCE.many(session, lines)
    return entry_id


def declare_remittance(
    session: Session, *, centimos: int, reference: str, principal: Principal, device: Device, now: datetime
) -> dict[str, Any]:
    """The cash goes to the treasury. It frees nothing until treasury says it arrived. Raises MoreThanTheDrawer, DrawerOfAnother, NoShift."""
    shifts.refuse_other_hands(session, principal)
    operator = principal.name
    if centimos <= 0:
        raise AmountInvalid(field="centimos")
    balance = queries.balances(session)
    held, fund = ledger.cash_expected(balance), ledger.change_fund(balance)
    if centimos > held - fund:
        of_fund = f", de los que S/ {soles(fund)} son su fondo de cambio" if fund else ""
        raise MoreThanTheDrawer(
            f"En la caja hay S/ {soles(max(0, held))}{of_fund}: no puede remesar S/ {soles(centimos)}."
        )
    reading, remittance_id, reference = read_clock(session, now), str(uuid7()), clean_text(reference)
    entry, held_terms = ledger.declare_remittance(remittance_id, centimos), terms(session)
    epoch = held_terms.lease.epoch
    slot = queries.next_slot(session, epoch)
    session.add(
        Remesa(
            id=remittance_id,
            centimos=centimos,
            reference=reference,
            epoch=epoch,
            slot=slot,
            at=reading.at,
            operator=operator,
        )
    )
    post(session, entry, at=reading.at)
    payload = wire.RemittanceDeclared(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        id=remittance_id,
        centimos=centimos,
        reference=reference,
        slot=slot,
        ledger=wire.LedgerEntry.of(entry),
    )
    event = outbox.append(session, payload, lease=held_terms.lease, key=device.key, at=reading.at)
    job = paper.enqueue(
        session,
        _remittance_paper(
            held_terms,
            remittance_id,
            centimos,
            reference=reference,
            place=f"{held_terms.lease.series}-{slot}" if slot else "",
            operator=operator,
            event=event,
            at=reading.at,
        ),
        subject=remittance_id,
        device=device,
        now=reading.at,
    )
    device.events_appended(session, held_terms.lease.epoch, event.header.seq)
    return {"id": remittance_id, "state": "declarada", "centimos": centimos, "reference": reference, "print_job": job}


def declare_extorno(
    session: Session, *, number: str, motivo: str, principal: Principal, device: Device, now: datetime
) -> dict[str, Any]:
    """A charge was handed back to its citizen. What is owed stays until treasury confirms with the surrendered receipt.

    Raises CaseUnknown, NothingCharged, ExtornoAlready, DrawerOfAnother, NoShift."""
    shifts.refuse_other_hands(session, principal)
    number, operator = _as_printed(number), principal.name
    case = session.scalar(select(Expediente).where(Expediente.number == number))
    if case is None:
        raise CaseUnknown()
    charged = queries.charge_of(session, number)
    if charged is None or charged.amount(ledger.Account.CASH) <= 0:
        raise NothingCharged()
    if queries.standing_extorno(session, number):
        raise ExtornoAlready()
    reading, extorno_id, motivo = read_clock(session, now), str(uuid7()), clean_text(motivo)
    entry = ledger.declare_extorno(extorno_id, charged)
    centimos = charged.amount(ledger.Account.CASH)
    session.add(
        Extorno(id=extorno_id, number=number, centimos=centimos, motivo=motivo, at=reading.at, operator=operator)
    )
    post(session, entry, at=reading.at)
    payload = wire.ExtornoDeclared(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        id=extorno_id,
        number=number,
        centimos=centimos,
        motivo=motivo,
        ledger=wire.LedgerEntry.of(entry),
    )
    lease = terms(session).lease
    event = outbox.append(session, payload, lease=lease, key=device.key, at=reading.at)
    device.events_appended(session, lease.epoch, event.header.seq)
    return {"id": extorno_id, "state": "declarado", "number": number, "centimos": centimos}


def accept_confirmation(
    session: Session, sealed: wire.Sealed[wire.Confirmation], *, device: Device, now: datetime
) -> bool:
    """Take treasury's signed word into the ledger, once, and tell the centre so with the word itself in the event.

    False when it was taken before, or speaks of something this till does not have."""
    word = wire.unsealed(sealed, wire.Confirmation)
    if session.get(AcceptedConfirmation, word.id) is not None:
        return False
    try:
        entry = _entry_of(session, word)
    except UnknownSubject:
        return False
    reading, rebuilt = read_clock(session, now), word.kind == wire.ConfirmationKind.FILING_REBUILT
    undo_code(session, word.subject)
    post_word(session, word, entry)
    session.add(
        AcceptedConfirmation(
            id=word.id,
            kind=word.kind,
            subject=word.subject,
            sealed=json.dumps(sealed.plain(), ensure_ascii=False),
            at=reading.at,
        )
    )
    payload = wire.ConfirmationAccepted(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator="",
        confirmation=sealed,
        ledger=wire.LedgerEntry.of(entry) if entry else None,
    )
    lease = terms(session).lease
    event = outbox.append(session, payload, lease=lease, key=device.key, at=reading.at)
    if rebuilt:
        keep_again(session, wire.filed_in(word), event, device=device)
    device.events_appended(session, lease.epoch, event.header.seq)
    return True


def post_word(session: Session, word: wire.Confirmation, entry: ledger.Entry | None) -> None:
    """What treasury's word does to the ledger, dated as the centre dates it, so that both settle the same period alike; and what it
    says of an event set aside. An entry that stands here already is not posted again."""
    if word.kind == wire.ConfirmationKind.EVENT_SET_ASIDE:
        asides.keep(session, word)
    anew = asides.counted_anew(session, entry) if entry else None
    if anew is not None:
        post(session, anew, at=asides.posted_day(session, anew, word.at))


def undo_code(session: Session, remittance_id: str) -> None:
    """Treasury's signed word takes the place of the one heard over the phone, if there was one."""
    taken = queries.by_code(session, remittance_id)
    if taken is not None and queries.undoing(session, taken) is None:
        undone = ledger.reverse(taken, ledger.EntryKind.REMITTANCE_BY_CODE_UNDONE)
        post(session, undone, at=queries.posted_at(session, taken.ref))


def _entry_of(session: Session, word: wire.Confirmation) -> ledger.Entry | None:
    """None: it moves no money."""
    kind = ledger.EntryKind
    if word.kind == wire.ConfirmationKind.EVENT_SET_ASIDE:
        return asides.turning_back(session, word)
    if word.kind == wire.ConfirmationKind.FILING_REBUILT:
        filed = wire.filed_in(word)
        return filed.ledger.entry() if filed.ledger else None
    if word.kind in (kind.REMITTANCE_CONFIRMED, kind.REMITTANCE_REJECTED):
        declared = queries.entry(session, kind.REMITTANCE_DECLARED, word.subject)
        if declared is None or queries.word_on(session, word.subject):
            raise UnknownSubject(word.subject)
        if word.kind == kind.REMITTANCE_REJECTED:
            return ledger.reject_remittance(declared)
        sent = declared.amount(ledger.Account.REMITTANCE_IN_TRANSIT)
        return ledger.confirm_remittance(word.subject, declared_centimos=sent, received_centimos=word.centimos)
    if word.kind in (kind.EXTORNO_CONFIRMED, kind.EXTORNO_REJECTED):
        extorno = session.get(Extorno, word.subject)
        declared = queries.entry(session, kind.EXTORNO_DECLARED, word.subject)
        if extorno is None or declared is None or queries.word_on(session, word.subject):
            raise UnknownSubject(word.subject)
        if word.kind == kind.EXTORNO_REJECTED:
            return ledger.reject_extorno(declared)
        charged = queries.charge_of(session, extorno.number)
        assert charged is not None, "an extorno is of a charge"
        return ledger.confirm_extorno(word.subject, charged)
    if queries.word_on(session, word.subject):  # a restored centre told again of the same deposit
        raise UnknownSubject(word.subject)
    return ledger.GUARANTEE_MOVES[kind(word.kind)](word.subject, word.centimos)


def close_day(
    session: Session, *, counts: Mapping[str, int], operator: str, device: Device, now: datetime
) -> dict[str, Any]:
    """Count the drawer, post what it lacks or has over, and chain the Z to the one before. Raises CountInvalid."""
    counted = counted_centimos(counts)
    reading, held_terms = read_clock(session, now), terms(session)
    last = queries.last_cierre(session)
    balance = queries.balances(session)
    expected, z = ledger.cash_expected(balance), (last.z if last else 0) + 1
    difference = ledger.count_difference(f"Z{z}", expected_centimos=expected, counted_centimos=counted)
    if difference:
        post(session, difference, at=reading.at)
    first_seq, last_seq, last_hash = _closed_events(session, last, held_terms.lease.epoch)
    held, fund, marks = ledger.municipal_held(balance), ledger.change_fund(balance), shifts.marks(session)
    opened_at = last.at if last else held_terms.identity.paired_at
    parts = shifts.parts_since(session, last, since=opened_at, until=reading.at)
    payload = wire.DayClosed(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        z=z,
        counts=dict(counts),
        expected_centimos=expected,
        counted_centimos=counted,
        difference_centimos=counted - expected,
        municipal_held_centimos=held,
        first_seq=first_seq,
        last_seq=last_seq,
        prev_hash=last.hash if last else wire.GENESIS,
        hash=wire.GENESIS,
        fund_centimos=fund,
        shifts=parts,
        ledger=wire.LedgerEntry.of(difference) if difference else None,
    )
    chained = wire.z_hash(payload, epoch=held_terms.lease.epoch, last_event_hash=last_hash)
    payload = payload.model_copy(update={"hash": chained})
    event = outbox.append(session, payload, lease=held_terms.lease, key=device.key, at=reading.at)
    taken = queries.taken_since(session, last)
    since = last.last_entry_id if last else 0
    undone = asides.undone_between(session, since, marks.entry_id)
    returned = queries.returned_between(session, since, marks.entry_id)
    job = paper.enqueue(
        session,
        ZPaper(
            site=held_terms.catalogue.municipality,
            office=f"{held_terms.catalogue.convenio.name} · {held_terms.lease.cabina}",
            z=z,
            operator=operator,
            opened_at=opened_at,
            closed_at=reading.at,
            filings=taken.filings,
            lines=(
                Charge("Municipalidad (cobrado)", taken.municipal_centimos),
                Charge("Servicio de cabina", taken.cabin_centimos),
                Charge("Debe a la Municipalidad", held),
                *((Charge("Fondo de cambio", fund),) if fund else ()),
                *(Charge(f"Extorno {one.number}", -one.centimos) for one in returned),
                *(Charge(f"Apartado: {one.about}", one.cash_centimos) for one in undone),
            ),
            shifts=tuple(_shift_line(part) for part in parts if part.operator or len(parts) > 1),
            counts=tuple(sorted(((int(value), units) for value, units in counts.items() if units), reverse=True)),
            expected_centimos=expected,
            counted_centimos=counted,
            difference_centimos=counted - expected,
            first_seq=first_seq,
            last_seq=last_seq,
            hash=chained,
            demo=held_terms.catalogue.demo,
        ),
        subject=f"Z{z}",
        device=device,
        now=reading.at,
    )
    session.add(
        Cierre(
            z=z,
            at=reading.at,
            operator=operator,
            counts=dict(counts),
            expected_centimos=expected,
            counted_centimos=counted,
            difference_centimos=counted - expected,
            municipal_held_centimos=held,
            filings=taken.filings,
            first_seq=first_seq,
            last_seq=last_seq,
            event_epoch=event.header.epoch,
            event_seq=event.header.seq,
            last_expediente_id=marks.expediente_id,
            last_entry_id=marks.entry_id,
            last_shift_id=shifts.last_shift_id(session),
            fund_centimos=fund,
            shifts=[part.plain() for part in parts],
            hash=chained,
            print_job=job,
        )
    )
    device.events_appended(session, event.header.epoch, event.header.seq)
    return {
        "z": z,
        "expected_centimos": expected,
        "counted_centimos": counted,
        "difference_centimos": counted - expected,
        "first_seq": first_seq,
        "last_seq": last_seq,
        "hash": chained,
        "print_job": job,
    }


def _shift_line(part: wire.ShiftPart) -> ShiftLine:
    figures = (
        ("Municipalidad", part.municipal_centimos),
        ("Servicio", part.service_centimos),
        ("Remesas", -part.remitted_centimos),
        ("Extornos", -part.returned_centimos),
        ("Puesto o retirado", part.own_centimos),
        ("Apartado por el CAC", part.undone_centimos),
    )
    return ShiftLine(
        operator=part.operator,
        begun_at=part.begun_at,
        ended_at=part.ended_at,
        filings=part.filings,
        lines=tuple(Charge(label, centimos) for label, centimos in figures if centimos),
        difference_centimos=part.difference_centimos,
    )


def _closed_events(session: Session, last: Cierre | None, epoch: int) -> tuple[int | None, int | None, str]:
    """First and last sequence since the close before, in the series in use, and the hash the Z chains to."""
    first = last.event_seq + 1 if last and last.event_epoch == epoch else 1
    head, head_hash = outbox.head(session, epoch)
    return (first, head, head_hash) if head >= first else (None, None, head_hash)


def _as_printed(number: str) -> str:
    try:
        return str(ExpedienteNumber.parse(number))
    except ValueError:
        raise CaseUnknown() from None


def _remittance_paper(
    held: Terms,
    remittance_id: str,
    centimos: int,
    *,
    reference: str,
    place: str,
    operator: str,
    event: wire.Event,
    at: datetime,
) -> ReceiptPaper:
    return ReceiptPaper(
        site=held.catalogue.municipality,
        office=f"{held.catalogue.convenio.name} · {held.lease.cabina}",
        title="REMESA DECLARADA",
        number=remittance_id[-12:].upper(),
        issued_at=at,
        rows=(("Referencia", reference), *((("Código por teléfono", place),) if place else ())),
        payment=Payment((Charge("Remesa a Tesorería", centimos),), centimos, "Efectivo"),
        received_by=operator,
        note="Libera su garantía cuando Tesorería la confirme.",
        check_code=event.hash[:12].upper(),
        demo=held.catalogue.demo,
    )
