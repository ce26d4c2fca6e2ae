"""The TUPA as a citizen reads it."""

import io
import json
import re
from pathlib import Path

import pypdf
import pytest

from cac.access.actions import SYSTEM
from cac.portal import words
from cac.tupa.actions import import_tupa
from core.clock import now_utc
from intake.tupa import parse_tupa

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "data" / "tupa.json"


@pytest.fixture
def portal(client, store):
    store.write(import_tupa, parse_tupa(SOURCE.read_text(encoding="utf-8")), principal=SYSTEM, now=now_utc())
    return client


def test_before_a_tupa_is_published_the_portal_still_answers(client):
    assert client.get("/").status_code == 200
    assert "Ningún trámite" in client.get("/tramites").text


def test_the_portal_asks_one_question(portal):
    page = portal.get("/").text
    assert "¿Qué necesita?" in page
    assert 'action="/tramites"' in page and 'href="/seguimiento"' in page


@pytest.mark.parametrize(
    ("typed", "code"), [("part nac", "RC-01"), ("PARTÍDA", "RC-01"), ("rc-08", "RC-08"), ("quiero casarme", "RC-07")]
)
def test_a_tramite_is_found_by_part_of_its_name_its_code_or_everyday_words(portal, typed, code):
    typed = typed.removeprefix("quiero ")
    assert f'href="/tramites/{code}"' in portal.get("/tramites", query_string={"q": typed}).text


def test_the_whole_tupa_is_a_document_that_leaves_no_tramite_out(portal):
    assert 'href="/tramites.pdf"' in portal.get("/tramites").text
    answer = portal.get("/tramites.pdf")
    document = pypdf.PdfReader(io.BytesIO(answer.data))
    text = " ".join(page.extract_text() for page in document.pages)
    codes = [entry["code"] for entry in json.loads(SOURCE.read_text(encoding="utf-8"))["procedures"]]
    assert len(codes) > 70 and [code for code in codes if code not in text] == []
    assert f"Página {len(document.pages)} de {len(document.pages)}" in text
    assert portal.get("/tramites.pdf").data == answer.data


def test_without_a_tupa_there_is_no_document(client):
    assert client.get("/tramites.pdf").status_code == 404


def test_nothing_found_says_what_to_do_next(portal):
    page = portal.get("/tramites?q=xyzzy").text
    assert "Ningún trámite para «xyzzy»" in page and "toda solicitud se recibe" in page


def test_the_list_has_pages_that_keep_the_search(portal):
    page = portal.get("/tramites?q=licencia&pagina=99").text
    assert "Página" not in page or "q=licencia" in page
    first = portal.get("/tramites").text
    assert "Página 1 de 4" in first and "pagina=2" in first


def test_the_cost_page_shows_the_municipal_fee_and_never_adds_the_cabins(portal):
    page = portal.get("/tramites/RC-01").text
    assert "S/ 11.00" in page and "15.00" not in page


def test_what_editors_noted_never_reaches_a_public_page(portal):
    procedures = json.loads(SOURCE.read_text(encoding="utf-8"))["procedures"]
    for procedure in procedures:
        page = re.sub(r"\s+", " ", portal.get(f"/tramites/{procedure['code']}").text)
        assert procedure["denomination"][:40] in page.replace("&#39;", "'").replace("&#34;", '"')
        for hidden in ("notes", "source"):
            remark = procedure.get(hidden) or ""
            assert not remark or remark[:40] not in page


def test_an_unknown_tramite_is_a_page_that_says_where_to_look(portal):
    page = portal.get("/tramites/ZZ-99")
    assert page.status_code == 404 and "/tramites" in page.text


@pytest.mark.parametrize(("silence", "said"), [("SAP", "aprobado por ley"), ("SAN", "apelar")])
def test_silence_is_told_in_plain_words(silence, said):
    assert said in words.silence({"qualification": "evaluacion_previa", "silence": silence})


def test_one_day_is_not_days():
    entry = {"reply_business_days": None, "term_business_days": 1}
    assert words.term(entry) == "1 día hábil"
    assert words.term(entry | {"term_business_days": 30}) == "30 días hábiles"
    assert words.term(entry | {"term_business_days": 0}) == "En el momento"
