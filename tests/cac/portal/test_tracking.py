"""A case in plain words."""

from datetime import UTC, date, datetime

import pytest

from cac.calendar import load_calendar
from cac.portal.tracking import follow
from web.settings import Settings

AT = datetime(2026, 11, 12, 15, 0, tzinfo=UTC)
CASE = {
    "number": "2026-MPA-004812-Z",
    "tramite": "LF-03",
    "tramite_name": "Licencia de funcionamiento",
    "state": "en_tramite",
    "state_name": "En trámite",
    "area": "Subgerencia de Licencias",
    "since_at": AT,
    "received_at": AT,
    "received_on": date(2026, 11, 12),
    "clock_start_on": date(2026, 11, 13),
    "due_on": date(2026, 11, 24),
    "sap_on": date(2026, 12, 1),
    "term_business_days": 8,
    "silence": "SAP",
    "late": False,
    "observed": None,
    "resultado": None,
    "next": "La Subgerencia lo está evaluando.",
    "steps": [
        {"what": "Recibimos sus papeles", "kind": "ingreso", "area": "CAC", "at": AT},
        {"what": "La unidad lo recibió", "kind": "recepcion", "area": "Subgerencia de Licencias", "at": AT},
    ],
}


@pytest.fixture(scope="module")
def calendar():
    return load_calendar(Settings())


def shown(calendar, today=date(2026, 11, 20), **changes):
    return follow(CASE | changes, today=today, calendar=calendar)


def test_an_open_case_says_by_when_and_how_far_it_has_gone(calendar):
    page = shown(calendar)
    assert page["date"]["day"] == "martes 24 de noviembre"
    assert page["date"]["words"] == "Va el día 6 de 8 días hábiles"
    assert page["date"]["segments"] == ["u"] * 5 + ["h", "", ""]


def test_before_the_first_day_nothing_is_used(calendar):
    date_ = shown(calendar, today=date(2026, 11, 12))["date"]
    assert date_["segments"] == [] and "el primero es el viernes 13 de noviembre" in date_["words"]


def test_where_it_is_is_the_current_step_and_the_next_is_told(calendar):
    page = shown(calendar)
    assert [step.get("now", False) for step in page["steps"]] == [False, True]
    assert page["last_step"]


def test_an_observed_case_says_what_is_missing_and_until_when(calendar):
    observed = {"items": ["Certificado ECSE"], "due_on": date(2026, 11, 24)}
    page = shown(calendar, state="observado", observed=observed, due_on=None, clock_start_on=None)
    assert page["missing"] == ["Certificado ECSE"] and page["kind"] == "aviso"
    assert page["date"]["label"].startswith("Complete") and page["date"]["day"] == "martes 24 de noviembre"


def test_a_late_case_does_not_pretend(calendar):
    page = shown(calendar, today=date(2026, 11, 27), late=True)
    assert page["head"] == "El plazo venció" and page["date"]["label"].startswith("Debimos")


def test_a_term_nobody_can_count_yet_is_said_to_be_unknown(calendar):
    assert shown(calendar, due_on=None)["date"]["day"] == "Plazo por confirmar"


@pytest.mark.parametrize(
    ("silence", "then"), [("SAP", "aprobada por ley"), ("SAN", "apelar o seguir esperando"), (None, None)]
)
def test_silence_is_told_as_a_right(calendar, silence, then):
    right = shown(calendar, silence=silence)["right"]
    assert (right is None) if then is None else then in right["then"]


def test_a_finished_case_promises_no_date(calendar):
    page = shown(calendar, state="entregado")
    assert page["date"] is None and page["right"] is None and page["last_step"] is None
    assert not any(step.get("now") for step in page["steps"])


def test_the_form_opens_without_asking_anything(client):
    page = client.get("/seguimiento")
    assert page.status_code == 200 and "Clave de seguimiento" in page.text


def test_a_wrong_number_and_a_wrong_key_are_told_alike_and_keep_what_was_typed(client):
    answers = [
        client.get("/seguimiento", query_string={"numero": number, "clave": "7KQ4-M2XD"})
        for number in ("2026-MPA-000001-X", "no es un numero")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert 'role="alert"' in answers[0].text and "2026-MPA-000001-X" in answers[0].text


def test_too_many_wrong_tries_must_wait(client):
    wrong = {"numero": "2026-MPA-000001-X", "clave": "7KQ4-M2XD"}
    answers = [client.get("/seguimiento", query_string=wrong) for _ in range(6)]
    assert answers[-1].status_code == 429 and int(answers[-1].headers["Retry-After"]) > 0
