"""Forms of pages: a refusal told beside the field it is about, with what was typed kept."""

from __future__ import annotations

from core.errors import Rejected

WHOLE = "form"  # where a refusal that names no field is told


def told(refusal: Rejected) -> dict[str, str]:
    """The refusal's sentence under its field's name, or under `form`; several when it tells several fields."""
    several = refusal.extra.get("fields")
    if several:
        return dict(several)
    field = str(refusal.extra.get("field") or WHOLE)
    return {field: refusal.detail}
