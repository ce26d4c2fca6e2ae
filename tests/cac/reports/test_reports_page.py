"""The figures of a period as a page and as files; who may, and that taking them is noted."""

from __future__ import annotations

import csv
import io

import pypdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from cac.access.actions import create_token
from cac.audit.models import ReadEntry
from cac.reports.period import period_report
from cac.reports.sheets import as_csv
from core.clock import lima_day, now_utc
from tests.cac.conftest import Caller


@pytest.fixture
def served(issue, clerk):
    """One general served at ventanilla 1, one preferente absent, one who still waits."""
    issue("A")
    issue("B", preferente=True)
    issue("C")
    absent = clerk.post("/ventanillas/1/llamados").json["ticket"]["id"]
    clerk.post(f"/tickets/{absent}/ausencias")
    ticket = clerk.post("/ventanillas/1/llamados").json["ticket"]["id"]
    clerk.post(f"/tickets/{ticket}/atenciones")
    clerk.post(f"/tickets/{ticket}/cierres")


def rows_of(answer) -> dict[tuple[str, str], list[str]]:
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    return {(row[0], row[1]): row[2:] for row in rows[1:]}


@pytest.mark.parametrize(
    ("role", "status"), [("supervisor", 200), ("admin", 200), ("auditor", 200), ("ventanilla", 403)]
)
def test_supervisor_admin_and_auditor_read_reports_and_nobody_else(sala, person, role, status):
    somebody = person(role)
    for path in ("/reportes", "/reportes/cifras.pdf", "/reportes/cifras.csv", "/reportes/cifras.xlsx"):
        assert somebody.get(path).status_code == status


def test_the_csv_has_each_table_with_its_n_and_leaves_empty_what_a_ventanilla_does_not_do(served, person):
    rows = rows_of(person("supervisor").get("/reportes/cifras.csv"))
    assert rows["Total", "Total"] == ["3", "2", "0", "0", "1", "0", "0", "1", "0", "0", "0"]
    assert rows["Servicio", "C Casa y obras"][:2] == ["1", "0"] and rows["Servicio", "C Casa y obras"][2] == ""
    assert rows["Clase", "Preferente"][7] == "1"
    assert rows["Ventanilla", "Ventanilla 1"] == ["", "2", "0", "0", "1", "0", "0", "1", "", "", "0"]
    assert ("Personal", "ventanilla de prueba (programa)") in rows


def test_the_pdf_has_the_same_tables_to_read_and_to_sign(served, person):
    answer = person("supervisor").get("/reportes/cifras.pdf")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    for said in ("Reporte de atención", "Servicio", "Casa y obras", "Preferente", "Ventanilla 1", "Página 1 de"):
        assert said in text, said


def test_the_workbook_has_the_same_figures_as_numbers_and_days_as_dates(served, person):
    answer = person("auditor").get("/reportes/cifras.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Total", "Día", "Servicio", "Clase", "Ventanilla", "Personal", "Hora"]
    assert [cell.value for cell in book["Total"][2]][:3] == ["Total", 3, 2]
    assert book["Día"]["A2"].value.date() == lima_day(now_utc())


def test_a_name_that_a_spreadsheet_would_run_is_only_a_name(issue, store, client):
    token = store.write(create_token, role="ventanilla", name="=1+1", now=now_utc())
    issue("A")
    clerk = Caller(client, token)
    assert clerk.post("/ventanillas/1/llamados").status_code == 201
    with store.read() as session:
        today = lima_day(now_utc())
        report = period_report(session, sala=None, service="", first=today, last=today, now=now_utc())
    assert b"'=1+1 (programa)" in as_csv(report)


def test_taking_the_figures_is_noted_with_who_took_them(served, person, app, store):
    person("auditor", name="Nélida P.").get("/reportes/cifras.csv")
    app.extensions["reads"].flush()
    with store.read() as session:
        (look,) = session.scalars(select(ReadEntry).where(ReadEntry.subject.like("reporte:%")))
    assert look.name == "Nélida P." and look.subject.startswith("reporte:principal:")


@pytest.mark.parametrize(
    "query", ["desde=2026-02-01&hasta=2026-01-01", "desde=1900-01-01&hasta=2026-01-01", "desde=ayer"]
)
def test_a_period_that_is_none_is_refused_with_what_to_do(sala, person, query):
    answer = person("supervisor").get(f"/reportes?{query}")
    assert answer.status_code == 422 and "Elija un periodo" in answer.get_data(as_text=True)


def test_another_service_or_a_period_without_turns_says_so(served, person):
    doris = person("supervisor")
    assert "no hubo turnos" in doris.get("/reportes?servicio=D").get_data(as_text=True)
    assert "no hubo turnos" in doris.get("/reportes?desde=2020-01-01&hasta=2020-02-01").get_data(as_text=True)
