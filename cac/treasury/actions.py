"""What treasury says of a cabin's money, and what a cabin's events tell of it.

Treasury's word counts at the centre when it is given; at the cabin, when it arrives. Its acceptance comes back as an event
that carries the signed word, so a restored centre that forgot it has it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import find, of_cabina
from cac.sync.models import Cabina, CabinSeries, InboxEvent
from cac.treasury import ledger
from cac.treasury.models import CabinClose, CabinExtorno, CabinRemittance, CabinShift, CodeTaken, TreasuryWord
from core import wire
from core.errors import Conflict, Invalid, NotFound
from core.ids import uuid7
from core.ledger import (
    GUARANTEE_MOVES,
    OWN_CASH_MOVES,
    Account,
    Entry,
    EntryKind,
    confirm_extorno,
    confirm_remittance,
    count_difference,
    declare_extorno,
    declare_remittance,
    reject_extorno,
    reject_remittance,
    reverse,
)
from core.money import soles
from core.wire import ConfirmationKind
from web.access import Principal


class RemittanceUnknown(NotFound):
    code, title = "remesa.no_existe", "Remesa desconocida"
    detail = "La cabina no ha declarado esa remesa. Puede que aún no haya sincronizado."


class ExtornoUnknown(NotFound):
    code, title = "extorno.no_existe", "Extorno desconocido"
    detail = "La cabina no ha declarado ese extorno. Puede que aún no haya sincronizado."


class AlreadySettled(Conflict):
    code, title = "tesoreria.ya_resuelto", "Ya resuelto"
    detail = "Tesorería ya se pronunció sobre esto. Actualice la página para ver lo que se dijo."


class AmountInvalid(Invalid):
    code, title = "remesa.importe", "Importe por corregir"
    detail = "Escriba lo recibido en soles, mayor que cero y no más de lo declarado."


class ReasonMissing(Invalid):
    code, title = "tesoreria.sin_motivo", "Falta el motivo"
    detail = "Escriba el motivo del rechazo: la cabina lo verá en su pantalla."


class NotAsDeclared(ValueError):
    """An event whose ledger lines are not those of what it tells. `code` goes with it into quarantine."""

    code = "sync.asiento_distinto"


@dataclass(frozen=True, slots=True)
class Source:
    """The event that tells: whose, which row, when it reached the centre."""

    cabina: Cabina
    event_id: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Besides:
    """What a word carries besides its amount: a case registered from its paper, or the event that was set aside."""

    filed: wire.ExpedienteFiled | None = None
    printed: str | None = None
    event: wire.EventName | None = None
    about: str = ""
    ledger: wire.LedgerEntry | None = None


NOTHING = Besides()


# --- treasury's word


def settle_remittance(
    session: Session,
    code: str,
    remittance_id: str,
    *,
    confirmed: bool,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
    centimos: int | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """Confirm what was received (all that was declared, unless less is said), or reject. It frees the cap when the cabin hears it.

    Raises RemittanceUnknown, AlreadySettled, AmountInvalid, ReasonMissing."""
    cabina = find(session, code)
    remittance = session.get(CabinRemittance, remittance_id)
    if remittance is None or remittance.cabina_id != cabina.id:
        raise RemittanceUnknown()
    if confirmed:
        kind, received = ConfirmationKind.REMITTANCE_CONFIRMED, remittance.centimos if centimos is None else centimos
        if not 0 < received <= remittance.centimos:
            raise AmountInvalid(field="centimos")
    else:
        kind, received = ConfirmationKind.REMITTANCE_REJECTED, remittance.centimos
    return say(
        session, cabina, kind, remittance_id, centimos=received, reason=reason, key=key, principal=principal, now=now
    )


def settle_extorno(
    session: Session,
    code: str,
    extorno_id: str,
    *,
    confirmed: bool,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
    reason: str = "",
) -> dict[str, Any]:
    """Confirm an extorno, with the surrendered receipt in hand, or reject it. Raises ExtornoUnknown, AlreadySettled, ReasonMissing."""
    cabina = find(session, code)
    extorno = session.get(CabinExtorno, extorno_id)
    if extorno is None or extorno.cabina_id != cabina.id:
        raise ExtornoUnknown()
    kind = ConfirmationKind.EXTORNO_CONFIRMED if confirmed else ConfirmationKind.EXTORNO_REJECTED
    return say(
        session,
        cabina,
        kind,
        extorno_id,
        centimos=extorno.centimos,
        reason=reason,
        key=key,
        principal=principal,
        now=now,
    )


def say(
    session: Session,
    cabina: Cabina,
    kind: str,
    subject: str,
    *,
    centimos: int,
    reason: str,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
    said_at: datetime | None = None,
    besides: Besides = NOTHING,
) -> dict[str, Any]:
    """Treasury's word, signed and posted; dated `said_at` when it was said before now. Raises ReasonMissing, AlreadySettled."""
    reason = reason.strip()[:300]
    if kind in (ConfirmationKind.REMITTANCE_REJECTED, ConfirmationKind.EXTORNO_REJECTED) and not reason:
        raise ReasonMissing(field="motivo")
    if standing(session, cabina, subject) is not None:
        raise AlreadySettled()
    word = wire.Confirmation(
        id=str(uuid7()),
        cabina=cabina.code,
        kind=kind,  # type: ignore[arg-type]
        subject=subject,
        centimos=centimos,
        by=principal.name,
        at=said_at or now,
        reason=reason,
        filed=besides.filed.plain() if besides.filed else None,
        printed=besides.printed,
        event=besides.event,
        about=besides.about,
        ledger=besides.ledger,
    )
    _keep(session, cabina, word, wire.seal(key, word), at=word.at)
    record(
        session,
        principal=principal,
        action=f"tesoreria.{kind}",
        subject=f"cabina:{cabina.code}",
        detail=f"{besides.about or (subject if besides.filed else _known_as(session, subject))} S/ {soles(centimos)} {reason}".strip(),
        now=now,
    )
    return {"id": subject, "state": kind.split("_")[1], "centimos": centimos, "confirmation": word.id}


