"""Finding a case by whatever a person remembers of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cac.expedientes.conftest import filing

PEOPLE = (
    ("10117410", "Nélida Chuquimango Soto"),
    ("20202020", "José Ñáñez Q’ero"),
    ("30303030", "María Chuquilín Ñáñez"),
)


@pytest.fixture
def cases(desk: Any) -> list[str]:
    made = []
    for place, (dni, name) in enumerate(PEOPLE):
        applicant = {"document_type": "DNI", "document_number": dni, "name": name}
        body = filing(("RC-01", "LF-01", "RC-02")[place], applicant=applicant, subject="Pedido")
        made.append(desk.post("/expedientes", body).json["number"])
    return made


def found(desk: Any, q: str, **more: str) -> list[str]:
    answer = desk.get("/expedientes", query_string={"q": q, **more})
    assert answer.status_code == 200
    return [item["number"] for item in answer.json["items"]]


def test_newest_first_without_a_question(desk: Any, cases: list[str]):
    assert found(desk, "") == cases[::-1]


@pytest.mark.parametrize(
    ("q", "places"),
    [
        ("chuqui", [2, 0]),
        ("CHUQUIMÁNGO", [0]),
        ("mango", [0]),
        ("nanez", [2, 1]),
        ("Ñáñez jose", [1]),
        ("qero", [1]),
        ("10117410", [0]),
        ("1011", [0]),
        ("partida nacimiento", [0]),
        ("LF-01", [1]),
        ("so ne", [0]),
        ("zzz", []),
        ("'; DROP TABLE expediente; --", []),
        ('"', []),
        ("* OR NEAR(", []),
    ],
)
def test_pieces_without_accents(desk: Any, cases: list[str], q: str, places: list[int]):
    assert found(desk, q) == [cases[place] for place in places]


def test_a_number_is_found_however_it_is_typed(desk: Any, cases: list[str]):
    assert found(desk, cases[1]) == [cases[1]]
    assert found(desk, cases[1].lower().replace("-", " ")) == [cases[1]]
    assert found(desk, "000002") == [cases[1]]


def test_state_and_area_narrow(desk: Any, cases: list[str]):
    desk.post(f"/expedientes/{cases[0]}/pases")
    assert found(desk, "", state="en_tramite") == [cases[0]]
    assert found(desk, "chuqui", area="CAC") == [cases[2]]
    assert found(desk, "chuqui", area="rc") == [cases[0]]


def test_pages_do_not_overlap(desk: Any):
    numbers = [desk.post("/expedientes", filing()).json["number"] for _ in range(23)]
    first, second = desk.get("/expedientes?q=nelida&page=1").json, desk.get("/expedientes?q=nelida&page=2").json
    assert (first["more"], second["more"]) == (True, False)
    assert [item["number"] for item in first["items"] + second["items"]] == numbers[::-1]


def test_who_may_not_read_cases_finds_none(caller: Any, cases: list[str]):
    for role in ("kiosko", "pantalla", "cajero", "orientador"):
        assert caller(role).get("/expedientes?q=chuqui").status_code == 403
    assert caller("auditor").get(f"/expedientes/{cases[0]}").status_code == 200
