"""What each role may do: the table of the outside contract, one row a permission."""

from __future__ import annotations

KIOSKO, PANTALLA, TABLETA = "kiosko", "pantalla", "tableta"
VENTANILLA, ORIENTADOR, UNIDAD = "ventanilla", "orientador", "unidad"
CAJERO, TESORERIA, SUPERVISOR, ADMIN, AUDITOR, AGENTE = (
    "cajero",
    "tesoreria",
    "supervisor",
    "admin",
    "auditor",
    "agente",
)

DEVICE_ROLES = (KIOSKO, PANTALLA, TABLETA)
STAFF_ROLES = (VENTANILLA, ORIENTADOR, UNIDAD, CAJERO, TESORERIA, SUPERVISOR, ADMIN, AUDITOR)
ROLES = (*DEVICE_ROLES, *STAFF_ROLES, AGENTE)

MAY: dict[str, frozenset[str]] = {
    "tickets.issue": frozenset({KIOSKO, VENTANILLA, ORIENTADOR, SUPERVISOR, ADMIN}),
    "tickets.give": frozenset({VENTANILLA, ORIENTADOR, SUPERVISOR, ADMIN}),  # by hand, to somebody who stands there
    "board.read": frozenset({KIOSKO, PANTALLA, VENTANILLA, ORIENTADOR, SUPERVISOR, ADMIN}),
    "tickets.move": frozenset({VENTANILLA, SUPERVISOR, ADMIN}),
    "citas.write": frozenset({VENTANILLA, ORIENTADOR, SUPERVISOR, ADMIN}),  # appointments, for whoever asks at the desk
    "cases.write": frozenset({VENTANILLA, UNIDAD, SUPERVISOR, ADMIN}),
    "cases.read": frozenset({VENTANILLA, UNIDAD, SUPERVISOR, ADMIN, AUDITOR}),
    "acts.write": frozenset({UNIDAD, ADMIN}),
    "cash.write": frozenset({VENTANILLA, CAJERO, TESORERIA}),
    "cash.read": frozenset({VENTANILLA, CAJERO, TESORERIA, AUDITOR}),
    "cabins.rebuild": frozenset({VENTANILLA, SUPERVISOR, ADMIN}),  # a cabin's receipt whose filing never arrived
    "treasury.write": frozenset({TESORERIA}),
    "treasury.read": frozenset({TESORERIA, AUDITOR}),
    "setup.write": frozenset({ADMIN}),
    "paper.use": frozenset({VENTANILLA, ORIENTADOR, CAJERO, TESORERIA, SUPERVISOR, ADMIN}),
    "paper.jobs": frozenset({VENTANILLA, ORIENTADOR, CAJERO, TESORERIA, SUPERVISOR, ADMIN, AGENTE}),
    "paper.agent": frozenset({AGENTE}),
    "log.read": frozenset({ADMIN, AUDITOR}),
    "live.read": frozenset({SUPERVISOR, ADMIN}),  # the supervisor's live page and its alerts
    "reports.read": frozenset({SUPERVISOR, ADMIN, AUDITOR}),  # figures of a period
    "preferente.note": frozenset({VENTANILLA, ORIENTADOR, SUPERVISOR, ADMIN}),  # a class corrected, a complaint taken
    "preferente.read": frozenset({SUPERVISOR, ADMIN, AUDITOR}),  # the evidence of Ley 28683
    "staff": frozenset(STAFF_ROLES),  # any person signed in
    "screen": frozenset({PANTALLA}),
    "dispenser": frozenset({KIOSKO}),
    "tablet": frozenset({TABLETA}),
}


def may(role: str, permission: str) -> bool:
    return role in MAY[permission]
