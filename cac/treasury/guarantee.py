"""The guarantee: received by one person of treasury; executed or returned only when a second one agrees.

A deposit is known by its receipt or bank operation: the same one, entered again by a centre that was restored and forgot it, is the
same deposit at both ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import find
from cac.treasury import ledger
from cac.treasury.actions import AmountInvalid, say, standing
from cac.treasury.closing import refuse_before_offered_again
from cac.treasury.models import GuaranteeDecision, GuaranteeOrder, TreasuryWord
from cac.treasury.rules import AskMissing, check_amount
from core import wire
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity import clean_text, fold
from core.ids import uuid7
from core.ledger import GUARANTEE_MOVES, Account, EntryKind, municipal_held
from core.money import soles
from core.wire import ConfirmationKind
from web.access import Principal

REFERENCE_MAX = 120
DEPOSIT_CHARS = 32  # of the hash of a deposit's receipt
ASKED = (ConfirmationKind.GUARANTEE_EXECUTED, ConfirmationKind.GUARANTEE_RETURNED)


class ReceiptMissing(Invalid):
    code, title = "garantia.sin_recibo", "Falta el recibo"
    detail = "Escriba el número del recibo o de la operación con que el socio dejó su garantía."


class DepositKnown(Conflict):
    code, title = "garantia.deposito_repetido", "Depósito ya anotado"
    detail = "Ese depósito ya está anotado con el mismo recibo u operación. Si es otro, escriba su propio número."


class OrderUnknown(NotFound):
    code, title = "garantia.pedido_no_existe", "Pedido desconocido"
    detail = "Ese pedido sobre la garantía no existe. Actualice la página."


class OrderOpen(Conflict):
    code, title = "garantia.pedido_abierto", "Ya hay un pedido"
    detail = "Ya hay un pedido sobre esta garantía. Resuélvalo antes de hacer otro."


class OrderDecided(Conflict):
    code, title = "garantia.pedido_resuelto", "Pedido ya resuelto"
    detail = "Ese pedido ya se resolvió. Actualice la página para ver qué se decidió."


class SecondPerson(Forbidden):
    code, title = "garantia.otra_persona", "Debe decidirlo otra persona"
    detail = "Usted hizo este pedido: debe aprobarlo o rechazarlo otra persona de Tesorería, con su propia cuenta."


class PersonNeeded(Forbidden):
    code, title = "garantia.solo_personas", "Solo personas"
    detail = "La garantía la ejecutan o devuelven dos personas con su propia cuenta, nunca un programa."


@dataclass(frozen=True, slots=True)
class OrderSeen:
    order: GuaranteeOrder
    decision: GuaranteeDecision | None

    @property
    def open(self) -> bool:
        return self.decision is None


def receive(
    session: Session,
    code: str,
    *,
    centimos: int,
    reference: str,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """The partner left its guarantee in the treasury, by that receipt or operation.

    Raises CabinaUnknown, AmountInvalid, ReceiptMissing, DepositKnown."""
    cabina = find(session, code)
    if centimos <= 0:
        raise AmountInvalid("Escriba el importe de la garantía en soles, mayor que cero.", field="centimos")
    reference = " ".join(clean_text(reference).split())[:REFERENCE_MAX]
    subject = _deposit(reference)
    if standing(session, cabina, subject) is not None:
        raise DepositKnown(f"El depósito «{reference}» ya está anotado. Si es otro, escriba su propio número.")
    kind = ConfirmationKind.GUARANTEE_DEPOSITED
    return say(
        session, cabina, kind, subject, centimos=centimos, reason=reference, key=key, principal=principal, now=now
    )


def _deposit(reference: str) -> str:
    """The same for one receipt however it is typed. Raises ReceiptMissing."""
    letters = "".join(letter for letter in fold(reference) if letter.isalnum())
    if not letters:
        raise ReceiptMissing(field="reference")
    return f"deposito-{wire.sha256(letters.encode())[:DEPOSIT_CHARS]}"


def ask(
    session: Session, code: str, *, kind: str, centimos: int, motivo: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Ask to execute or return part of the guarantee. Raises CabinaUnknown, PersonNeeded, OrderOpen, AskMissing, AmountInvalid."""
    cabina = find(session, code)
    _refuse_programs(principal)
    motivo = motivo.strip()[:300]
    if kind not in ASKED or not motivo:
        raise AskMissing(field="motivo")
    if any(seen.open for seen in orders(session, cabina.id)):
        raise OrderOpen()
    _check(session, cabina.id, kind, centimos)
    order = GuaranteeOrder(
        cabina_id=cabina.id,
        kind=kind,
        centimos=centimos,
        motivo=motivo,
        asked_by=principal.name,
        asker=principal.key,
        asked_at=now,
    )
    session.add(order)
    session.flush()
    detail = f"{kind} S/ {soles(centimos)} {motivo}"
    record(
        session,
        principal=principal,
        action="tesoreria.garantia_pedida",
        subject=f"cabina:{code}",
        detail=detail,
        now=now,
    )
    return {"id": order.id, "state": "pedido", "centimos": centimos}


