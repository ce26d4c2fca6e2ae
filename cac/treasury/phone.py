"""A remittance confirmed over the phone: the code treasury reads to a cabin without a link, and its signed word once the link is back."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import find
from cac.sync.models import Cabina, CabinSeries
from cac.treasury.actions import AlreadySettled, AmountInvalid, say
from cac.treasury.models import CabinRemittance, CodeTaken, PhoneConfirmation, TreasuryWord
from core import phone, wire
from core.errors import Conflict, Invalid
from core.money import soles
from core.wire import ConfirmationKind
from storage.prepared import prepared
from web.access import Principal

_PLACE = re.compile(r"([A-Z]{1,2})-?([0-9]{1,3})")
_SIGNED = "por teléfono"
_GIVEN = prepared(select(PhoneConfirmation.id).where(PhoneConfirmation.cabina_id == bindparam("cabina_id")).limit(1))


class SlotInvalid(Invalid):
    code, title = "codigo.numero", "Número de código por corregir"
    detail = "Escriba el número de código como está en el papel de la remesa, por ejemplo A-3."


class SlotGiven(Conflict):
    code, title = "codigo.otro_importe", "Ese código ya se dio"
    detail = "Ese código ya se dio por otro importe. Pida a la cabina que declare otra remesa."


class OtherAmount(Conflict):
    code, title = "codigo.importe_distinto", "El importe no es el declarado"


def confirm(
    session: Session,
    code: str,
    *,
    place: str,
    centimos: int,
    reference: str,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Treasury has the money of a cabin without a link: the code to read aloud. The same slot and amount give the same code.

    Raises CabinaUnknown, SlotInvalid, AmountInvalid, SlotGiven, OtherAmount, AlreadySettled."""
    cabina = find(session, code)
    epoch, slot = _epoch_and_slot(session, cabina, place)
    if centimos <= 0:
        raise AmountInvalid("Escriba lo recibido en soles, mayor que cero.", field="importe")
    _refuse_what_the_centre_knows(session, cabina, epoch, slot, centimos)
    at_slot = (
        PhoneConfirmation.cabina_id == cabina.id,
        PhoneConfirmation.epoch == epoch,
        PhoneConfirmation.slot == slot,
    )
    given = session.scalar(select(PhoneConfirmation).where(*at_slot))
    if given is not None and given.centimos != centimos:
        raise SlotGiven()
    if given is None:
        session.add(
            PhoneConfirmation(
                cabina_id=cabina.id,
                epoch=epoch,
                slot=slot,
                centimos=centimos,
                reference=reference.strip()[:200],
                by=principal.name,
                at=now,
            )
        )
        detail = f"{place} S/ {soles(centimos)} {reference}".rstrip()
        record(
            session,
            principal=principal,
            action="tesoreria.codigo_dado",
            subject=f"cabina:{code}",
            detail=detail,
            now=now,
        )
    secret = phone.secret_of(_seed(key), code, epoch, slot)
    told = phone.spoken(secret, cabina=code, epoch=epoch, slot=slot, centimos=centimos)
    return {"code": told, "slot": place, "centimos": centimos}


def is_told(session: Session, cabina_id: int) -> bool:
    """Whether `settle_told` has a word to sign."""
    if _GIVEN(session, {"cabina_id": cabina_id}).first() is None:
        return False
    return session.execute(_told(cabina_id).limit(1)).first() is not None


def settle_told(session: Session, cabina_id: int, *, key: Ed25519PrivateKey, now: datetime) -> None:
    """Sign treasury's word on each remittance that came and that it had confirmed over the phone for the same amount."""
    if _GIVEN(session, {"cabina_id": cabina_id}).first() is None:
        return
    for remittance, given in session.execute(_told(cabina_id)).all():
        say(
            session,
            session.get_one(Cabina, cabina_id),
            ConfirmationKind.REMITTANCE_CONFIRMED,
            remittance.id,
            centimos=remittance.centimos,
            reason=_SIGNED,
            key=key,
            principal=Principal("staff", 0, given.by, "tesoreria"),
            now=now,
            said_at=given.at,
        )


