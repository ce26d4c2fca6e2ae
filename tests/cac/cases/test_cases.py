"""The register and the case page over HTTP, with forms alone."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import select

from cac.audit.models import AuditEntry
from cac.cases import rules
from cac.expedientes.models import Expediente
from core.workdays import Calendar
from tests.cac.counter import file_case, text_of

LF = "Subgerencia de Licencias de Funcionamiento y Comercialización"
CALENDAR = Calendar.parse(Path("data/holidays_pe.csv").read_text(encoding="utf-8"))


def state(store, number: str) -> str:
    with store.read() as session:
        return session.scalars(select(Expediente.state).where(Expediente.number == number)).one()


def test_a_case_goes_to_its_area_and_comes_back_to_be_delivered(clerk, person, store):
    number, area = file_case(clerk), person("unidad", area=LF, name="Wilder C.")
    base = f"/expedientes/{number}"
    clerk.post(f"{base}/pases", {"area": "LF", "motivo": "para su trámite"})
    area.post(f"{base}/recepciones")
    area.post(f"{base}/actos", {"kind": "informe", "text": "Conforme.", "sheets": "2"})
    act = {"kind": "resolucion", "resultado": "aprobado", "text": "Se autoriza.", "sheets": "1"}
    area.post(f"{base}/actos", act)
    area.post(f"{base}/pases", {"area": "CAC"})
    clerk.post(f"{base}/recepciones")
    clerk.post(f"{base}/entregas", {"to": "Nélida Chuquimango Soto", "document": "10117410"})
    page = text_of(clerk.get(base))
    assert state(store, number) == "entregado"
    assert "recogió Nélida Chuquimango Soto" in page and "8 movimientos" in page
    assert page.count('class="boton fuerte" href="#') == 0


def test_only_the_steps_that_are_allowed_have_a_button(clerk, person):
    number = file_case(clerk, requisito=["1", "2"])
    page = text_of(clerk.get(f"/expedientes/{number}"))
    assert 'data-opens="subsanacion"' in page and 'data-opens="pase"' not in page
    seen = text_of(person("auditor").get(f"/expedientes/{number}"))
    assert "data-opens" not in seen
    elsewhere = text_of(person("unidad", area=LF).get(f"/expedientes/{number}"))
    assert 'data-opens="resolucion"' not in elsewhere


def test_a_refused_step_opens_its_form_again_with_what_was_typed(clerk, person):
    number = file_case(clerk)
    refused = clerk.post(f"/expedientes/{number}/documentos", {"name": "Plano", "sheets": "tres"})
    page = text_of(refused)
    assert refused.status_code == 422
    assert 'id="documento" name="accion" open' in page and 'value="Plano"' in page and 'id="sheets-error"' in page


def test_an_older_case_is_not_passed_over_without_a_reason(clerk, person, store, at):
    older = file_case(clerk)
    at(2026, 11, 23, 9)
    newer = file_case(clerk, tramite="LF-10", requisito=["1", "2", "3", "4"])
    area = person("unidad", area=LF)
    for number in (older, newer):
        clerk.post(f"/expedientes/{number}/pases", {"area": "LF"})
        area.post(f"/expedientes/{number}/recepciones")
    act = {"kind": "resolucion", "resultado": "aprobado", "text": "Se autoriza.", "sheets": "1"}
    refused = area.post(f"/expedientes/{newer}/actos", act)
    assert refused.status_code == 422 and "Escriba por qué este va antes" in text_of(refused)
    assert area.post(f"/expedientes/{newer}/actos", act | {"order_reason": "Vence antes"}).status_code == 302
    with store.read() as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "expediente.fuera_de_orden")).one()
    assert kept.detail == "Vence antes"


def test_the_area_asks_once_and_a_new_point_is_refused_with_the_rule(clerk, person, store):
    number, area = file_case(clerk), person("unidad", area=LF)
    base = f"/expedientes/{number}"
    clerk.post(f"{base}/pases", {"area": "LF"})
    area.post(f"{base}/recepciones")
    asked = {"kind": "requerimiento", "items": "Plano del local\nContrato vigente", "days": "5"}
    assert area.post(f"{base}/actos", asked).status_code == 302
    assert state(store, number) == "observado"
    page = text_of(clerk.get(base))
    assert "Plano del local" in page and "Contrato vigente" in page


def test_cases_are_found_by_part_of_a_name_and_an_empty_list_says_what_to_do(clerk):
    number = file_case(clerk)
    assert number in text_of(clerk.get("/expedientes?q=chuqui"))
    assert number in text_of(clerk.get(f"/expedientes?q={number}"))
    assert number not in text_of(clerk.get("/expedientes?state=entregado"))
    assert "Quitar los filtros" in text_of(clerk.get("/expedientes?q=nadie"))


def test_the_register_before_its_first_case_leads_to_it(clerk):
    assert "Registrar el primero" in text_of(clerk.get("/expedientes"))


def test_the_cargo_is_a_pdf_and_who_looked_is_noted(clerk):
    number = file_case(clerk)
    answer = clerk.get(f"/expedientes/{number}/cargo.pdf")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")


def test_the_caratula_names_who_answers_and_until_when(clerk):
    number = file_case(clerk)
    answer = clerk.get(f"/expedientes/{number}/caratula.pdf")
    text = pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert answer.mimetype == "application/pdf" and number in text
    assert "Órgano" in text and "Responsable" in text and "Termina el plazo" in text
    assert "10117410" not in text


def test_a_lost_key_is_reprinted_only_against_the_right_document(clerk):
    number = file_case(clerk)
    wrong = clerk.post(f"/expedientes/{number}/reimpresiones", {"document_number": "45678912"})
    assert wrong.status_code == 403 and "no es el de quien presentó" in text_of(wrong)
    right = clerk.post(f"/expedientes/{number}/reimpresiones", {"document_number": "10117410"})
    assert right.status_code == 302


def test_an_unknown_number_is_told_as_not_found(clerk):
    assert clerk.get("/expedientes/2026-MPA-999999-0").status_code == 404


@pytest.mark.parametrize(
    ("today", "day", "left", "late"),
    [
        (date(2026, 11, 12), 0, 8, 0),
        (date(2026, 11, 20), 6, 2, 0),
        (date(2026, 11, 24), 8, 0, 0),
        (date(2026, 11, 26), 8, 0, 2),
    ],
)
def test_the_term_counts_business_days(today: date, day: int, left: int, late: int):
    term = rules.term(date(2026, 11, 13), date(2026, 11, 24), today=today, calendar=CALENDAR)
    assert term and (term.days, term.day, term.left, term.late) == (8, day, left, late)
    assert len(term.segments) == 8 and "vence" in term.segments[-1].kind


def test_a_long_term_is_drawn_in_weeks():
    term = rules.term(date(2026, 7, 21), date(2026, 9, 4), today=date(2026, 8, 5), calendar=CALENDAR)
    assert term and term.days == 30 and len(term.segments) == 7


def test_nothing_is_ticked_as_brought_before_somebody_says_so(clerk):
    number = file_case(clerk, requisito=["1", "2", "4", "5", "6"])
    page = text_of(clerk.get(f"/expedientes/{number}?paso=subsanacion"))
    assert 'name="item" value="3"> ' in page
