"""What a case may do next, as tables. Pure."""

from __future__ import annotations

from core.errors import Conflict, Forbidden

RECEIVED, OBSERVED, NOT_FILED, IN_PROCESS = "recibido", "observado", "no_presentado", "en_tramite"
SUSPENDED, RESOLVED, DELIVERED, ARCHIVED, ANNULLED, JOINED = (
    "suspendido",
    "resuelto",
    "entregado",
    "archivado",
    "anulado",
    "acumulado",
)
STATES = (RECEIVED, OBSERVED, NOT_FILED, IN_PROCESS, SUSPENDED, RESOLVED, DELIVERED, ARCHIVED, ANNULLED, JOINED)
OPEN_STATES = (RECEIVED, OBSERVED, IN_PROCESS, SUSPENDED)

STATE_NAMES = {
    RECEIVED: "Recibido",
    OBSERVED: "Observado",
    NOT_FILED: "No presentado",
    IN_PROCESS: "En trámite",
    SUSPENDED: "Suspendido",
    RESOLVED: "Resuelto",
    DELIVERED: "Entregado",
    ARCHIVED: "Archivado",
    ANNULLED: "Anulado",
    JOINED: "Acumulado",
}

# move -> state it is made in -> state it leaves
MOVES: dict[str, dict[str, str]] = {
    "documento": {state: state for state in (RECEIVED, OBSERVED, IN_PROCESS, SUSPENDED, RESOLVED, DELIVERED, ARCHIVED)},
    "subsanacion": {OBSERVED: RECEIVED},
    "pase": {RECEIVED: IN_PROCESS, IN_PROCESS: IN_PROCESS, SUSPENDED: SUSPENDED, RESOLVED: RESOLVED},
    "recepcion": {IN_PROCESS: IN_PROCESS, SUSPENDED: SUSPENDED, RESOLVED: RESOLVED, OBSERVED: OBSERVED},
    "informe": {IN_PROCESS: IN_PROCESS, RESOLVED: RESOLVED},
    "requerimiento": {IN_PROCESS: OBSERVED},
    "resolucion": {IN_PROCESS: RESOLVED},
    "entrega": {RESOLVED: DELIVERED},
    "rectificacion": {state: state for state in STATES if state not in (ANNULLED, JOINED)},
    "pago": {state: state for state in STATES if state not in (ANNULLED, JOINED, NOT_FILED)},
    "lapso": {OBSERVED: NOT_FILED},
    "reposicion": {NOT_FILED: OBSERVED},
}
BY_ITSELF = ("lapso", "reposicion")  # no person presses them

MOVE_NAMES = {
    "ingreso": "Ingresó",
    "observacion": "Recibido con observación",
    "documento": "Documento agregado",
    "subsanacion": "Subsanación presentada",
    "pase": "Derivado",
    "recepcion": "Recibido",
    "informe": "Informe",
    "requerimiento": "Requerimiento al ciudadano",
    "resolucion": "Acto emitido",
    "entrega": "Entregado",
    "rectificacion": "Dato rectificado",
    "pago": "Pago registrado",
    "lapso": "No subsanado: se tiene por no presentado",
    "reposicion": "Repuesto: fue subsanado a tiempo en una cabina",
}

REPORT_DAYS = 7  # art. 132 (143): ceiling of a report asked of another area
POINTS_MAX, POINT_CHARS_MAX = 60, 1_000  # of an area's request: it is told whole on paper and by the tracking page
AREA_REQUEST_DAYS = 10  # 132.4 (143.4): acts the citizen must do, when the request sets no other term


class MoveNotAllowed(Conflict):
    code = "expediente.movimiento_no_permitido"
    detail = "El estado del expediente no admite este paso. Actualice la página."


class IsObserved(Conflict):
    """125.3: while observed it is not forwarded."""

    code = "expediente.observado"
    detail = "El expediente está observado: no puede derivarse hasta que el ciudadano subsane."


class OfAnotherArea(Forbidden):
    code = "expediente.de_otra_area"
    detail = "El expediente está en otra unidad. Pida que se lo deriven."


def after(move: str, state: str) -> str:
    """The state `move` leaves. Raises IsObserved, MoveNotAllowed."""
    allowed = MOVES[move]
    if state in allowed:
        return allowed[state]
    if state == OBSERVED and move in ("pase", "informe", "resolucion", "requerimiento"):
        raise IsObserved(state=state)
    name, done = STATE_NAMES[state].lower(), MOVE_NAMES[move].lower()
    raise MoveNotAllowed(f"El expediente está {name} y no admite este paso ({done}).", state=state)


def next_moves(state: str, *, on_its_way: bool) -> tuple[str, ...]:
    """What may be done now: the buttons of the case page."""
    if on_its_way:
        return ("recepcion", "documento")
    return tuple(move for move, states in MOVES.items() if state in states and move not in ("recepcion", *BY_ITSELF))
