"""The calling policy of a sala as data: rules in a stated order, each of which says whom it prefers.

Law 28683: whoever attends the public calls preferentes first. So that rule is always there; one placed before it departs from it, and
`ticketing.explain` says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import Invalid


class Kind(StrEnum):
    PREFERENTE = "preferente_primero"
    EVERY = "un_general_cada"  # of `value` calls of a ventanilla, one is of a general
    WAITED = "espera_mayor"  # whoever waits since more than `value` minutes
    OWN = "servicio_propio_primero"  # the ventanilla's own service, then it helps out


class Returned(StrEnum):
    """The place of somebody who was absent and comes back."""

    NOW = "ahora"
    AFTER_THREE = "tras_tres"


LIMITS = {Kind.EVERY: (2, 50), Kind.WAITED: (5, 480)}  # kinds with a number, and between which ones


class PolicyInvalid(Invalid):
    code = "sala.orden_invalido"
    detail = "Revise el orden de llamado: cada regla va una sola vez y «preferente primero» no puede faltar."


@dataclass(frozen=True, slots=True)
class Rule:
    kind: Kind
    value: int = 0  # calls or minutes, for the kinds of LIMITS


@dataclass(frozen=True, slots=True)
class Policy:
    """`rules`: the first one that prefers some of the candidates over others decides; the rest settle what it leaves equal, and at last
    the older `turn_at`. Raises PolicyInvalid."""

    rules: tuple[Rule, ...] = (Rule(Kind.PREFERENTE),)
    returned: Returned = Returned.NOW

    def __post_init__(self) -> None:
        kinds = [rule.kind for rule in self.rules]
        if len(set(kinds)) != len(kinds) or Kind.PREFERENTE not in kinds:
            raise PolicyInvalid()
        for rule in self.rules:
            low, high = LIMITS.get(rule.kind, (0, 0))
            if not low <= rule.value <= high:
                raise PolicyInvalid(f"Escriba un número entre {low} y {high}.", field=f"valor-{rule.kind}")
        if Kind.EVERY in kinds and kinds.index(Kind.EVERY) > kinds.index(Kind.PREFERENTE):
            raise PolicyInvalid(
                "«Un general de cada tantos llamados» va antes que «preferente primero»: después no cambiaría nada.",
                field=f"lugar-{Kind.EVERY}",
            )
        if Kind.WAITED in kinds and not {Kind.PREFERENTE, Kind.OWN} & set(kinds[kinds.index(Kind.WAITED) :]):
            raise PolicyInvalid(
                "«Quien espera demasiado» va antes que otra regla: al final no cambiaría nada, ahí ya decide la hora de turno.",
                field=f"lugar-{Kind.WAITED}",
            )

    def value(self, kind: Kind) -> int | None:
        """The number of the rule of this kind; None when the policy has no such rule."""
        return next((rule.value for rule in self.rules if rule.kind is kind), None)

    @property
    def plain(self) -> bool:
        """Neither the hour nor the calls made so far change its order."""
        return not any(rule.kind in LIMITS for rule in self.rules)

    def without(self, kind: Kind) -> Policy:
        """The same order for whom `kind` says nothing, as for the screens of the room."""
        rest = tuple(rule for rule in self.rules if rule.kind is not kind)
        alone = tuple(rule for rule in rest if rule.kind is not Kind.WAITED or rest[-1] is not rule)
        return Policy(alone, self.returned)

    def as_json(self) -> dict[str, Any]:
        return {
            "rules": [
                {"rule": str(rule.kind), "value": rule.value} if rule.kind in LIMITS else {"rule": str(rule.kind)}
                for rule in self.rules
            ],
            "returned": str(self.returned),
        }


DEFAULT = Policy()


def parse_policy(stored: Mapping[str, Any]) -> Policy:
    """From `as_json`. Raises PolicyInvalid."""
    try:
        rules = tuple(Rule(Kind(one["rule"]), int(one.get("value") or 0)) for one in stored["rules"])
        return Policy(rules, Returned(stored["returned"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PolicyInvalid() from None


def policy_from_form(form: Mapping[str, str]) -> Policy:
    """From fields `lugar-<kind>` (1 first; empty: not used), `valor-<kind>` and `retorno`. Raises PolicyInvalid."""
    placed = []
    for kind in Kind:
        place = form.get(f"lugar-{kind}", "").strip()
        if place:
            placed.append((_count(place, f"lugar-{kind}"), kind))
    if len({place for place, _ in placed}) != len(placed):
        raise PolicyInvalid("Dos reglas tienen el mismo lugar. Dé a cada una el suyo.")
    rules = tuple(Rule(kind, _value(form, kind)) for _, kind in sorted(placed))
    try:
        returned = Returned(form.get("retorno", Returned.NOW))
    except ValueError:
        raise PolicyInvalid(field="retorno") from None
    return Policy(rules, returned)


def policy_as_form(policy: Policy) -> dict[str, str]:
    """The fields `policy_from_form` reads."""
    places = {rule.kind: place for place, rule in enumerate(policy.rules, 1)}
    values = {rule.kind: rule.value for rule in policy.rules}
    form = {f"lugar-{kind}": str(places.get(kind, "")) for kind in Kind}
    form |= {f"valor-{kind}": str(values.get(kind) or "") for kind in LIMITS}
    return form | {"retorno": str(policy.returned)}


def _value(form: Mapping[str, str], kind: Kind) -> int:
    return _count(form.get(f"valor-{kind}", "").strip(), f"valor-{kind}") if kind in LIMITS else 0


def _count(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise PolicyInvalid("Escriba un número.", field=field)
    return int(text)