def decide(
    session: Session,
    code: str,
    order_id: int,
    *,
    approved: bool,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """A second person's word; approved, the guarantee moves.

    Raises OrderUnknown, OrderDecided, PersonNeeded, SecondPerson, AmountInvalid, NotOfferedAgain."""
    cabina = find(session, code)
    order = session.get(GuaranteeOrder, order_id)
    if order is None or order.cabina_id != cabina.id:
        raise OrderUnknown()
    if session.get(GuaranteeDecision, order_id) is not None:
        raise OrderDecided()
    _refuse_programs(principal)
    if approved and principal.key == order.asker:
        raise SecondPerson()
    session.add(
        GuaranteeDecision(
            order_id=order_id, approved=approved, decided_by=principal.name, decider=principal.key, decided_at=now
        )
    )
    if not approved:
        record(
            session,
            principal=principal,
            action="tesoreria.garantia_no_aprobada",
            subject=f"cabina:{code}",
            detail=f"{order.kind} S/ {soles(order.centimos)}",
            now=now,
        )
        return {"id": order_id, "state": "rechazado", "centimos": order.centimos}
    refuse_before_offered_again(session, cabina)
    _check(session, cabina.id, order.kind, order.centimos)
    reason = f"{order.motivo} (lo pidió {order.asked_by})"
    say(
        session,
        cabina,
        order.kind,
        str(uuid7()),
        centimos=order.centimos,
        reason=reason,
        key=key,
        principal=principal,
        now=now,
    )
    return {"id": order_id, "state": "aprobado", "centimos": order.centimos}


def orders(session: Session, cabina_id: int) -> list[OrderSeen]:
    """What was ever asked about the cabin's guarantee, newest first."""
    rows = session.execute(
        select(GuaranteeOrder, GuaranteeDecision)
        .outerjoin(GuaranteeDecision, GuaranteeDecision.order_id == GuaranteeOrder.id)
        .where(GuaranteeOrder.cabina_id == cabina_id)
        .order_by(GuaranteeOrder.id.desc())
    )
    return [OrderSeen(row[0], row[1]) for row in rows]


def movements(session: Session, cabina_id: int) -> list[TreasuryWord]:
    """What was received, executed and returned, newest first."""
    kinds = [kind.value for kind in GUARANTEE_MOVES]
    of_it = select(TreasuryWord).where(TreasuryWord.cabina_id == cabina_id, TreasuryWord.kind.in_(kinds))
    of_it = of_it.where(TreasuryWord.displaced_at.is_(None))
    return list(session.scalars(of_it.order_by(TreasuryWord.at.desc(), TreasuryWord.id.desc())))


def _check(session: Session, cabina_id: int, kind: str, centimos: int) -> None:
    sums = ledger.balances(session, cabina_id)
    check_amount(EntryKind(kind), centimos, held_centimos=sums[Account.GUARANTEE], owed_centimos=municipal_held(sums))


def _refuse_programs(principal: Principal) -> None:
    if principal.kind != "staff":
        raise PersonNeeded()
