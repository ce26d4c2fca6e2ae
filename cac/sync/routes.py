"""Where cabins talk to the centre (`core.wire` is the contract), and where their convenios are kept."""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app, request
from pydantic import Field, StrictBool, StrictInt, ValidationError
from sqlalchemy.orm import Session

from cac.calendar import calendar, hours
from cac.sync import actions, batches, catalogue, replies
from cac.sync.applying import Rules
from cac.sync.case_papers import announced_bytes
from cac.sync.keys import centre_key
from cac.sync.models import Cabina
from cac.sync.queries import cabina_row, municipality
from cac.sync.stationery import picture_text, stationery
from cac.sync.verification import verification
from cac.treasury import phone
from cac.treasury.late import late_payments
from cac.treasury.views import as_json
from core import wire
from core.clock import lima_day, now_utc
from core.errors import Invalid, NotFound, Rejected, TooMany
from core.money import AMOUNT_MAX_CENTIMOS
from storage.contents import add_piece
from web.access import current_principal, public, requires
from web.api import ApiModel, store, write_once
from web.limits import Tries
from web.sentences import ALWAYS_TRUE, sentences
from web.settings import Settings
from web.tls import authority_pem

api = APIBlueprint("sync_api", __name__, url_prefix="/api/v1/cabinas", tag="Cabinas")

BODY_SLACK = 10_000  # bytes around a batch's own
GZIP = 16 + zlib.MAX_WBITS
WRONG_CODES, WITHIN = 30, timedelta(minutes=15)  # per address
TRAMITES_MAX = 1_000  # more than any TUPA has
TramiteCode = Annotated[str, Field(max_length=20)]


class BatchTooLarge(Rejected):
    code, status, title = "sync.lote_excedido", 413, "Lote demasiado grande"
    detail = "El lote pasa del tamaño admitido. Envíe menos hechos por vez."


class MessageInvalid(Invalid):
    code, title = "sync.mensaje_invalido", "Mensaje mal formado"
    detail = "El mensaje no tiene la forma acordada entre cabina y centro."


class NotAnnounced(NotFound):
    code, title = "sync.adjunto_no_anunciado", "Adjunto sin anunciar"
    detail = "El centro aún no sabe de ese adjunto. La cabina lo envía sola después de sus datos."


class TooManyCodes(TooMany):
    detail = "Hubo demasiados códigos equivocados. Espere quince minutos y vuelva a probar."


class CabinaRequest(ApiModel):
    code: Annotated[str, Field(pattern=r"^C[0-9]{2,3}$")]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    partner: Annotated[str, Field(min_length=1, max_length=160)]
    ruc: Annotated[str, Field(max_length=20)]
    contact: Annotated[str, Field(max_length=200)] = ""
    place: Annotated[str, Field(max_length=200)] = ""
    hours: Annotated[str, Field(max_length=200)] = ""
    service_centimos: Annotated[StrictInt, Field(ge=0, le=10_000)] = 400
    service_bearer: Literal["citizen", "municipality"] = "citizen"
    guarantee_centimos: Annotated[StrictInt, Field(ge=0, le=AMOUNT_MAX_CENTIMOS)] = 30_000
    warn_percent: Annotated[StrictInt, Field(ge=1, le=100)] = 80
    tramites: Annotated[list[TramiteCode], Field(max_length=TRAMITES_MAX)] | None = None


class SuspensionRequest(ApiModel):
    motivo: Annotated[str, Field(max_length=200)] = ""
    suspended: StrictBool = True  # false: it may file again


class RevocationRequest(ApiModel):
    motivo: Annotated[str, Field(min_length=1, max_length=200)]


