import json
from datetime import date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.clock import LIMA
from core.workdays import Calendar
from intake.fees import CabinFee
from intake.filing import (
    DocumentInvalid,
    NameMissing,
    NotAtThisCabin,
    RequisitoUnknown,
    decide,
    filing_from_json,
    filing_to_json,
)
from intake.request import FilingRequest
from intake.tupa import parse_tupa

CALENDAR = Calendar.parse(Path("data/holidays_pe.csv").read_text(encoding="utf-8"), scopes={"national"})
TRAMITES = {e.tramite.code: e.tramite for e in parse_tupa(Path("data/tupa.json").read_text(encoding="utf-8")).entries}
FRIDAY = datetime(2026, 11, 20, 10, 46, tzinfo=LIMA)
NELIDA = {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"}


def request(tramite="RC-01", **changed):
    plain = {"tramite": tramite, "applicant": NELIDA, "subject": "Partida de mi hija", "sheets": 12, "missing": []}
    if TRAMITES[tramite].fee_centimos:
        plain["payment"] = {"method": "efectivo"}
    return FilingRequest.model_validate(plain | changed)


def file(tramite="RC-01", *, at=FRIDAY, channel="ventanilla", cabin_fee=None, **changed):
    return decide(
        request(tramite, **changed),
        TRAMITES[tramite],
        received_at=at,
        calendar=CALENDAR,
        channel=channel,
        cabin_fee=cabin_fee,
    )


def test_a_complete_filing_starts_its_clock():
    filing = file()
    assert filing.state == "recibido"
    assert (filing.clock.received_on, filing.clock.clock_start_on, filing.clock.due_on) == (
        date(2026, 11, 20),
        date(2026, 11, 23),
        date(2026, 11, 23),
    )
    assert filing.sheets == 12
    assert len(filing.annexes) == 3
    assert filing.warnings == ()


def test_a_missing_requisite_is_an_observation_never_a_refusal():
    filing = file(missing=["3", "1", "3"], at=datetime(2026, 12, 4, 9, 0, tzinfo=LIMA))
    assert filing.state == "observado"
    assert filing.observed.missing == ("1", "3")
    assert filing.observed.due_on == date(2026, 12, 10)
    assert (filing.clock.clock_start_on, filing.clock.due_on, filing.clock.sap_on) == (None, None, None)
    assert len(filing.annexes) == 1


@pytest.mark.parametrize("code", sorted(TRAMITES))
def test_every_tramite_is_admitted_with_nothing_at_all(code):
    tramite = TRAMITES[code]
    filing = file(code, missing=[requisito.code for requisito in tramite.requisitos])
    assert filing.state == "observado"


def test_beyond_the_calendar_it_is_received_with_the_term_to_confirm():
    for moment in (datetime(2027, 12, 31, 9, 0, tzinfo=LIMA), datetime(2031, 5, 5, 9, 0, tzinfo=LIMA)):
        complete, observed = file(at=moment), file(at=moment, missing=["1"])
        assert complete.state == "recibido"
        assert complete.clock.received_on == moment.date()
        assert complete.clock.due_on is None
        assert observed.observed.due_on is None
        for filing in (complete, observed):
            assert [warning.code for warning in filing.warnings] == ["plazo.por_confirmar"]


def test_a_wrong_check_digit_warns_and_a_wrong_ruc_is_refused():
    filing = file(applicant=NELIDA | {"document_number": "10117410-3"})
    assert [warning.code for warning in filing.warnings] == ["documento.por_verificar"]
    assert filing.applicant.document_number == "10117410"
    with pytest.raises(DocumentInvalid) as refused:
        file(applicant={"document_type": "RUC", "document_number": "20512333798", "name": "Panadería"})
    assert refused.value.extra["field"] == "applicant.document_number"
    with pytest.raises(NameMissing):
        file(applicant=NELIDA | {"name": "\x00 \x1d"})


def test_a_half_written_mail_warns():
    filing = file(applicant=NELIDA | {"email": "nelida"}, notify={"email": "nelida@", "consent": True})
    assert [warning.code for warning in filing.warnings] == ["correo.por_verificar"] * 2


def test_only_published_requisites_are_asked():
    with pytest.raises(RequisitoUnknown):
        file(missing=["9"])


def test_a_cabin_takes_what_the_tupa_offers_there():
    filing = file(cabin_fee=CabinFee(), channel="cabina")
    assert filing.charges.total_centimos == 1500
    assert filing.channel == "cabina"
    with pytest.raises(NotAtThisCabin):
        file("RC-07", cabin_fee=CabinFee(), channel="cabina")


def test_texts_lose_control_bytes():
    filing = file(subject="Partida\x1dV\x00 de mi hija\r\nurgente", annexes=["Solicitud\x07", "  "])
    assert filing.subject == "PartidaV de mi hija\nurgente"
    assert filing.annexes == ("Solicitud",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sheets", "12"),
        ("sheets", -1),
        ("subject", 5),
        ("missing", "1"),
        ("quantity", 0),
        ("applicant", NELIDA | {"document_type": "LE"}),
        ("payment", {"method": "cheque"}),
        ("notify", {"email": "a@b.pe", "consent": "yes"}),
        ("channel", "fax"),
    ],
)
def test_a_wrong_type_is_named(field, value):
    with pytest.raises(ValidationError) as refused:
        request(**{field: value})
    assert refused.value.errors()[0]["loc"][0] == field


def test_unknown_fields_are_ignored():
    assert request(color="azul").tramite == "RC-01"


def test_a_filing_survives_the_wire():
    for filing in (
        file(),
        file(missing=["1"], representative=NELIDA, notify={"email": "a@b.pe", "consent": True}, ticket=7, related="x"),
        file(cabin_fee=CabinFee(), channel="cabina"),
        file("SG-08"),
    ):
        assert filing_from_json(json.loads(json.dumps(filing_to_json(filing)))) == filing