def _known_as(session: Session, subject: str) -> str:
    """What people call what treasury speaks of: a remittance by its reference, an extorno by its expediente."""
    sent = session.get(CabinRemittance, subject)
    if sent is not None:
        return f"remesa «{sent.reference}»"
    returned = session.get(CabinExtorno, subject)
    return f"extorno de {returned.number}" if returned is not None else ""


def _keep(
    session: Session,
    cabina: Cabina,
    word: wire.Confirmation,
    sealed: wire.Sealed[wire.Confirmation],
    *,
    at: datetime,
    accepted_at: datetime | None = None,
) -> None:
    session.add(
        TreasuryWord(
            id=word.id,
            cabina_id=cabina.id,
            kind=word.kind,
            subject=word.subject,
            centimos=word.centimos,
            by=word.by,
            reason=word.reason,
            at=word.at,
            sealed=wire.canonical(sealed.plain()).decode(),
            accepted_at=accepted_at,
        )
    )
    session.flush()
    if (entry := _entry_of(session, cabina, word)) is not None:
        ledger.post(session, cabina.id, entry, source=f"palabra:{word.id}", at=at)


def _entry_of(session: Session, cabina: Cabina, word: wire.Confirmation) -> Entry | None:
    """What a word does to the cabin's ledger; None when it moves no money here. Raises NotAsDeclared when the centre never heard of
    its subject."""
    if word.kind == ConfirmationKind.EVENT_SET_ASIDE:
        return None  # what was set aside was never posted
    if word.kind == ConfirmationKind.FILING_REBUILT:
        charged = wire.filed_in(word).ledger
        return charged.entry() if charged else None
    if move := GUARANTEE_MOVES.get(EntryKind(word.kind)):
        return move(word.subject, word.centimos)
    if word.kind in (ConfirmationKind.REMITTANCE_CONFIRMED, ConfirmationKind.REMITTANCE_REJECTED):
        declared = _entry(session, cabina, EntryKind.REMITTANCE_DECLARED, word.subject)
        if word.kind == ConfirmationKind.REMITTANCE_REJECTED:
            return reject_remittance(declared)
        sent = declared.amount(Account.REMITTANCE_IN_TRANSIT)
        return confirm_remittance(word.subject, declared_centimos=sent, received_centimos=word.centimos)
    declared = _entry(session, cabina, EntryKind.EXTORNO_DECLARED, word.subject)
    if word.kind == ConfirmationKind.EXTORNO_REJECTED:
        return reject_extorno(declared)
    extorno = session.get_one(CabinExtorno, word.subject)
    return confirm_extorno(word.subject, _entry(session, cabina, EntryKind.CHARGE, extorno.number))


def _entry(session: Session, cabina: Cabina, kind: EntryKind, subject: str) -> Entry:
    found = ledger.entry(session, cabina.id, kind, subject)
    if found is None:
        raise NotAsDeclared(f"no hay {kind} de {subject}")
    return found


# --- what the cabin tells


def hear_charge(session: Session, fact: wire.ExpedienteFiled, expected: Entry | None, source: Source) -> None:
    """Post a filing's money. Raises NotAsDeclared unless its lines are those of its charges."""
    _post_as(session, fact.ledger, expected, source, at=fact.at)


