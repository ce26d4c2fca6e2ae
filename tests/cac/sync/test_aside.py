"""What waits for a person: told in words, read as it came, corrected and applied, or set aside by two where it moves money."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from cac.expedientes.models import Expediente
from cac.sync.models import InboxEvent, QuarantinedEvent
from core import wire
from core.clock import now_utc


@pytest.fixture
def bad(till: Any) -> wire.ExpedienteFiled:
    """A filing under a TUPA version that is not here, and a good one after it."""
    fact = till.file(tupa_version="2099-9")
    till.file()
    assert [held.code for held in till.sync().quarantined] == ["tramite.no_existe"]
    return fact


def page(someone: Any) -> str:
    return someone.get("/tesoreria/cabinas/C01").text


def act(text: str, end: str) -> str:
    """The address of the form or link that ends so."""
    found = re.search(rf'(?:action|href)="(/tesoreria/cabinas/C01/[^"]*{end})"', text)
    assert found, f"nothing on the page ends in {end}"
    return found[1]


def test_it_is_told_in_words_with_its_cause_and_given_as_it_came(till: Any, bad: Any, person: Any):
    auditor = person("auditor")
    seen = page(auditor)
    assert f"Trámite RC-01</b> {bad.number}" in seen and "S/ 15.00" in seen and "Elva R." in seen
    assert "Usó un TUPA que aquí no está" in seen
    assert "Apartar" not in seen, "an auditor reads"
    raw = auditor.get(act(seen, r"\.json"))
    assert raw.json["payload"]["number"] == bad.number and "attachment" in raw.headers["Content-Disposition"]
    assert person("ventanilla").get(act(seen, r"\.json")).status_code == 403


def test_a_filing_is_applied_with_what_was_wrong_corrected_and_its_money_as_signed(
    till: Any, bad: Any, person: Any, store: Any, caller: Any
):
    treasury = person("tesoreria")
    path = act(page(treasury), "/correcciones")
    form = {"de": "cabina", "name": "Otra Persona", "sheets": "4"}
    refused = treasury.post(path, {"de": "cabina"}, follow_redirects=True).text
    assert "Cambie lo que está mal" in refused
    assert "sigue sin poder" in treasury.post(path, form, follow_redirects=True).text or "TUPA" in refused
    version = till.catalogue.tupa_on(bad.received_on).version
    done = treasury.post(path, form | {"tupa_version": version}, follow_redirects=True).text
    assert f"{bad.number} aplicado con lo corregido" in done
    with store.read() as session:
        case = session.scalars(select(Expediente).where(Expediente.number == bad.number)).one()
        kept = session.scalars(select(InboxEvent).where(InboxEvent.seq == 1)).one()
    assert (case.sheets, case.total_centimos) == (4, 1_500)
    assert '"tupa_version":"2099-9"' in kept.event, "what was signed stays as it came"
    assert caller("tesoreria").get("/cabinas/C01").json["balance_centimos"] == 2_200
    assert till.sync([]).quarantined == ()


def test_money_is_set_aside_by_two_people_and_stays_in_the_inbox(till: Any, bad: Any, person: Any, store: Any):
    one, other = person("tesoreria"), person("tesoreria")
    path = act(page(one), "/apartados")
    assert "Escriba por qué se aparta" in one.post(path, {"de": "cabina"}, follow_redirects=True).text
    assert (
        "debe aprobarlo otra persona"
        in one.post(path, {"de": "cabina", "motivo": "papel repetido"}, follow_redirects=True).text
    )
    assert "Aprobar</button>" not in page(one)
    approve = act(page(other), "/aprobaciones")
    assert "debe apartarlo otra persona" in one.post(approve, {"de": "cabina"}, follow_redirects=True).text
    assert [held.code for held in till.sync([]).quarantined] == ["tramite.no_existe"]
    assert "Apartado: no se aplicará" in other.post(approve, {"de": "cabina"}, follow_redirects=True).text
    assert till.sync([]).quarantined == ()
    with store.read() as session:
        held = session.scalars(select(QuarantinedEvent)).one()
        assert held.settled_how is not None and "papel repetido" in held.settled_how
        assert session.scalar(select(Expediente.id).where(Expediente.number == bad.number)) is None


def test_who_asked_may_take_it_back(till: Any, bad: Any, person: Any):
    one = person("tesoreria")
    one.post(act(page(one), "/apartados"), {"de": "cabina", "motivo": "me equivoqué"})
    one.post(act(page(one), "/rechazos"), {"de": "cabina"})
    assert "pide apartarlo" not in page(one)
    assert [held.code for held in till.sync([]).quarantined] == ["tramite.no_existe"]


def test_what_moves_no_money_is_set_aside_by_one(till: Any, person: Any):
    till.append(
        wire.AttachmentAnnounced(
            at=now_utc(),
            operator="Elva R.",
            id="a1",
            number="2026-C01A-000009-X",
            name="DNI",
            media_type="image/png",
            sha256="a" * 64,
            bytes=10,
        )
    )
    assert len(till.sync().quarantined) == 1
    treasury = person("tesoreria")
    seen = page(treasury)
    assert "<b>Adjunto</b>" in seen
    treasury.post(act(seen, "/apartados"), {"de": "cabina", "motivo": "nunca hubo tal expediente"})
    assert till.sync([]).quarantined == ()
