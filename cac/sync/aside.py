"""An event that waits for a person: set aside with its reason, or applied with what was wrong in it corrected.

What it says of money is never corrected: that is between the cabin's drawer and its paper. An event that moves money is set
aside by two people of treasury, each with their own account, and the cabin is told so under the centre's signature: it turns
back in its own books what the event moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import find
from cac.sync.applying import Place, Rules, StillRefused, apply_as_asked, series_of_epoch
from cac.sync.branches import waiting
from cac.sync.models import AsideOrder, InboxEvent, QuarantinedEvent
from cac.sync.rebuilt import APPLIED
from cac.sync.told import told
from cac.sync.undoing import ASIDE, tell_aside
from core import wire
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity import check_document, clean_lines, normalize_name
from intake.request import SHEETS_MAX
from web.access import Principal

CORRECTED = ("tupa_version", "document_number", "name", "subject", "sheets")


class MotivoMissing(Invalid):
    code, title = "sync.sin_motivo", "Falta el motivo"
    detail = "Escriba por qué se aparta: queda en el registro."


class OrderUnknown(NotFound):
    code, title = "sync.pedido_no_existe", "Pedido desconocido"
    detail = "Ese pedido ya se resolvió o no existe. Actualice la página."


class OrderOpen(Conflict):
    code, title = "sync.pedido_abierto", "Ya hay un pedido"
    detail = "Ya se pidió apartar este hecho. Falta que otra persona de Tesorería lo apruebe."


class SecondPerson(Forbidden):
    code, title = "sync.otra_persona", "Debe aprobarlo otra persona"
    detail = "Este hecho mueve dinero: debe apartarlo otra persona de Tesorería, con su propia cuenta."


class PersonNeeded(Forbidden):
    code, title = "sync.solo_personas", "Solo personas"
    detail = "Un hecho lo aparta o corrige una persona con su propia cuenta, nunca un programa."


class NothingCorrected(Invalid):
    code, title = "sync.nada_corregido", "Nada corregido"
    detail = "Cambie lo que está mal. Si no hay nada que cambiar, presione «Volver a intentar»."


def ask(
    session: Session, code: str, place: str, event_id: int, *, motivo: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Set an event aside; one that moves money waits for a second person. Raises BranchEventUnknown, MotivoMissing, OrderOpen."""
    _refuse_programs(principal)
    cabina = find(session, code)
    text, row, _ = waiting(session, cabina, place, event_id)
    motivo = " ".join(motivo.split())[:300]
    if not motivo:
        raise MotivoMissing(field="motivo")
    if any(order.place == place and order.event_id == event_id for order in orders(session, cabina.id)):
        raise OrderOpen()
    order = AsideOrder(
        cabina_id=cabina.id,
        place=place,
        event_id=event_id,
        motivo=motivo,
        asked_by=principal.name,
        asker=principal.key,
        asked_at=now,
    )
    session.add(order)
    session.flush()
    money = told(text).money
    if not money:
        order.decided_at, order.decided_by, order.approved = now, principal.name, True
        row.settled_at, row.settled_by, row.settled_how = now, principal.name, f"{ASIDE}: {motivo}"[:300]
    action = "cabina.hecho_por_apartar" if money else "cabina.hecho_apartado"
    _note(session, action, code, f"{place} {event_id}: {motivo}", principal=principal, now=now)
    return {"order": order.id, "state": "pedido" if money else ASIDE}


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
    """The second person's word, signed for the cabin; who asked may only take it back.

    Raises OrderUnknown, SecondPerson, BranchEventUnknown."""
    _refuse_programs(principal)
    cabina, order = find(session, code), session.get(AsideOrder, order_id)
    if order is None or order.cabina_id != cabina.id or order.decided_at is not None:
        raise OrderUnknown()
    if approved and order.asker == principal.key:
        raise SecondPerson()
    order.decided_at, order.decided_by, order.approved = now, principal.name, approved
    if approved:
        text, row, _ = waiting(session, cabina, order.place, order.event_id)
        reason = f"{order.motivo} (lo pidió {order.asked_by})"
        row.settled_at, row.settled_by, row.settled_how = now, principal.name, f"{ASIDE}: {reason}"[:300]
        if text:  # of what was lost nobody has an event to turn back
            tell_aside(session, cabina, text, told(text), reason=reason, key=key, principal=principal, now=now)
    action = "cabina.hecho_apartado" if approved else "cabina.hecho_no_apartado"
    detail = f"{order.place} {order.event_id}: {order.motivo}"
    _note(session, action, code, detail, principal=principal, now=now)
    return {"order": order_id, "state": ASIDE if approved else "retirado", "place": order.place}


