"""Tickets as programs are told of them: plain JSON values."""

from __future__ import annotations

from typing import Any

from core.clock import LIMA
from ticketing.estimate import Wait


def ticket_json(ticket: Any, *, ahead: int, wait: Wait | None, public_url: str) -> dict[str, Any]:
    """`ticket` is a row of `find_ticket`, or what was just issued."""
    return {
        "id": ticket.id,
        "code": ticket.code,
        "service": ticket.service,
        "preferente": ticket.preferente,
        "state": str(ticket.state),
        "issued_at": ticket.issued_at.astimezone(LIMA).isoformat(),
        "ahead": ahead,
        "wait": wait_json(wait),
        "ventanilla": ticket.ventanilla,
        "follow_url": f"{public_url}/t/{ticket.token}",
        "print_job": ticket.print_job,
    }


def wait_json(wait: Wait | None) -> dict[str, int] | None:
    return {"low_minutes": wait.low_minutes, "high_minutes": wait.high_minutes} if wait else None
