"""The municipality's own words and logo travel to its cabins signed, once a version, and only what a cabin prints."""

from __future__ import annotations

import base64

from cac.access.actions import SYSTEM
from cac.paper.wording import save_logo, save_texts
from core import wire
from core.clock import now_utc
from printing.logo import check_kept
from tests.cac.both_ends.test_stationery import drawing


def say(store, kind="cargo", language="es", **typed):
    store.write(save_texts, kind, language, typed, principal=SYSTEM, now=now_utc())


def told_to(till, version: str = "") -> tuple[wire.Stationery, str]:
    reply = till.sync([], stationery_version=version)
    return wire.open_sealed(till.centre, reply.stationery, wire.Stationery), reply.logo


def test_a_cabin_pulls_them_once_a_version_and_the_picture_is_the_one_that_was_signed(till, store):
    nothing, _ = told_to(till)
    say(store, foot="Informes 076 362 201")
    store.write(save_logo, drawing(), principal=SYSTEM, now=now_utc())
    told, logo = told_to(till, nothing.version)
    assert told.texts == {"cargo": {"foot": "Informes 076 362 201"}}
    picture = base64.b64decode(logo)
    assert wire.sha256(picture) == told.logo
    check_kept(picture)
    same = till.sync([], stationery_version=told.version)
    assert same.stationery is None and same.logo == ""
    store.write(save_logo, None, principal=SYSTEM, now=now_utc())
    assert (told_to(till, told.version)[0].logo, told_to(till, told.version)[1]) == ("", "")


def test_a_till_that_knows_of_none_is_told_none(till, store):
    store.write(save_logo, drawing(), principal=SYSTEM, now=now_utc())
    reply = till.sync([])
    assert reply.stationery is None and reply.logo == ""


def test_the_words_of_a_ticket_are_no_cabins(till, store):
    before, _ = told_to(till)
    say(store, "ticket", seat="Siéntese donde guste.")
    say(store, "ticket", "en", seat="Sit wherever you like.")
    assert till.sync([], stationery_version=before.version).stationery is None
