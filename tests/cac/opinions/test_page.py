"""The supervisor's page and its file: figures with their n, and nobody's figure from too few answers."""

from __future__ import annotations

import csv
import io
import re

import pytest


@pytest.fixture
def doris(sala, person):
    return person("supervisor")


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def rows_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_before_anybody_answers_the_page_says_how_they_will(doris):
    assert "Nadie opinó en estas fechas" in text_of(doris.get("/reportes/opiniones"))


def test_each_mean_stands_beside_its_number_of_answers(doris, attend, rate):
    for face in (5, 4):
        rate(attend("B"), face)
    page = text_of(doris.get("/reportes/opiniones"))
    assert "4,5 (n = 2)" in page and "Mi negocio" in page
    assert len(re.findall(r"\d,\d", page)) == page.count("(n = ")


def test_fewer_than_five_answers_tell_nothing_of_one_clerk(doris, attend, rate):
    for _ in range(4):
        rate(attend(), 1)
    page = text_of(doris.get("/reportes/opiniones")).split("Por persona que atendió")[1]
    assert "menos de 5" in page and "Muy pocas para mostrar una cifra" in page and "1,0" not in page
    rate(attend(), 1)
    page = text_of(doris.get("/reportes/opiniones")).split("Por persona que atendió")[1]
    assert "ventanilla de prueba" in page and "1,0 (n = 5)" in page


def test_the_file_holds_each_answer_without_the_turn_nor_who_attended(doris, attend, rate):
    ticket = attend("B")
    rate(ticket, 2, comment="=1+1 esperé mucho")
    head, row = rows_of(doris.get("/reportes/opiniones.csv"))
    assert row[2:7] == ["Mi negocio", "Kiosco", "Celular", "2", "Mal"]
    assert row[7] == "'=1+1 esperé mucho", "a spreadsheet must not run it"
    assert ticket["code"] not in row and not any("prueba" in cell for cell in row)


def test_other_days_are_not_counted(doris, attend, rate):
    rate(attend())
    query = "?desde=2020-01-01&hasta=2020-01-31"
    assert "Nadie opinó" in text_of(doris.get("/reportes/opiniones" + query))
    assert len(rows_of(doris.get("/reportes/opiniones.csv" + query))) == 1


@pytest.mark.parametrize(
    "query", ["?desde=ayer", "?desde=2026-02-02&hasta=2026-02-01", "?desde=2020-01-01&hasta=2026-01-01"]
)
def test_a_period_that_is_none_is_refused(doris, query):
    assert doris.get("/reportes/opiniones" + query).status_code == 422


@pytest.mark.parametrize("role", ["ventanilla", "cajero", "auditor"])
def test_only_supervision_sees_them(sala, person, role):
    for path in ("/reportes/opiniones", "/reportes/opiniones.csv"):
        assert person(role).get(path).status_code == 403