def orders(session: Session, cabina_id: int) -> list[AsideOrder]:
    """Those nobody has decided yet."""
    open_ones = select(AsideOrder).where(AsideOrder.cabina_id == cabina_id, AsideOrder.decided_at.is_(None))
    return list(session.scalars(open_ones.order_by(AsideOrder.id)))


def correct(
    session: Session,
    code: str,
    event_id: int,
    said: Mapping[str, str],
    *,
    rules: Rules,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Apply a filing of the quarantine with what `said` corrects: TUPA version, document, name, subject, folios. The event stays as
    it was signed; each change goes to the log. Raises BranchEventUnknown, NothingCorrected, Invalid, StillRefused."""
    _refuse_programs(principal)
    cabina = find(session, code)
    text, held, _ = waiting(session, cabina, "hechos", event_id)
    fact = told(text).fact
    if not isinstance(fact, wire.ExpedienteFiled) or not isinstance(held, QuarantinedEvent):
        raise StillRefused("Solo un trámite se corrige aquí; lo demás se vuelve a intentar o se aparta.")
    if held.code == wire.BadSignature.code:
        raise StillRefused("No lo firmó la computadora de la cabina: no se puede corregir. Apártelo.")
    corrected, changes = _corrected(fact, said)
    if not changes:
        raise NothingCorrected()
    event = session.get_one(InboxEvent, event_id)
    series = series_of_epoch(session, cabina.id, event.epoch)
    apply_as_asked(session, corrected, event_id, Place(cabina, series, rules, now))
    held.settled_at, held.settled_by, held.settled_how = now, principal.name, APPLIED
    detail = f"{fact.number}: " + "; ".join(f"{name} «{old}» → «{new}»" for name, (old, new) in changes.items())
    _note(session, "cabina.hecho_corregido", code, detail[:1000], principal=principal, now=now)
    return {"number": fact.number, "changed": sorted(changes)}


def _corrected(
    fact: wire.ExpedienteFiled, said: Mapping[str, str]
) -> tuple[wire.ExpedienteFiled, dict[str, tuple[str, str]]]:
    """The fact with the fields that are told otherwise, and what they were. Raises Invalid."""
    before = {
        "tupa_version": fact.tupa_version,
        "document_number": fact.applicant.document_number,
        "name": fact.applicant.name,
        "subject": fact.subject,
        "sheets": str(fact.sheets),
    }
    after = {name: clean_lines(said.get(name, "")) or before[name] for name in CORRECTED}
    changes = {name: (before[name], after[name]) for name in CORRECTED if after[name] != before[name]}
    checked = check_document(fact.applicant.document_type, after["document_number"])
    if "document_number" in changes and checked.error:
        raise Invalid(checked.error, field="document_number")
    if not (after["sheets"].isascii() and after["sheets"].isdigit() and int(after["sheets"]) <= SHEETS_MAX):
        raise Invalid("Escriba los folios con cifras.", field="sheets")
    applicant = fact.applicant.model_copy(
        update={
            "document_number": checked.document.number if "document_number" in changes else before["document_number"],
            "name": normalize_name(after["name"]),
        }
    )
    told_again = {
        "tupa_version": after["tupa_version"][:40],
        "subject": after["subject"][:1000],
        "sheets": int(after["sheets"]),
    }
    return fact.model_copy(update=told_again | {"applicant": applicant}), changes


def _note(session: Session, action: str, code: str, detail: str, *, principal: Principal, now: datetime) -> None:
    record(session, principal=principal, action=action, subject=f"cabina:{code}", detail=detail, now=now)


def _refuse_programs(principal: Principal) -> None:
    if principal.kind != "staff":
        raise PersonNeeded()
