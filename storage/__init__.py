"""SQLAlchemy machinery, no tables: engines, column types, the writer (the only commit), append-only triggers, migrations."""

from storage.errors import NestedWrite, NotSaved, OutcomeUnknown, Overloaded, Stopped, StoreError
from storage.migrations import upgrade
from storage.store import Store, after_commit, directly, spent_s
from storage.triggers import append_only

__all__ = [
    "NestedWrite",
    "NotSaved",
    "OutcomeUnknown",
    "Overloaded",
    "Stopped",
    "Store",
    "StoreError",
    "after_commit",
    "append_only",
    "directly",
    "spent_s",
    "upgrade",
]
