"""What a cargo says beyond the data: its check code, its address to follow, what it proves. Shared by centre and cabin.

Source: Law 27444 arts. 31, 33, 125 and 188 (TUO 33, 35, 136, 199)."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from intake.tramite import AUTOMATIC, SAP, Tramite


def track_url(public_url: str, number: str, key: str) -> str:
    """The address in the QR of a cargo."""
    return f"{public_url.rstrip('/')}/seguimiento?{urlencode({'numero': number, 'clave': key})}"


def check_code(number: str, received_at: datetime, *, document: str, sheets: int, total_centimos: int) -> str:
    """`9F2C-41B7-E01B`: twelve digits of the SHA-256 of what the cargo states, to compare a paper with the register."""
    stated = "|".join([number, received_at.astimezone(UTC).isoformat(), document, str(sheets), str(total_centimos)])
    digits = hashlib.sha256(stated.encode()).hexdigest()[:12].upper()
    return "-".join((digits[:4], digits[4:8], digits[8:]))


def legal_note(tramite: Tramite, *, observed: bool, sap_on: date | None) -> str | None:
    """What this cargo proves beyond the filing itself, in one sentence for the citizen; None when nothing more."""
    if observed:
        return "Si no completa lo que falta en el plazo, se tendrá por no presentado y se devolverá lo pagado."
    if tramite.reception_only:
        return "Este cargo prueba la recepción; no es una aprobación."
    if tramite.qualification == AUTOMATIC:
        return "Aprobación automática: este cargo acredita su derecho desde hoy."
    if tramite.silence == SAP and sap_on:
        return f"Si no recibe respuesta hasta el {sap_on:%d/%m/%Y}, su solicitud queda aprobada por ley."
    return None