def hear_remittance(session: Session, fact: wire.RemittanceDeclared, source: Source) -> None:
    _refuse_known(session, CabinRemittance, fact.id)
    session.add(
        CabinRemittance(
            id=fact.id,
            cabina_id=source.cabina.id,
            event_id=source.event_id,
            centimos=fact.centimos,
            reference=fact.reference[:200],
            epoch=session.scalars(select(InboxEvent.epoch).where(InboxEvent.id == source.event_id)).one(),
            slot=fact.slot,
            operator=fact.operator[:120],
            declared_at=fact.at,
        )
    )
    _post_as(session, fact.ledger, declare_remittance(fact.id, fact.centimos), source, at=fact.at)


def hear_code(session: Session, fact: wire.RemittanceByCode, source: Source) -> None:
    """The cabin took a code as treasury's word. It moves nothing here: the signed word does, when treasury's own note agrees."""
    remittance = session.get(CabinRemittance, fact.id)
    if remittance is None or remittance.cabina_id != source.cabina.id:
        raise NotAsDeclared(f"no hay remesa {fact.id}")
    if (remittance.slot, remittance.centimos) != (fact.slot, fact.centimos):
        raise NotAsDeclared(f"el código no es de la remesa {fact.id}")
    session.add(
        CodeTaken(
            remittance_id=fact.id,
            cabina_id=source.cabina.id,
            event_id=source.event_id,
            code=fact.code[:20],
            at=fact.at,
        )
    )


def hear_extorno(session: Session, fact: wire.ExtornoDeclared, source: Source) -> None:
    _refuse_known(session, CabinExtorno, fact.id)
    charged = _entry(session, source.cabina, EntryKind.CHARGE, fact.number)
    session.add(
        CabinExtorno(
            id=fact.id,
            cabina_id=source.cabina.id,
            event_id=source.event_id,
            number=fact.number,
            centimos=fact.centimos,
            motivo=fact.motivo[:300],
            operator=fact.operator[:120],
            declared_at=fact.at,
        )
    )
    _post_as(session, fact.ledger, declare_extorno(fact.id, charged), source, at=fact.at)


def hear_close(session: Session, fact: wire.DayClosed, source: Source) -> None:
    """A Z and the difference its count found. Raises NotAsDeclared unless it chains to the Z before it of the same PC."""
    device_id = _refuse_unless_chained(session, fact, source)
    session.add(
        CabinClose(
            cabina_id=source.cabina.id,
            device_id=device_id,
            event_id=source.event_id,
            z=fact.z,
            first_seq=fact.first_seq,
            last_seq=fact.last_seq,
            counts=fact.counts,
            fund_centimos=fact.fund_centimos,
            shifts=[part.plain() for part in fact.shifts],
            expected_centimos=fact.expected_centimos,
            counted_centimos=fact.counted_centimos,
            difference_centimos=fact.difference_centimos,
            municipal_held_centimos=fact.municipal_held_centimos,
            hash=fact.hash,
            operator=fact.operator[:120],
            closed_at=fact.at,
        )
    )
    _post_as(session, fact.ledger, _difference(f"Z{fact.z}", fact), source, at=fact.at)


def hear_shift(session: Session, fact: wire.ShiftBegun, source: Source) -> None:
    """An operator took the drawer, and the difference its count found. Raises NotAsDeclared."""
    _refuse_known(session, CabinShift, fact.id)
    session.add(
        CabinShift(
            id=fact.id,
            cabina_id=source.cabina.id,
            event_id=source.event_id,
            operator=fact.operator[:120],
            handed_by=fact.handed_by[:120],
            counts=fact.counts,
            expected_centimos=fact.expected_centimos,
            counted_centimos=fact.counted_centimos,
            difference_centimos=fact.difference_centimos,
            fund_centimos=fact.fund_centimos,
            begun_at=fact.at,
        )
    )
    _post_as(session, fact.ledger, _difference(fact.id, fact), source, at=fact.at)


def hear_own_cash(session: Session, fact: wire.OwnCashMoved, source: Source) -> None:
    """The partner's own cash, in its drawer or out: it changes nothing of what is owed. Raises NotAsDeclared."""
    moved = OWN_CASH_MOVES[EntryKind(fact.move)](fact.id, fact.centimos)
    _post_as(session, fact.ledger, moved, source, at=fact.at)


def _difference(subject: str, fact: wire.DayClosed | wire.ShiftBegun) -> Entry | None:
    counted, expected = fact.counted_centimos, fact.expected_centimos
    if fact.difference_centimos != counted - expected:
        raise NotAsDeclared("la diferencia del conteo no es lo contado menos lo que debía haber")
    return count_difference(subject, expected_centimos=expected, counted_centimos=counted)


