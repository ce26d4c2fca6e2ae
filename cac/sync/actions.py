"""What people do with cabins: sign a convenio, give a pairing code, suspend, revoke. Pairing is what a cabin's PC does."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.leases import centre_epoch, current_series, grant, open_series
from cac.sync.models import Cabina, CabinDevice, CabinSuspension, InboxEvent, PairingCode
from cac.sync.queries import series_granted
from core.errors import Conflict, Invalid, NotFound
from core.identity import check_document
from core.ids import CROCKFORD
from core.money import AMOUNT_MAX_CENTIMOS, soles
from core.wire import PairingAnswer, PairingRequest, Sealed, pairing_code, public_text, seal
from web.access import Principal

SERVICE_MAX_CENTIMOS = 10_000
OPERATOR_CHARS = 100  # of a name that an event tells
CODE_VALID = timedelta(hours=24)
SECRET_LETTERS = 8  # 40 random bits, used once, tries limited
_CODE = re.compile(r"C(?!0+$)[0-9]{2,3}")  # C00 is for practice


class CabinaUnknown(NotFound):
    code, title = "cabina.no_existe", "Cabina desconocida"
    detail = "No hay una cabina con ese código. Revíselo: se escribe como C01."


class CabinaTaken(Conflict):
    code, title = "cabina.repetida", "Cabina repetida"
    detail = "Ya hay una cabina con ese código. Elija el siguiente."


class PairingCodeUnknown(NotFound):
    code, title = "cabina.codigo_desconocido", "Código de emparejamiento desconocido"
    detail = "El código no existe o venció. Pida uno nuevo a la municipalidad."


class PairingCodeUsed(Conflict):
    code, title = "cabina.codigo_usado", "Código de emparejamiento ya usado"
    detail = "Ese código ya se usó en otra computadora. Pida uno nuevo a la municipalidad."


class KeyRefused(Conflict):
    code, title = "cabina.clave_no_admitida", "Clave de computadora no admitida"
    detail = (
        "La clave de esta computadora ya no vale: fue revocada o la usan dos. Empareje en una carpeta de datos nueva."
    )


class FolderForked(Conflict):
    code, title = "cabina.historia_bifurcada", "Carpeta de otra historia"
    detail = (
        "Lo que guarda esa carpeta no es lo que el centro tiene de la cabina: un disco copiado siguió por su lado. Empareje en una "
        "carpeta nueva, que recibe toda la historia. La otra no se borra: encienda su caja con internet para que envíe lo que registró."
    )


class NoOtherMachine(Conflict):
    code, title = "cabina.sin_otra_pc", "Nada que reconocer"
    detail = "La cabina trabaja en la computadora que se emparejó. Actualice la página."


class ReasonMissing(Invalid):
    code, title = "suspension.sin_motivo", "Falta el motivo"
    detail = "Escriba el motivo: la cabina lo verá en su pantalla."


@dataclass(frozen=True, slots=True)
class Terms:
    """What a convenio says of a cabin."""

    code: str  # C01
    name: str
    partner: str
    ruc: str
    contact: str = ""
    place: str = ""
    hours: str = ""
    service_centimos: int = 400
    service_bearer: str = "citizen"  # or municipality
    guarantee_centimos: int = 30_000
    warn_percent: int = 80
    tramites: list[str] | None = None  # codes; None: all whose channels include cabins


def add_cabina(session: Session, terms: Terms, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """A convenio with a partner. Raises Invalid, CabinaTaken."""
    if not _CODE.fullmatch(terms.code):
        raise Invalid("El código de una cabina es C y dos o tres cifras, desde C01.", field="code")
    check_terms(terms)
    if session.scalar(select(Cabina.id).where(Cabina.code == terms.code)):
        raise CabinaTaken()
    session.add(Cabina(**asdict(terms), created_at=now))
    subject = f"cabina:{terms.code}"
    record(session, principal=principal, action="cabina.alta", subject=subject, detail=terms.name, now=now)
    return {"code": terms.code}


def check_terms(terms: Terms) -> None:
    """Raises Invalid."""
    if error := check_document("RUC", terms.ruc).error:
        raise Invalid(error, field="ruc")
    if not 0 <= terms.service_centimos <= SERVICE_MAX_CENTIMOS:
        raise Invalid(f"El servicio va de S/ 0.00 a S/ {soles(SERVICE_MAX_CENTIMOS)}.", field="service")
    if not 0 <= terms.guarantee_centimos <= AMOUNT_MAX_CENTIMOS:
        raise Invalid("Escriba la garantía en soles, como 300.00.", field="guarantee")
    if not 1 <= terms.warn_percent <= 100:
        raise Invalid("El aviso va de 1 a 100 por ciento de la garantía.", field="warn_percent")


def give_pairing_code(
    session: Session, code: str, *, centre_key: str, principal: Principal, now: datetime, valid: timedelta = CODE_VALID
) -> str:
    """A code for one PC, given once: the person types it at the cabin. Raises CabinaUnknown."""
    cabina = find(session, code)
    secret = "".join(secrets.choice(CROCKFORD) for _ in range(SECRET_LETTERS))
    session.add(PairingCode(cabina_id=cabina.id, sha256=_sha256(secret), valid_until=now + valid, created_at=now))
    record(session, principal=principal, action="cabina.codigo", subject=f"cabina:{code}", detail="", now=now)
    return pairing_code(secret, centre_key)


def cabina_of_secret(session: Session, secret: str, *, now: datetime) -> Cabina:
    """Whose code it is. Raises PairingCodeUnknown."""
    row = session.scalar(select(PairingCode).where(PairingCode.sha256 == _sha256(secret)))
    if row is None or (row.valid_until < now and row.device_id is None):
        raise PairingCodeUnknown()
    return session.get_one(Cabina, row.cabina_id)


def pair(
    session: Session,
    asked: dict[str, Any],
    *,
    catalogue: dict[str, Any],
    key: Ed25519PrivateKey,
    tls_ca: str | None,
    now: datetime,
) -> dict[str, Any]:
    """Enrol the PC that knows the secret: its key gets a series of its own, and the cabin's earlier PC is replaced.

    `asked` is a PairingRequest, `catalogue` sealed; returns a sealed PairingAnswer. The same secret with the same device key
    is answered again. Raises PairingCodeUnknown, PairingCodeUsed, KeyRefused, FolderForked."""
    request = PairingRequest.model_validate(asked)
    cabina = cabina_of_secret(session, request.secret, now=now)
    code = session.scalars(select(PairingCode).where(PairingCode.sha256 == _sha256(request.secret))).one()
    device = session.scalar(select(CabinDevice).where(CabinDevice.public_key == request.device_key))
    if code.device_id is not None:
        if device is None or device.id != code.device_id:
            raise PairingCodeUsed()
    else:
        _refuse_forked(session, cabina, request)
        device = _enrol(session, cabina, request, known=device, now=now)
        code.device_id = device.id
    lease = grant(session, cabina, current_series(session, device), device, key=key, now=now)
    answer = PairingAnswer(
        nonce=request.nonce,
        cabina=cabina.code,
        centre_key=public_text(key),
        centre_epoch=centre_epoch(session),
        lease=Sealed(**lease),
        catalogue=Sealed(**catalogue),
        now=now,
        tls_ca=tls_ca,
        series=series_granted(session, cabina.id),
    )
    return seal(key, answer).plain()


def _enrol(
    session: Session, cabina: Cabina, request: PairingRequest, *, known: CabinDevice | None, now: datetime
) -> CabinDevice:
    """The cabin's one device from now on, with a series of its own. A known key may come again, unless it was revoked or
    two PCs were seen to use it."""
    if known is not None and not _trusted(session, known, cabina):
        raise KeyRefused()
    earlier = select(CabinDevice).where(CabinDevice.cabina_id == cabina.id, CabinDevice.revoked_at.is_(None))
    for device in session.scalars(earlier):
        if device is not known:
            device.revoked_at, device.revoked_why = now, "reemplazado por otro equipo"
    device = known or CabinDevice(
        cabina_id=cabina.id,
        public_key=request.device_key,
        machine=request.machine[:64],
        version=request.version[:40],
        paired_at=now,
        revoked_why="",
        alarms=[],
    )
    session.add(device)
    session.flush()
    open_series(session, cabina, device, epoch_of_centre=centre_epoch(session), reason="equipo emparejado", now=now)
    record(
        session,
        principal=of_cabina(cabina),
        action="cabina.emparejada",
        subject=f"cabina:{cabina.code}",
        detail=f"equipo {device.id}",
        now=now,
    )
    return device


def _refuse_forked(session: Session, cabina: Cabina, request: PairingRequest) -> None:
    """What the PC shows of its folder must be what is held here, where it is: else its book would not be the cabin's."""
    for written in request.history:
        shown = dict(written.events)
        held = select(InboxEvent.seq, InboxEvent.hash).where(
            InboxEvent.cabina_id == cabina.id, InboxEvent.epoch == written.epoch, InboxEvent.seq.in_(list(shown))
        )
        if any(shown[row.seq] != row.hash for row in session.execute(held)):
            raise FolderForked()


