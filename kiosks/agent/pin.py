"""Knowing the centre by its key's fingerprint alone: what the person who installs an agent can copy from a screen.

The authority's certificate is asked of the centre on a connection of its own, believed only if its key has that fingerprint,
and from then on every connection is checked against it, name and dates included."""

from __future__ import annotations

import os
import tempfile
import warnings

import requests
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from urllib3.exceptions import InsecureRequestWarning

from core.errors import Invalid, Rejected
from core.pin import as_pin, pin_of

ADDRESS = "/api/v1/agente/autoridad"
CONNECT_S = 10.0
DER, PUBLIC = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo


class NotAPin(Invalid):
    code = "agente.huella_invalida"
    detail = "La huella son seis grupos de cuatro letras o números, como la muestra «serve --tls»."


class AnotherCentre(Rejected):
    code = "agente.otro_centro"
    detail = "Quien respondió no tiene la clave de esa huella: no es el centro. Revise la dirección y la huella."


def authority(url: str, pin: str) -> str:
    """A file with the certificate of the authority whose key has this `pin`, as the server at `url` gives it.

    Raises NotAPin, AnotherCentre; requests' errors while nobody answers."""
    try:
        wanted = as_pin(pin)
    except ValueError as error:
        raise NotAPin(field="pin") from error
    certificate = _given(url)
    if certificate is None or pin_of(certificate.public_key().public_bytes(DER, PUBLIC)) != wanted:
        raise AnotherCentre()
    return _kept(certificate)


def _given(url: str) -> x509.Certificate | None:
    """The authority that a server says is its own, nothing about it believed yet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureRequestWarning)  # nothing is told, and what is heard is held to the pin
        answer = requests.get(f"{url.rstrip('/')}{ADDRESS}", timeout=CONNECT_S, verify=False)
    if answer.status_code >= 500:
        answer.raise_for_status()
    try:
        return x509.load_pem_x509_certificate(answer.content)
    except ValueError:
        return None


def _kept(certificate: x509.Certificate) -> str:
    handle, path = tempfile.mkstemp(prefix="cac-agente-", suffix=".pem")
    with os.fdopen(handle, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    return path
