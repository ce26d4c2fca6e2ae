"""Whoever of the staff is shown a person's data or a case leaves a row that says so (Ley 29733)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.audit.models import ReadEntry
from cac.audit.reads import ReadLog
from cac.desk import demo
from core.clock import now_utc
from tests.cac.counter import file_case, sheet, tupa  # noqa: F401

PDF = b"%PDF-1.4 una solicitud"


@pytest.fixture
def clerk(store, person):
    store.write(demo.seed, now=now_utc())
    return person("ventanilla")


@pytest.fixture
def looks(app, store):
    """`looks()` is what was noted since the last time it was asked."""
    told: list[int] = [0]

    def since_last() -> set[str]:
        app.extensions["reads"].flush()
        with store.read() as session:
            rows = session.execute(select(ReadEntry.id, ReadEntry.subject).where(ReadEntry.id > told[0])).all()
        told[0] = max([told[0], *(row.id for row in rows)])
        return {row.subject for row in rows}

    return since_last


@pytest.fixture
def case(clerk, caller) -> str:
    number = file_case(clerk)
    desk = caller("ventanilla")
    fields = {"name": "Solicitud", "sheets": "1", "file": (BytesIO(PDF), "a.pdf")}
    assert desk.post_form(f"/expedientes/{number}/documentos", fields).status_code == 201
    return number


@pytest.mark.parametrize("path", ["", "/cargo.pdf", "/documentos/2", "/recibido"])
def test_each_page_of_a_case_notes_who_saw_it(person, case, looks, path):
    looks()
    assert person("supervisor").get(f"/expedientes/{case}{path}").status_code == 200
    assert looks() == {f"expediente:{case}"}


@pytest.mark.parametrize("path", ["", "/documentos/2"])
def test_a_program_that_reads_a_case_is_noted(caller, case, looks, path):
    looks()
    assert caller("auditor").get(f"/expedientes/{case.lower()}{path}").status_code == 200
    assert looks() == {f"expediente:{case}"}


def test_lists_with_names_are_noted(person, caller, case, looks):
    looks()
    person("auditor").get("/expedientes")
    assert looks() == {"expedientes:búsqueda"}
    caller("auditor").get("/expedientes")
    assert looks() == {"expedientes:búsqueda"}
    person("supervisor").get("/bandeja?area=CAC")
    assert looks() == {"bandeja:CAC"}


def test_a_person_filled_in_by_document_is_noted(person, case, looks):
    looks()
    person("ventanilla").post("/expedientes/nuevo/ficha", sheet(name=""))
    (noted,) = looks()
    assert noted.startswith("persona:")


def test_a_page_that_refreshes_itself_is_one_look_a_minute(store):
    reads, now = ReadLog(store), now_utc()
    for seconds in (0, 1, 59, 60, 61):
        reads.note(SYSTEM, "expediente:7", now=now + timedelta(seconds=seconds))
    assert reads.flush() == 2
