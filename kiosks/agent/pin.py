"""Knowing the centre by its key's fingerprint alone: what the person who installs an agent can copy from a screen.

The authority's certificate is taken from the connection, believed only if its key has that fingerprint, and from then on
every connection is checked against it, name and dates included."""

from __future__ import annotations

import os
import socket
import ssl
import tempfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from core.errors import Invalid, Rejected
from core.pin import as_pin, pin_of

CONNECT_S = 10.0


class NotAPin(Invalid):
    code = "agente.huella_invalida"
    detail = "La huella son seis grupos de cuatro letras o números, como la muestra «serve --tls»."


class AnotherCentre(Rejected):
    code = "agente.otro_centro"
    detail = "Quien respondió no tiene la clave de esa huella: no es el centro. Revise la dirección y la huella."


def authority(url: str, pin: str) -> str:
    """A file with the certificate of the authority whose key has this `pin`, as the server at `url` shows it.

    Raises NotAPin, AnotherCentre; OSError while nobody answers."""
    try:
        wanted = as_pin(pin)
    except ValueError as error:
        raise NotAPin(field="pin") from error
    for certificate in _shown(url):
        key = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if pin_of(key) == wanted:
            return _kept(certificate)
    raise AnotherCentre()


def _shown(url: str) -> Iterator[x509.Certificate]:
    """The certificates a server shows, nothing about them believed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, parts.port or 443), timeout=CONNECT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        public: Any = getattr(tls, "get_unverified_chain", None)  # Python 3.13; before it, one level below
        chain = public() if public else [one.public_bytes() for one in tls._sslobj.get_unverified_chain()]  # type: ignore[attr-defined]
    for one in chain:
        data = one.encode() if isinstance(one, str) else one
        yield (
            x509.load_pem_x509_certificate(data) if data.startswith(b"-----") else x509.load_der_x509_certificate(data)
        )


def _kept(certificate: x509.Certificate) -> str:
    handle, path = tempfile.mkstemp(prefix="cac-agente-", suffix=".pem")
    with os.fdopen(handle, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    return path
