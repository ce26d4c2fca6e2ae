"""The one shape of the administrator's forms: read, press the verb, then go on saying so, or the same page with what was typed and why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from core.errors import Invalid, Rejected
from web.forms import told

Page = str | Response | tuple[str, int]


def press(
    write: Callable[[], Any], *, done: Callable[[Any], Page], again: Callable[[dict[str, str]], str | tuple[str, int]]
) -> Page:
    """Do `write`; `done` answers with what it made, `again` shows the form with the reasons beside their fields."""
    try:
        made = write()
    except Rejected as refusal:
        page = again(told(refusal))
        return page if isinstance(page, tuple) else (page, refusal.status)
    return done(made)


def saved(sentence: str, endpoint: str, **values: Any) -> Response:
    """Go to a page and say there what was done."""
    flash(sentence, "bien")
    return redirect(url_for(endpoint, **values))


class Typed:
    """What a person typed, read field by field; all that is wrong is told at once, each sentence under its field's name."""

    def __init__(self, form: Mapping[str, str]):
        self._form, self.errors = form, dict[str, str]()

    def text(self, name: str, *, longest: int, missing: str = "") -> str:
        """The field without the blanks around it. `missing` is the sentence when it may not be empty."""
        typed = " ".join(self._form.get(name, "").split())
        if not typed and missing:
            self.errors[name] = missing
        elif len(typed) > longest:
            self.errors[name] = f"Use hasta {longest} caracteres: ahora tiene {len(typed)}."
        return typed

    def count(self, name: str, low: int, high: int) -> int:
        typed = self._form.get(name, "").strip()
        if typed.isascii() and typed.isdigit() and len(typed) < 10 and low <= int(typed) <= high:
            return int(typed)
        self.errors[name] = f"Escriba un número entre {low} y {high}."
        return low

    def choice(self, name: str, options: Mapping[str, Any] | tuple[str, ...], *, missing: str) -> str:
        typed = self._form.get(name, "")
        if typed not in options:
            self.errors[name] = missing
        return typed

    def ticked(self, name: str) -> bool:
        return self._form.get(name) == "1"

    def day(self, name: str) -> date | None:
        """A day as a date field sends it; None, and told, when it is none."""
        try:
            return date.fromisoformat(self._form.get(name, "").strip())
        except ValueError:
            self.errors[name] = "Elija un día, como 24/12/2026."
            return None

    def wrong(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, sentence)

    def check(self) -> None:
        """Raises Invalid with every sentence so far."""
        if self.errors:
            raise Invalid(fields=self.errors)
