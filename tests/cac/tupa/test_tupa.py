"""The TUPA, published in versions and read by anybody."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cac.access.actions import SYSTEM
from cac.tupa import actions, queries
from core.clock import lima_day, now_utc
from intake.tupa import parse_tupa
from storage import Store

TEXT = Path("data/tupa.json").read_text(encoding="utf-8")


@pytest.fixture
def tupa(store: Store) -> str:
    return str(store.write(actions.import_tupa, parse_tupa(TEXT), principal=SYSTEM, now=now_utc())["version"])


def test_anybody_reads_the_73_entries_without_what_editors_wrote(client: FlaskClient, tupa: str):
    answer = client.get("/api/v1/tupa")
    assert answer.status_code == 200
    assert len(answer.json) == 73
    assert answer.json[0]["code"] == "RC-01"
    assert answer.json[0]["fee_centimos"] == 1100
    assert answer.json[0]["requisitos"][0]["code"] == "1"
    assert answer.json[0]["version"] == tupa
    for hidden in ("notes", "source", "source_kind", "verified_fields", "term_note"):
        assert hidden not in answer.json[0]


def test_words_are_found_by_their_beginning_without_accents(client: FlaskClient, tupa: str):
    found = client.get("/api/v1/tupa?q=partida+MATRI").json
    assert [entry["code"] for entry in found] == ["RC-02"]
    assert {entry["area_code"] for entry in client.get("/api/v1/tupa?area=lf").json} == {"LF"}
    assert client.get("/api/v1/tupa?area=Secretaría General&q=apelacion").json[0]["code"] == "SG-06"
    assert client.get("/api/v1/tupa?q=zzz").json == []


def test_one_entry_explains_itself(client: FlaskClient, tupa: str):
    entry = client.get("/api/v1/tupa/lf-01").json
    assert entry["silence"] == "SAP"
    assert entry["sheet"]["appeal"]["authority"] == "Gerencia de Desarrollo Económico"
    assert "thesis" not in json.dumps(entry)
    missing = client.get("/api/v1/tupa/XX-99")
    assert (missing.status_code, missing.json["code"]) == (404, "tramite.no_existe")


def test_a_term_is_computed_over_the_calendar(client: FlaskClient, tupa: str):
    plazo = client.get("/api/v1/plazos?tramite=TR-04&from=2026-07-20").json
    assert (plazo["clock_start_on"], plazo["due_on"], plazo["sap_on"]) == ("2026-07-21", "2026-09-04", "2026-09-11")
    assert [day["on"] for day in plazo["skipped"]] == ["2026-07-23", "2026-07-28", "2026-07-29", "2026-08-06"]
    saturday = client.get("/api/v1/plazos?tramite=LF-01&from=2026-11-21T10:00:00-05:00").json
    assert (saturday["received_on"], saturday["clock_start_on"]) == ("2026-11-23", "2026-11-24")
    unknown = client.get("/api/v1/plazos?tramite=TR-04&from=2031-01-06").json
    assert unknown["due_on"] is None
    assert "por confirmar" in unknown["warnings"][0]
    assert client.get("/api/v1/plazos?tramite=TR-04&from=mañana").status_code == 422
    assert client.get("/api/v1/plazos?tramite=TR-04&from=9999-12-31T23:59:59-12:00").status_code == 422
    assert client.get("/api/v1/plazos").status_code == 422


def test_the_same_file_again_changes_nothing(store: Store, tupa: str):
    again = store.write(actions.import_tupa, parse_tupa(TEXT), principal=SYSTEM, now=now_utc())
    assert again == {"version": tupa, "entries": 73, "new": False}


def test_a_version_comes_into_force_on_its_day(store: Store, tupa: str):
    now = now_utc()
    today, dearer = lima_day(now), TEXT.replace('"fee_soles": "11.00"', '"fee_soles": "12.00"')
    published = store.write(
        actions.import_tupa, parse_tupa(dearer), principal=SYSTEM, now=now, valid_from=today + timedelta(days=3)
    )
    with store.read() as session:
        assert queries.get_tramite(session, "RC-01", day=today).fee_centimos == 1100
        assert queries.get_tramite(session, "RC-01", day=today + timedelta(days=3)).fee_centimos == 1200
        assert queries.get_tramite_of(session, "RC-01", version=published["version"]).fee_centimos == 1200
        assert queries.get_tramite_of(session, "RC-01", version=tupa).fee_centimos == 1100


def test_areas_are_found_by_code_or_name(store: Store, tupa: str):
    with store.read() as session:
        day = lima_day(now_utc())
        assert queries.find_area(session, "rc", day=day) == ("RC", "Subgerencia de Registro Civil")
        assert queries.find_area(session, "subgerencia de registro civil", day=day)[0] == "RC"
        assert queries.find_area(session, "cac", day=day)[0] == "CAC"
        assert queries.find_area(session, "nadie", day=day) is None
        assert len(queries.list_areas(session, day=day)) == 9


def test_before_any_version_it_says_so(client: FlaskClient):
    answer = client.get("/api/v1/tupa")
    assert (answer.status_code, answer.json["code"]) == (404, "tupa.sin_publicar")