@api.post("/emparejamientos")
@public
def create_pairing() -> tuple[dict[str, Any], int]:
    address, now = request.remote_addr or "", now_utc()
    wrong: Tries = current_app.extensions.setdefault("pairing_tries", Tries(limit=WRONG_CODES, window=WITHIN))
    if wrong.too_many(address, now=now):
        raise TooManyCodes()
    try:
        asked = wire.PairingRequest.model_validate(request.get_json())
    except ValidationError as error:
        raise _malformed(error) from None
    try:
        with store().read() as session:
            cabina = actions.cabina_of_secret(session, asked.secret, now=now)
            sealed = _catalogue(session, cabina, now=now)[1]
    except actions.PairingCodeUnknown:
        wrong.note(address, now=now)
        raise
    tls_ca = authority_pem(_settings().keys_dir) if request.is_secure else None
    answer = write_once(actions.pair, asked.plain(), catalogue=sealed, key=_key(), tls_ca=tls_ca, now=now)
    return answer, 201


@api.post("/<code>/lotes")
@public
def create_batch(code: str) -> dict[str, Any]:
    """Signed by the cabin's device: the signature is what authenticates it, and its events are their own idempotency keys."""
    now, key = now_utc(), _key()
    sealed = _sealed_batch()
    with store().read() as session:
        sent = _authentic(session, code, sealed, key=key)
        offer = batches.offered(session, sent)
        body = None if offer else replies.as_it_stands(session, sent, key=key, now=now)
        told = body and body | _told_to_all(session, sent, key=key, now=now)
    if told is None:
        rules = Rules(calendar(), hours())
        sent = batches.receive(store(), sent, offer, rules=rules, centre_key=wire.public_text(key), now=now)
        body = store().write(replies.reply, sent, key=key, now=now)
        with store().read() as session:
            told = body | _told_to_all(session, sent, key=key, now=now)
    told["codes"] = phone.codes_asked(sent.batch, key=key) if not sent.flag else None
    return wire.seal(key, wire.BatchReply.model_validate(told)).plain()


def _sealed_batch() -> wire.Sealed[wire.Batch]:
    try:
        return wire.Sealed[wire.Batch].model_validate(_json())
    except ValidationError as error:
        raise _malformed(error) from None


def _authentic(
    session: Session, code: str, sealed: wire.Sealed[wire.Batch], *, key: Ed25519PrivateKey
) -> batches.Authentic:
    try:
        return batches.authenticate(session, code, sealed, centre_key=wire.public_text(key))
    except wire.BadPayload as error:
        raise _malformed(error.__cause__, "body.") from None


def _told_to_all(session: Session, sent: batches.Authentic, *, key: Ed25519PrivateKey, now: datetime) -> dict[str, Any]:
    """What a reply carries when the cabin's own is another: catalogue, keys and voids of receipts, words and logo of papers."""
    current, signed = _catalogue(session, cabina_row(session, sent.cabina), now=now)
    known, own = verification(session), stationery(session)
    fresh = sent.batch.verification_version != known.version
    other = sent.batch.stationery_version not in (None, own.version)
    return {
        "catalogue": signed if sent.batch.catalogue_version != current else None,
        "verification": wire.seal(key, known).plain() if fresh else None,
        "stationery": wire.seal(key, own).plain() if other else None,
        "logo": picture_text(session, own) if other else "",
    }


@api.post("/<code>/adjuntos")
@public
def create_piece(code: str) -> dict[str, Any]:
    """A piece of an announced file, signed by the cabin's device; repeated, it changes nothing."""
    try:
        sealed = wire.Sealed[wire.AttachmentPiece].model_validate(_json(wire.MAX_PIECE_BYTES * 2))
        with store().read() as session:
            cabina, _, sent = batches.opened(session, code, sealed, wire.AttachmentPiece)
            whole = announced_bytes(session, cabina.code, sent.sha256)
        piece = sent.piece
    except ValidationError as error:
        raise _malformed(error) from None
    except wire.BadPayload as error:
        raise _malformed(error.__cause__, "body.") from None
    if whole is None:
        raise NotAnnounced()
    held = add_piece(_settings().files_dir, sent.sha256, piece, offset=sent.offset, whole=whole)
    told = wire.AttachmentHeld(nonce=sent.nonce, sha256=sent.sha256, held=held, whole=held == whole)
    return wire.seal(_key(), told).plain()


