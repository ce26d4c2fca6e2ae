"""The question to the centre's public tracking, and what of its answer the till shows."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import quote

import requests
from pydantic import BaseModel, ValidationError

from cabinas.sync.client import CONNECT_S, LinkDown, check_centre_url
from core.errors import Rejected

ANSWER_S = 10.0  # somebody waits at the counter


class NotTold(Rejected):
    """The centre answered and told no case; its sentence says why."""

    code, status, title = "seguimiento.sin_respuesta", 409, "El centro no lo dice"


class Asked(BaseModel):
    items: list[str]
    due_on: date | None


class Step(BaseModel):
    what: str
    area: str
    at: datetime


class Tracked(BaseModel):
    """Nothing of a person is in it."""

    number: str
    tramite_name: str
    state: str
    state_name: str
    area: str
    since_at: datetime
    received_at: datetime
    due_on: date | None
    late: bool
    observed: Asked | None
    resultado: str | None
    next: str
    steps: list[Step]


def ask(number: str, key: str, *, centre_url: str, verify: str | bool) -> Tracked:
    """Raises LinkDown, NotTold."""
    url = f"{check_centre_url(centre_url)}/api/v1/seguimiento/{quote(number, safe='')}"
    try:
        answer = requests.get(url, params={"key": key}, timeout=(CONNECT_S, ANSWER_S), verify=verify)
    except (requests.RequestException, OSError) as error:
        raise LinkDown(str(error)) from error
    if answer.status_code >= 500:
        raise LinkDown(f"el centro respondió {answer.status_code}")
    try:
        body = answer.json()
        if answer.status_code != 200:
            raise NotTold(str(body.get("detail") or NotTold.detail))
        return Tracked.model_validate(body)
    except (ValueError, AttributeError, ValidationError) as error:
        raise LinkDown("lo que respondió no es del centro") from error
