"""What people and loops do to a case. Verbs: session first, never commit, `now` an argument."""

from cac.expedientes.actions.deadlines import lapse_observed
from cac.expedientes.actions.filing import apply_filed, file
from cac.expedientes.actions.keys import reprint_cargo
from cac.expedientes.actions.numbers import restart_numbers
from cac.expedientes.actions.steps import (
    Attachment,
    add_act,
    add_document,
    cure,
    deliver,
    forward,
    receive,
    rectify,
)

__all__ = [
    "Attachment",
    "add_act",
    "add_document",
    "apply_filed",
    "cure",
    "deliver",
    "file",
    "forward",
    "lapse_observed",
    "restart_numbers",
    "receive",
    "rectify",
    "reprint_cargo",
]
