"""A certificate authority of the installation's own, for `serve --tls` where no public certificate can be had.

The authority's key never leaves `keys/`; a cabin is given its certificate when it is paired, an agent by `--ca`
or by its fingerprint."""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.pin import pin_of

AUTHORITY_VALID = timedelta(days=3650)
SERVER_VALID = timedelta(days=397)  # the longest that browsers accept
RENEW_BEFORE = timedelta(days=60)


def certificate(keys_dir: Path, host: str, *, now: datetime) -> dict[str, str]:
    """`certfile` and `keyfile` for `host` and this machine's names; made the first time and renewed in time."""
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_key, authority = _authority(keys_dir, now)
    key_file, cert_file = keys_dir / "server.key", keys_dir / "server.pem"
    if not cert_file.exists() or not _serves(cert_file, host, now):
        key = _new_key(key_file)
        made = _server(key, authority_key, authority, host=host, now=now)
        cert_file.write_bytes(_pem(made) + _pem(authority))
    return {"certfile": str(cert_file), "keyfile": str(key_file)}


def _authority(keys_dir: Path, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, cert_file = keys_dir / "ca.key", keys_dir / "ca.pem"
    if cert_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key, x509.load_pem_x509_certificate(cert_file.read_bytes())
    key = _new_key(key_file)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Mesa CAC {socket.gethostname()}"[:64])])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + AUTHORITY_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file.write_bytes(_pem(made))
    return key, made


def _server(
    key: ec.EllipticCurvePrivateKey,
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    *,
    host: str,
    now: datetime,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    return (
        x509.CertificateBuilder(authority.subject, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + SERVER_VALID)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _names(host: str) -> list[x509.GeneralName]:
    """What a browser on this network may call this server."""
    machine = socket.gethostname()
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    for candidate in (host, machine, f"{machine}.local", *_addresses(machine)):
        name = _general(candidate)
        if name not in names and candidate not in ("0.0.0.0", "::"):
            names.append(name)
    return names


def _addresses(machine: str) -> list[str]:
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(machine, None, socket.AF_INET)})
    except OSError:
        return []


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _serves(cert_file: Path, host: str, now: datetime) -> bool:
    """Whether the certificate is still good for a while and names `host`."""
    held = x509.load_pem_x509_certificate(cert_file.read_bytes())
    named = list(held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    return held.not_valid_after_utc - RENEW_BEFORE > now and all(name in named for name in _names(host))


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _new_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key.private_bytes(*form))
    return key


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def authority_pin(keys_dir: Path) -> str | None:
    """What names the authority's key, for a person to copy; it outlives the server's certificates."""
    pem = authority_pem(keys_dir)
    if pem is None:
        return None
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pin_of(key.public_bytes(*form))


def authority_pem(keys_dir: Path) -> str | None:
    """The authority's certificate, for those who pin it; None where none was made."""
    cert_file = keys_dir / "ca.pem"
    return cert_file.read_text() if cert_file.exists() else None
