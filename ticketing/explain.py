"""The calling policy in the words people read: for the administrator, and beside each choice."""

from __future__ import annotations

from ticketing.rules import Kind, Policy, Returned, Rule

NAMES = {
    Kind.PREFERENTE: "Preferente primero",
    Kind.EVERY: "Un general de cada tantos llamados",
    Kind.WAITED: "Quien espera demasiado, primero",
    Kind.OWN: "Servicio propio primero",
}
MEANINGS = {
    Kind.PREFERENTE: "Los preferentes antes que los generales (Ley 28683). No se puede quitar.",
    Kind.EVERY: "En cada ventanilla, uno de cada tantos llamados es de un general, aunque esperen preferentes.",
    Kind.WAITED: "Quien lleva más de estos minutos desde su hora de turno pasa antes que los demás.",
    Kind.OWN: "Cada ventanilla llama primero a su propio servicio, y ayuda con los otros cuando nadie espera por él.",
}
UNITS = {Kind.EVERY: "De cada cuántos llamados", Kind.WAITED: "Más de cuántos minutos"}
RETURNS = {
    Returned.NOW: "espera desde el momento en que vuelve",
    Returned.AFTER_THREE: "pasa después de los tres siguientes de su clase",
}
_RULE = {
    Kind.PREFERENTE: "los preferentes antes que los generales (Ley 28683)",
    Kind.EVERY: "en cada ventanilla, un general de cada {value} llamados",
    Kind.WAITED: "quien espera más de {value} minutos",
    Kind.OWN: "cada ventanilla, su propio servicio antes que los otros",
}
_DEPARTS = {
    Kind.EVERY: "uno de cada {value} llamados de una ventanilla es de un general, aunque espere un preferente",
    Kind.WAITED: "un general que espera más de {value} minutos pasa antes que un preferente más reciente",
    Kind.OWN: "un general del servicio propio pasa antes que un preferente de otro servicio",
}
_CHOSEN = {
    Kind.PREFERENTE: "Preferente primero (Ley 28683).",
    Kind.EVERY: "Uno general de cada {value} llamados de la ventanilla, tras {before} seguidos de preferentes.",
    Kind.WAITED: "Esperaba más de {value} minutos.",
    Kind.OWN: "Primero el servicio propio de la ventanilla.",
}
OLDEST = "El turno más antiguo de los que esperaban."


def explain(policy: Policy) -> str:
    """The whole order in one paragraph."""
    told = [_RULE[rule.kind].format(value=rule.value) for rule in policy.rules]
    return f"Se llama en este orden: {'; después, '.join(told)}; y entre iguales, el turno más antiguo. Quien no se presentó y vuelve {RETURNS[policy.returned]}."


def departures(policy: Policy) -> tuple[str, ...]:
    """What departs from preferente first, rule by rule; empty when nothing does."""
    kinds = [rule.kind for rule in policy.rules]
    before = policy.rules[: kinds.index(Kind.PREFERENTE)]
    return tuple(_DEPARTS[rule.kind].format(value=rule.value) for rule in before)


def why(decided_by: Rule | None, *, before: int, passed: str | None, rescue: bool) -> str:
    """Why this ticket: the rule that decided (None: the older turn), `before` calls of preferentes in a row, the preferente passed over,
    `rescue`: called by a ventanilla of generals because no other accepts preferentes."""
    told = _CHOSEN[decided_by.kind].format(value=decided_by.value, before=before) if decided_by else OLDEST
    if passed:
        told += f" Esperaba el preferente {passed}."
    if rescue:
        told += " Ninguna otra ventanilla abierta acepta preferentes."
    return told