def _trusted(session: Session, device: CabinDevice, cabina: Cabina) -> bool:
    frozen = current_series(session, device).frozen_at is not None
    return device.cabina_id == cabina.id and device.revoked_at is None and not frozen


def suspend(
    session: Session, code: str, *, suspended: bool, reason: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Stop the cabin from filing, or let it go on; what it filed meanwhile is received all the same.

    Raises CabinaUnknown, ReasonMissing."""
    cabina = find(session, code)
    if suspended and not reason.strip():
        raise ReasonMissing(field="motivo")
    session.add(
        CabinSuspension(
            cabina_id=cabina.id, suspended=suspended, reason=reason.strip()[:300], at=now, by=principal.name
        )
    )
    action = "cabina.suspendida" if suspended else "cabina.rehabilitada"
    record(session, principal=principal, action=action, subject=f"cabina:{code}", detail=reason, now=now)
    return {"cabina": code, "suspended": suspended, "motivo": reason.strip(), "at": now.isoformat()}


def revoke(session: Session, code: str, *, reason: str, principal: Principal, now: datetime) -> dict[str, Any]:
    """Trust the cabin's PC no more, as when it was stolen. What it still sends is received and flagged. Raises CabinaUnknown."""
    cabina = find(session, code)
    devices = select(CabinDevice).where(CabinDevice.cabina_id == cabina.id, CabinDevice.revoked_at.is_(None))
    for device in session.scalars(devices):
        device.revoked_at, device.revoked_why = now, reason[:200]
    record(
        session, principal=principal, action="cabina.equipo_revocado", subject=f"cabina:{code}", detail=reason, now=now
    )
    return {"cabina": code}


def recognise(session: Session, code: str, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The PC that shows another fingerprint is the same one, with a part changed: a person saw it. It stopped by itself and
    asks for a new series, so that if it was a copy after all no number is given twice. Raises CabinaUnknown, NoOtherMachine."""
    cabina = find(session, code)
    using = select(CabinDevice).where(
        CabinDevice.cabina_id == cabina.id, CabinDevice.revoked_at.is_(None), CabinDevice.other_machine != ""
    )
    device = session.scalar(using)
    if device is None:
        raise NoOtherMachine()
    device.machine, device.other_machine = device.other_machine, ""
    subject = f"cabina:{code}"
    record(session, principal=principal, action="cabina.misma_pc", subject=subject, detail="pieza cambiada", now=now)
    return {"code": code}


def find(session: Session, code: str) -> Cabina:
    """Raises CabinaUnknown."""
    cabina = session.scalar(select(Cabina).where(Cabina.code == code))
    if cabina is None:
        raise CabinaUnknown()
    return cabina


def of_cabina(cabina: Cabina, operator: str = "") -> Principal:
    """The cabin as the one who acts, for the log and the case: with its operator's name, as the event tells it."""
    named = f"{operator[:OPERATOR_CHARS]}, cabina {cabina.code}" if operator else f"Cabina {cabina.code}"
    return Principal("cabina", cabina.id, named, "cabina")


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
