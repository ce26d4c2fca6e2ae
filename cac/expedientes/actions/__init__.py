"""What people and loops do to a case. Verbs: session first, never commit, `now` an argument."""

from cac.expedientes.actions.deadlines import lapse_observed, undo_lapse
from cac.expedientes.actions.filing import apply_filed, file
from cac.expedientes.actions.keys import reprint_cargo
from cac.expedientes.actions.numbers import highest_act, open_series, restart_numbers
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
    "highest_act",
    "lapse_observed",
    "open_series",
    "receive",
    "rectify",
    "reprint_cargo",
    "restart_numbers",
    "undo_lapse",
]
