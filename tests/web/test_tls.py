"""The installation's own certificate authority: a client that trusts it trusts the server, and nobody else reads its keys."""

from __future__ import annotations

import ssl
from datetime import timedelta

from cryptography import x509

from core.clock import now_utc
from web.tls import authority_pem, certificate


def test_a_client_that_trusts_the_authority_trusts_the_server(tmp_path):
    files = certificate(tmp_path, "127.0.0.1", now=now_utc())
    server, client = (
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        ssl.create_default_context(cafile=str(tmp_path / "ca.pem")),
    )
    server.load_cert_chain(**files)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    at_server = server.wrap_bio(to_server, to_client, server_side=True)
    at_client = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    for _ in range(4):
        for side in (at_client, at_server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert at_client.getpeercert() and at_client.version()


def test_the_keys_are_for_their_owner_alone(tmp_path):
    certificate(tmp_path, "127.0.0.1", now=now_utc())
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("*.key")} == {
        "ca.key": 0o600,
        "server.key": 0o600,
    }


def test_the_certificate_is_renewed_in_time_and_the_authority_stays(tmp_path):
    now = now_utc()
    before = load(certificate(tmp_path, "127.0.0.1", now=now))
    given = authority_pem(tmp_path)
    assert load(certificate(tmp_path, "127.0.0.1", now=now + timedelta(days=30))) == before
    after = load(certificate(tmp_path, "127.0.0.1", now=now + timedelta(days=380)))
    assert after.not_valid_after_utc > before.not_valid_after_utc
    assert given and authority_pem(tmp_path) == given


def load(files):
    with open(files["certfile"], "rb") as file:
        return x509.load_pem_x509_certificate(file.read())
