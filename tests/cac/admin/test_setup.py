"""Cabins and the TUPA, set up by forms alone."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import pytest

from cac.desk.demo import seed
from core.clock import now_utc

TUPA = Path("data/tupa.json").read_bytes()


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def admin(person, store):
    store.write(seed, now_utc())
    return person("admin")


def test_a_cabin_is_added_and_gets_a_pairing_code_shown_once(admin):
    form = {"code": "C02", "name": "Cabina Sol", "partner": "Sol E.I.R.L.", "ruc": "20512333797", "service": "4.00"}
    assert admin.post("/admin/cabinas", form | {"guarantee": "300.00"}).status_code == 302
    shown = text_of(admin.post("/admin/cabinas/C02/codigos"))
    code = re.search(r'class="clave">([^<]+)<', shown)[1]
    assert code not in text_of(admin.get("/admin/cabinas"))
    wrong = admin.post("/admin/cabinas", form | {"code": "C03", "ruc": "20512333798", "guarantee": "300.00"})
    assert wrong.status_code == 422 and 'id="ruc-error"' in text_of(wrong) and "Cabina Sol" in text_of(wrong)


def test_a_tupa_is_published_once_from_its_file(admin):
    sent = {"file": (io.BytesIO(TUPA), "tupa.json")}
    first = admin.post("/admin/tupa", sent, content_type="multipart/form-data", follow_redirects=True)
    assert "73 trámites" in text_of(first) and "Vigente" in text_of(first)
    sent = {"file": (io.BytesIO(TUPA), "tupa.json")}
    again = admin.post("/admin/tupa", sent, content_type="multipart/form-data", follow_redirects=True)
    assert "ya estaba publicada" in text_of(again)
    broken = {"file": (io.BytesIO(b"{"), "tupa.json")}
    refused = admin.post("/admin/tupa", broken, content_type="multipart/form-data")
    assert refused.status_code == 422 and "no es un TUPA" in text_of(refused)
