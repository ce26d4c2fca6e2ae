"""The centre's jobs over HTTP, as the spool worker sees them.

Each change carries a key of its own, so repeating one whose answer was lost changes nothing twice."""

from __future__ import annotations

import time
from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from core.errors import Invalid, Rejected
from kiosks.agent.pin import authority
from printing.outcome import Health, Outcome
from printing.spool import Job

ANSWER_S = 10.0
TRIES = 5
PAUSE_S = 1.0
SIGNAL_S = 10.0  # the centre knows by it that this agent is there
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NotSecure(Invalid):
    code = "agente.sin_https"
    detail = (
        "El agente solo usa https fuera de este equipo. Inicie el centro con «serve --tls» y use su dirección https."
    )


class CentreRefuses(Rejected):
    code = "agente.rechazado"
    detail = "El centro no acepta a este agente."


@dataclass(slots=True)
class CentreJobs:
    """A `JobSource` at `url`. `ca` is the file of the centre's own authority, when it made one; `pin` names its key instead."""

    url: str
    token: str
    ca: str | None = None
    pin: str | None = None
    session: requests.Session = field(default_factory=requests.Session)
    _trusted: str | bool = True
    _told_at: float = float("-inf")

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise NotSecure()
        self.session.headers["Authorization"] = f"Bearer {self.token}"
        self._trusted = self.ca or True

    def describe(self) -> dict[str, Any]:
        """The printer this agent prints for. Raises CentreRefuses for a wrong token; waits for a centre that is off."""
        answer: dict[str, Any] = self._call("GET", "").json()
        return answer

    def recover(self) -> None:
        self._post("/recuperaciones", {})

    def claim(self) -> Job | None:
        if time.monotonic() - self._told_at >= SIGNAL_S:
            with suppress(requests.RequestException):  # told again at the next claim; what matters comes after
                self._call("POST", "/senales")
                self._told_at = time.monotonic()
        answer = self._call("GET", "/trabajos")
        if answer.status_code == 204:
            return None
        job = answer.json()
        return Job(job["id"], b64decode(job["data"]), job["attempt"])

    def mark(self, job: Job) -> bool:
        return self._post(f"/trabajos/{job.id}/marcas", {"attempt": job.attempt})

    def result(self, job: Job, outcome: Outcome) -> None:
        said = {"state": outcome.state, "detail": outcome.detail, "sent_bytes": outcome.sent_bytes}
        self._post(f"/trabajos/{job.id}/resultados", {"attempt": job.attempt, **said})

    def health(self, health: Health) -> None:
        self._post("/estados", {"problem": health.problem, "warning": health.warning})

    def _post(self, path: str, body: dict[str, Any]) -> bool:
        key = uuid4().hex
        for left in reversed(range(TRIES)):
            try:
                return bool(self._call("POST", path, json=body, headers={"Idempotency-Key": key}).json()["done"])
            except requests.RequestException:
                if not left:
                    raise
                time.sleep(PAUSE_S)
        raise AssertionError("the last try returns or raises")

    def _call(self, method: str, path: str, **kw: Any) -> requests.Response:
        if self.pin and self._trusted is True:
            self._trusted = authority(self.url, self.pin)
        url = f"{self.url.rstrip('/')}/api/v1/agente{path}"
        # said at each request: the session's own would give way to REQUESTS_CA_BUNDLE
        answer = self.session.request(method, url, timeout=ANSWER_S, verify=self._trusted, **kw)
        if answer.status_code >= 500:
            answer.raise_for_status()
        if answer.status_code >= 400:
            raise CentreRefuses(_detail(answer))
        return answer


def _detail(answer: requests.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError):
        return f"El centro respondió {answer.status_code}."