def _refuse_unless_chained(session: Session, fact: wire.DayClosed, source: Source) -> int:
    """The PC whose close it is."""
    event = session.get_one(InboxEvent, source.event_id)
    of_epoch = (CabinSeries.cabina_id == source.cabina.id, CabinSeries.epoch == event.epoch)
    device_id = session.scalars(select(CabinSeries.device_id).where(*of_epoch)).one()
    known = select(CabinClose.z, CabinClose.hash).where(
        CabinClose.cabina_id == source.cabina.id, CabinClose.device_id == device_id
    )
    closes = {row.z: row.hash for row in session.execute(known.where(CabinClose.z.in_((fact.z - 1, fact.z))))}
    if fact.z in closes:
        raise NotAsDeclared(f"ya hay un cierre Z {fact.z}")
    if fact.prev_hash != (wire.GENESIS if fact.z == 1 else closes.get(fact.z - 1)):
        raise NotAsDeclared(f"el cierre Z {fact.z} no sigue al Z {fact.z - 1}")
    if fact.hash != wire.z_hash(fact, epoch=event.epoch, last_event_hash=event.prev_hash):
        raise NotAsDeclared(f"la huella del cierre Z {fact.z} no es la de sus cifras")
    return device_id


def hear_acceptance(session: Session, fact: wire.ConfirmationAccepted, source: Source) -> None:
    """The cabin took treasury's word; one this centre does not have (it was restored) is taken from the event.

    Its signature was verified by who calls."""
    word = wire.unsealed(fact.confirmation, wire.Confirmation)
    if word.cabina != source.cabina.code:
        raise NotAsDeclared(f"la palabra es para {word.cabina}")
    known = session.get(TreasuryWord, word.id)
    if known is None:
        _give_way(session, word, source)
        _keep(session, source.cabina, word, fact.confirmation, at=word.at, accepted_at=source.now)
        known_as = word.about or (word.subject if word.filed else _known_as(session, word.subject))
        detail = f"{known_as} S/ {soles(word.centimos)}".strip()
        record(
            session,
            principal=of_cabina(source.cabina),
            action="tesoreria.palabra_recuperada",
            subject=f"cabina:{source.cabina.code}",
            detail=detail,
            now=source.now,
        )
    elif known.accepted_at is None:
        known.accepted_at = source.now
        session.flush()
    posted = fact.ledger and fact.ledger.entry()
    if word.kind == ConfirmationKind.EVENT_SET_ASIDE:  # the cabin may have had nothing to turn back
        right = posted is None or word.ledger is None or posted == word.ledger.entry()
    else:
        right = posted == _entry_of(session, source.cabina, word)
    if not right:
        raise NotAsDeclared(f"la cabina asentó otra cosa por {word.about or word.subject}")


def _give_way(session: Session, taken: wire.Confirmation, source: Source) -> None:
    """A restored centre that spoke again of what the cabin had already heard takes its later word back, on that word's own date:
    the periods of both ends tell only the word the cabin took. Raises NotAsDeclared when the cabin took the later one too."""
    later = standing(session, source.cabina, taken.subject)
    if later is None:
        return
    if later.accepted_at is not None:
        raise NotAsDeclared(f"la cabina ya tomó otra palabra sobre {taken.subject}")
    said = wire.unsealed(wire.Sealed[wire.Confirmation].model_validate_json(later.sealed), wire.Confirmation)
    entry = _entry_of(session, source.cabina, said)
    later.accepted_at = later.displaced_at = source.now
    session.flush()
    if entry is not None:
        ledger.post(session, source.cabina.id, reverse(entry, entry.kind), source=f"palabra:{later.id}", at=later.at)
    record(
        session,
        principal=of_cabina(source.cabina),
        action="tesoreria.palabra_reemplazada",
        subject=f"cabina:{source.cabina.code}",
        detail=f"{_known_as(session, said.subject)} S/ {soles(said.centimos)} ({said.by})",
        now=source.now,
    )


def standing(session: Session, cabina: Cabina, subject: str) -> TreasuryWord | None:
    """The word in force on a subject; None when nobody said one."""
    of_it = (TreasuryWord.cabina_id == cabina.id, TreasuryWord.subject == subject)
    return session.scalar(select(TreasuryWord).where(*of_it, TreasuryWord.displaced_at.is_(None)))


def _post_as(
    session: Session, told: wire.LedgerEntry | None, expected: Entry | None, source: Source, *, at: datetime
) -> None:
    entry = told.entry() if told else None
    if entry != expected:
        raise NotAsDeclared("los importes del asiento no son los de la operación")
    if entry is not None:
        ledger.post(session, source.cabina.id, entry, source=f"evento:{source.event_id}", at=at)


def _refuse_known(
    session: Session, table: type[CabinRemittance] | type[CabinExtorno] | type[CabinShift], id_: str
) -> None:
    if session.get(table, id_) is not None:
        raise NotAsDeclared(f"{id_} ya se declaró en otro hecho")