@api.post("/<code>/recuperaciones")
@public
def create_recovery(code: str) -> dict[str, Any]:
    """Signed by the cabin's device: what it sent once and has no more. Nothing changes."""
    try:
        sealed = wire.Sealed[wire.PullRequest].model_validate(_json())
        with store().read() as session:
            reply = batches.hand_back(session, code, sealed)
    except ValidationError as error:
        raise _malformed(error) from None
    except wire.BadPayload as error:
        raise _malformed(error.__cause__, "body.") from None
    return wire.seal(_key(), reply).plain()


@api.get("/<code>")
@requires("treasury.read")
def show_cabina(code: str) -> dict[str, Any]:
    now = now_utc()
    with store().read() as session:
        return as_json(session, code, now=now, unpaid_late=late_payments(session, now=now))


@api.post("/<code>/suspensiones")
@requires("treasury.write")
@api.input(SuspensionRequest, arg_name="asked")
def create_suspension(code: str, asked: SuspensionRequest) -> tuple[dict[str, Any], int]:
    suspended = write_once(
        actions.suspend,
        code,
        suspended=asked.suspended,
        reason=asked.motivo,
        principal=current_principal(),
        now=now_utc(),
    )
    return suspended, 201


@api.post("")
@requires("setup.write")
@api.input(CabinaRequest, arg_name="asked")
def create_cabina(asked: CabinaRequest) -> tuple[dict[str, Any], int]:
    terms = actions.Terms(**asked.model_dump())
    return write_once(actions.add_cabina, terms, principal=current_principal(), now=now_utc()), 201


@api.post("/<code>/codigos")
@requires("setup.write")
def create_pairing_code(code: str) -> tuple[dict[str, Any], int]:
    """A pairing code, shown once: never kept, so its repetition gives another."""
    given = store().write(
        actions.give_pairing_code,
        code,
        centre_key=wire.public_text(_key()),
        principal=current_principal(),
        now=now_utc(),
    )
    return {"code": given, "valid_hours": actions.CODE_VALID // timedelta(hours=1)}, 201


@api.post("/<code>/reconocimientos")
@requires("setup.write")
def create_recognition(code: str) -> tuple[dict[str, Any], int]:
    return write_once(actions.recognise, code, principal=current_principal(), now=now_utc()), 201


@api.post("/<code>/revocaciones")
@requires("setup.write")
@api.input(RevocationRequest, arg_name="asked")
def create_revocation(code: str, asked: RevocationRequest) -> tuple[dict[str, Any], int]:
    return write_once(actions.revoke, code, reason=asked.motivo, principal=current_principal(), now=now_utc()), 201


def _catalogue(session: Session, cabina: Cabina, *, now: datetime) -> tuple[str, dict[str, Any]]:
    """Version and sealed catalogue of a cabina today."""
    settings = _settings()
    current = catalogue.catalogue_of(
        session,
        cabina,
        municipality=municipality(session),
        public_url=settings.public_url,
        demo=settings.demo,
        calendar=calendar(),
        hours=hours(),
        day=lima_day(now),
    )
    return current.version, catalogue.sealed(current, _key())


def _json(limit: int = wire.MAX_BATCH_BYTES + BODY_SLACK) -> Any:
    """The body, unpacked when it came so, `limit` bytes at most. Raises BatchTooLarge."""
    if (request.content_length or 0) > limit:
        raise BatchTooLarge()
    if request.headers.get("Content-Encoding") != "gzip":
        return request.get_json()
    unpacking = zlib.decompressobj(wbits=GZIP)
    try:
        data = unpacking.decompress(request.get_data(), limit)
        if unpacking.unconsumed_tail:
            raise BatchTooLarge()
        return json.loads(data)
    except (zlib.error, ValueError, RecursionError):
        raise MessageInvalid() from None


def _malformed(error: BaseException | None, place: str = "") -> MessageInvalid:
    """The refusal that names what in the message is wrong; `place` is where the part it complains of lies."""
    found = sentences(error) if isinstance(error, ValidationError) else {"contenido": ALWAYS_TRUE}
    fields = {place + name: told for name, told in found.items()}
    return MessageInvalid(
        f"{MessageInvalid.detail} Revise: {', '.join(fields)}.", field=next(iter(fields)), fields=fields
    )


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _key() -> Ed25519PrivateKey:
    return centre_key(_settings().keys_dir)
