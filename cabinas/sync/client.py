"""The cabin's side of the HTTP talk with the centre: pinned key, deadlines, nothing believed unsigned."""

from __future__ import annotations

import gzip
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from core import wire
from core.errors import Conflict, Rejected
from core.ids import random_token

CONNECT_S = 5.0
ANSWER_S = 20.0
GZIP_OVER, GZIP_LEVEL = 1_000, 5  # bytes; a batch of events packs to a fifth
UNVERIFIED = "la respuesta del centro no se pudo verificar: {}"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


R = TypeVar("R", wire.BatchReply, wire.PullReply, wire.AttachmentHeld)  # what the centre seals, each with our nonce


class PlainHttp(Conflict):
    code = "cabina.centro_sin_cifrar"
    detail = "La dirección del centro debe empezar con https://. Solo un centro en esta misma PC puede usar http://."


class LinkDown(Exception):
    """The centre could not be reached or did not answer as agreed; the message is for a person."""


class PairingRefused(Rejected):
    code, status, title = "cabina.emparejamiento", 409, "No se pudo emparejar"


def check_centre_url(url: str) -> str:
    """The address without a final slash. Raises PlainHttp."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PlainHttp("Escriba la dirección completa del centro, por ejemplo https://cac.muni.gob.pe")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise PlainHttp()
    return url.rstrip("/")


def pair(
    url: str,
    code: str,
    *,
    key: Ed25519PrivateKey,
    machine: str,
    version: str,
    verify: str | bool,
    history: tuple[wire.SeriesWritten, ...] = (),
) -> wire.PairingAnswer:
    """Spend a pairing code. Raises PairingRefused, PlainHttp, LinkDown, BadPairingCode.

    The centre is known by the fingerprint inside the code: an answer signed by another key is refused."""
    base = check_centre_url(url)
    secret, fingerprint = wire.split_pairing_code(code)
    request = wire.PairingRequest(
        secret=secret,
        device_key=wire.public_text(key),
        machine=machine,
        version=version,
        nonce=random_token(),
        history=history,
    )
    try:
        answer = requests.post(
            f"{base}/api/v1/cabinas/emparejamientos",
            json=request.plain(),
            headers={"Idempotency-Key": request.nonce},
            timeout=(CONNECT_S, ANSWER_S),
            verify=verify,
        )
    except requests.RequestException as error:
        raise LinkDown(f"No se pudo hablar con {base}: {_why(error)}.") from error
    if answer.status_code not in (200, 201):
        raise PairingRefused(_detail(answer))
    sealed = _sealed(answer)
    centre_key = str(sealed.body.get("centre_key", ""))
    if wire.fingerprint(centre_key) != fingerprint:
        raise PairingRefused("Quien respondió no es el centro de ese código. Revise la dirección y el código.")
    paired = wire.open_sealed(centre_key, sealed, wire.PairingAnswer)
    if paired.nonce != request.nonce:
        raise PairingRefused("El centro respondió a otra solicitud. Vuelva a intentar.")
    check_lease(wire.open_sealed(centre_key, paired.lease, wire.Lease), paired.cabina, request.device_key)
    wire.open_sealed(centre_key, paired.catalogue, wire.Catalogue)
    return paired


class Talk:
    """One keep-alive connection to the centre."""

    def __init__(self, key: Ed25519PrivateKey, *, verify: str | bool = True):
        self._key = key
        self._session = requests.Session()
        self._verify = verify  # said at each request: the environment's authorities would overrule the session's

    def send(self, batch: wire.Batch, *, centre_url: str, centre_key: str) -> wire.BatchReply:
        """Offer a batch; the verified reply. Raises LinkDown."""
        reply = self._ask("lotes", batch, wire.BatchReply, centre_url=centre_url, centre_key=centre_key)
        try:
            self._check_grants(reply, batch, centre_key)
        except wire.WireError as error:
            raise LinkDown(UNVERIFIED.format(error)) from error
        return reply

    def pull(self, asked: wire.PullRequest, *, centre_url: str, centre_key: str) -> wire.PullReply:
        """Ask back what this cabin sent once. Raises LinkDown. Each event is still to be verified by its own signature."""
        return self._ask("recuperaciones", asked, wire.PullReply, centre_url=centre_url, centre_key=centre_key)

    def _ask(self, noun: str, message: Any, kind: type[R], *, centre_url: str, centre_key: str) -> R:
        """Post a signed message; its verified answer, which carries the message's nonce."""
        body, headers = wire.canonical(wire.seal(self._key, message).plain()), {"Content-Type": "application/json"}
        if len(body) > GZIP_OVER:
            body, headers["Content-Encoding"] = gzip.compress(body, GZIP_LEVEL), "gzip"
        try:
            answer = self._session.post(
                f"{check_centre_url(centre_url)}/api/v1/cabinas/{message.cabina}/{noun}",
                data=body,
                headers=headers | {"Idempotency-Key": message.nonce},
                timeout=(CONNECT_S, ANSWER_S),
                verify=self._verify,
            )
        except PlainHttp as error:
            raise LinkDown(error.detail) from error
        except (requests.RequestException, OSError) as error:
            raise LinkDown(_why(error)) from error
        if answer.status_code != 200:
            raise LinkDown(_detail(answer))
        try:
            reply = wire.open_sealed(centre_key, _sealed(answer), kind)
        except wire.WireError as error:
            raise LinkDown(UNVERIFIED.format(error)) from error
        if reply.nonce != message.nonce:
            raise LinkDown("el centro repitió una respuesta vieja")
        return reply

    def send_piece(self, piece: wire.AttachmentPiece, *, centre_url: str, centre_key: str) -> wire.AttachmentHeld:
        """Offer a piece of a file; how much of it the centre has now. Raises LinkDown."""
        told = self._ask("adjuntos", piece, wire.AttachmentHeld, centre_url=centre_url, centre_key=centre_key)
        if told.sha256 != piece.sha256:
            raise LinkDown("el centro respondió a otra cosa")
        return told

    def close(self) -> None:
        self._session.close()

    def _check_grants(self, reply: wire.BatchReply, batch: wire.Batch, centre_key: str) -> None:
        if reply.lease is not None:
            lease = wire.open_sealed(centre_key, reply.lease, wire.Lease)
            check_lease(lease, batch.cabina, wire.public_text(self._key))
        if reply.catalogue is not None:
            wire.open_sealed(centre_key, reply.catalogue, wire.Catalogue)
        if reply.suspension is not None:
            wire.open_sealed(centre_key, reply.suspension, wire.Suspension)
        if (
            reply.codes is not None
            and wire.open_sealed(centre_key, reply.codes, wire.PhoneCodes).cabina != batch.cabina
        ):
            raise wire.BadPayload("los códigos son de otra cabina")
        if reply.verification is not None:
            wire.open_sealed(centre_key, reply.verification, wire.Verification)
        if reply.stationery is not None:  # what it says is judged when it is taken: no paper stops the talk
            wire.verify(centre_key, wire.Stationery.what, reply.stationery.body, reply.stationery.signature)
        for closed in reply.settlements:
            if wire.open_sealed(centre_key, closed, wire.Liquidacion).cabina != batch.cabina:
                raise wire.BadPayload("una liquidación es de otra cabina")
        for sealed in reply.confirmations:
            word = wire.open_sealed(centre_key, sealed, wire.Confirmation)
            if word.cabina != batch.cabina:
                raise wire.BadPayload("una confirmación es de otra cabina")


def check_lease(lease: wire.Lease, cabina: str, device_key: str) -> None:
    """Raises BadPayload when the series is not for this cabin and device."""
    if lease.cabina != cabina or lease.device_key != device_key:
        raise wire.BadPayload("la serie es de otra cabina o de otra PC")


def offset_s(batch: wire.Batch, reply: wire.BatchReply, received_at: datetime) -> int:
    return wire.clock_offset_s(sent_at=batch.sent_at, received_at=received_at, centre_now=reply.now)


def _sealed(answer: requests.Response) -> wire.Sealed:
    try:
        return wire.Sealed.model_validate_json(answer.content)
    except ValidationError as error:
        raise LinkDown("el centro respondió algo que no se entiende") from error


def _detail(answer: requests.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"el centro respondió {answer.status_code}"


def _why(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "el certificado del centro no es el esperado"
    if isinstance(error, requests.Timeout):
        return "no respondió a tiempo"
    return "no hay conexión"
