"""What a cabin signed is registered as it was signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cac.access.actions import SYSTEM
from cac.expedientes import actions
from cac.expedientes.models import Expediente
from core.clock import LIMA, now_utc
from core.ids import ExpedienteNumber
from intake.fees import CabinFee
from intake.filing import Filing, decide
from intake.request import FilingRequest
from storage import Store
from tests.cac.expedientes.conftest import TUPA, counted, filing

NUMBER = str(ExpedienteNumber(2026, "C01", "A", 214))


def cabin_filing(app: Any, **changed: Any) -> Filing:
    return decide(
        FilingRequest.model_validate(filing(**changed)),
        next(entry.tramite for entry in TUPA.entries if entry.tramite.code == "RC-01"),
        received_at=datetime(2026, 11, 19, 17, 30, tzinfo=LIMA),
        calendar=app.extensions["calendar"],
        channel="cabina",
        cabin_fee=CabinFee(),
    )


def apply(store: Store, signed: Filing, number: str = NUMBER, **more: Any) -> Any:
    return store.write(
        actions.apply_filed,
        signed,
        number=number,
        track_key="K7M4-2QRX",
        cabina="C01",
        operator="Elva R.",
        place="Cabina C01, Cajamarca",
        calendar_version="x",
        principal=SYSTEM,
        now=now_utc(),
        **more,
    )


def test_a_cabins_case_keeps_number_dates_and_two_fees(store: Store, app: Any, desk: Any):
    assert apply(store, cabin_filing(app)) is not None
    case = desk.get(f"/expedientes/{NUMBER}").json
    assert case["received_at"] == "2026-11-19T22:30:00Z"
    assert (case["received_on"], case["due_on"], case["cabina"]) == ("2026-11-19", "2026-11-20", "C01")
    assert [(line["concept"], line["centimos"]) for line in case["charges"]] == [
        ("derecho", 1100),
        ("servicio_cabina", 400),
    ]
    assert case["receiver"] == "Elva R."


def test_the_same_case_twice_is_registered_once(store: Store, app: Any, desk: Any):
    with counted(store, Expediente) as added:
        assert apply(store, cabin_filing(app)) is not None
        assert apply(store, cabin_filing(app)) is None
        assert added() == 1


def test_it_is_tracked_with_the_key_on_its_paper_and_by_an_alias(store: Store, app: Any, client: Any, at: Any):
    at(2026, 11, 20, 9, 0)
    renumbered = str(ExpedienteNumber(2026, "C01", "B", 1))
    apply(store, cabin_filing(app), renumbered, alias=NUMBER)
    for number in (renumbered, NUMBER):
        seen = client.get(f"/api/v1/seguimiento/{number}?key=K7M4-2QRX")
        assert (seen.status_code, seen.json["number"]) == (200, renumbered)


def test_a_cabin_overwrites_no_person(store: Store, app: Any, desk: Any):
    desk.post("/expedientes", filing("RC-02"))
    apply(store, cabin_filing(app, applicant={"document_type": "DNI", "document_number": "10117410", "name": "Otra"}))
    assert desk.get(f"/expedientes/{NUMBER}").json["applicant"]["name"] == "Nélida Chuquimango Soto"


def test_the_centre_may_decide_the_reception_day_of_a_doubtful_clock(store: Store, app: Any, desk: Any):
    apply(store, cabin_filing(app), received_on=datetime(2026, 11, 20, tzinfo=LIMA).date())
    assert desk.get(f"/expedientes/{NUMBER}").json["received_on"] == "2026-11-20"