def differing(session: Session, cabina_id: int) -> int:
    """Remittances that the cabin took as confirmed by a code and treasury's note does not back: another amount, or no note."""
    of_it = (
        select(CodeTaken.remittance_id)
        .outerjoin(
            TreasuryWord,
            (TreasuryWord.subject == CodeTaken.remittance_id) & (TreasuryWord.cabina_id == CodeTaken.cabina_id),
        )
        .where(CodeTaken.cabina_id == cabina_id, TreasuryWord.id.is_(None))
    )
    return len(session.scalars(of_it).all())


def codes_asked(batch: wire.Batch, *, key: Ed25519PrivateKey) -> dict[str, Any] | None:
    """The hashes a cabin lacks, sealed. Slow to make, so outside any write, and made once."""
    first = batch.codes_first
    if not 0 < first <= phone.SLOT_MAX or batch.codes_epoch < 1:
        return None
    told = wire.PhoneCodes(
        cabina=batch.cabina,
        epoch=batch.codes_epoch,
        first=first,
        hashes=_hashes(_seed(key), batch.cabina, batch.codes_epoch, first),
    )
    return wire.seal(key, told).plain()


@lru_cache(maxsize=64)
def _hashes(seed: bytes, cabina: str, epoch: int, first: int) -> tuple[str, ...]:
    return tuple(phone.hash_of(seed, cabina, epoch, slot) for slot in range(first, first + phone.SLOTS_GIVEN))


def _told(cabina_id: int) -> Any:
    """(remittance, treasury's note) of one slot and amount, without a signed word yet."""
    same_slot = (
        (PhoneConfirmation.cabina_id == CabinRemittance.cabina_id)
        & (PhoneConfirmation.epoch == CabinRemittance.epoch)
        & (PhoneConfirmation.slot == CabinRemittance.slot)
    )
    word = (TreasuryWord.subject == CabinRemittance.id) & (TreasuryWord.cabina_id == CabinRemittance.cabina_id)
    joined = select(CabinRemittance, PhoneConfirmation).join(PhoneConfirmation, same_slot)
    of_it = (PhoneConfirmation.cabina_id == cabina_id, PhoneConfirmation.centimos == CabinRemittance.centimos)
    return joined.outerjoin(TreasuryWord, word).where(TreasuryWord.id.is_(None), *of_it)


def _epoch_and_slot(session: Session, cabina: Cabina, place: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(place.strip().upper())
    if found is None:
        raise SlotInvalid(field="codigo")
    of_it = (CabinSeries.cabina_id == cabina.id, CabinSeries.series == found[1])
    epoch, slot = session.scalar(select(CabinSeries.epoch).where(*of_it)), int(found[2])
    if epoch is None or not 0 < slot <= phone.SLOT_MAX:
        raise SlotInvalid(field="codigo")
    return epoch, slot


def _refuse_what_the_centre_knows(session: Session, cabina: Cabina, epoch: int, slot: int, centimos: int) -> None:
    """When the remittance has arrived, what it says and what treasury said of it count."""
    at_slot = (CabinRemittance.cabina_id == cabina.id, CabinRemittance.epoch == epoch, CabinRemittance.slot == slot)
    declared = session.scalar(select(CabinRemittance).where(*at_slot))
    if declared is None:
        return
    said = (TreasuryWord.cabina_id == cabina.id, TreasuryWord.subject == declared.id)
    if session.scalar(select(TreasuryWord.id).where(*said)):
        raise AlreadySettled()
    if declared.centimos != centimos:
        raise OtherAmount(
            f"La cabina declaró S/ {soles(declared.centimos)} con ese código: aclárelo antes de dictarlo."
        )


def _seed(key: Ed25519PrivateKey) -> bytes:
    return phone.seed_of(key.private_bytes_raw())
