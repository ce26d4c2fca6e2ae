"""What people do at the kiosk, the ventanilla and the supervisor's desk: one verb each, session first, never a commit."""

from cac.desk.actions.calls import call_chosen, call_next, recall, take_over
from cac.desk.actions.classes import classify
from cac.desk.actions.day import close_day, close_days
from cac.desk.actions.issue import issue
from cac.desk.actions.moves import absent, cancel, finish, forward, hold, return_, start
from cac.desk.actions.order import set_order
from cac.desk.actions.press import Press
from cac.desk.actions.restart import highest_ticket, skip_numbers
from cac.desk.actions.ventanillas import close_ventanilla, open_ventanilla, pause_ventanilla, set_attends

__all__ = [
    "Press",
    "absent",
    "call_chosen",
    "call_next",
    "cancel",
    "classify",
    "close_day",
    "close_days",
    "close_ventanilla",
    "finish",
    "forward",
    "highest_ticket",
    "hold",
    "issue",
    "open_ventanilla",
    "pause_ventanilla",
    "recall",
    "return_",
    "set_attends",
    "set_order",
    "skip_numbers",
    "start",
    "take_over",
]
