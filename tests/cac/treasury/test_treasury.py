"""What a cabin owes, and treasury's word on it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.audit.models import AuditEntry
from cac.sync.keys import centre_key
from cac.treasury.check import compare
from cac.tupa.actions import import_tupa
from core import ledger, wire
from core.clock import now_utc
from intake.tupa import parse_tupa


def owed(caller) -> int:
    return caller("auditor").get("/cabinas/C01").json["balance_centimos"]


def words(till, reply) -> list[wire.Confirmation]:
    return [wire.open_sealed(till.centre, sealed, wire.Confirmation) for sealed in reply.confirmations]


def test_c13_a_declared_remittance_frees_nothing_and_a_confirmed_one_does(till, caller, store):
    for _ in range(3):
        till.file()
    declared = till.remit(3_300)
    till.sync()
    assert owed(caller) == 3_300
    confirmed = caller("tesoreria").post(f"/cabinas/C01/remesas/{declared.id}/confirmaciones", {"centimos": 3_300})
    assert (confirmed.status_code, confirmed.json["state"]) == (201, "confirmada")
    assert owed(caller) == 0
    with store.read() as session:
        noted = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.action == "tesoreria.remesa_confirmada")
        ).one()
    assert declared.id not in noted and declared.reference in noted, "the log says the number people know"
    reply = till.sync([])
    (word,) = words(till, reply)
    assert (word.kind, word.subject, word.centimos) == ("remesa_confirmada", declared.id, 3_300)
    assert words(till, till.sync([])) == [word], "told until the cabin has accepted it"
    entry = ledger.confirm_remittance(declared.id, declared_centimos=3_300, received_centimos=3_300)
    till.accept(reply.confirmations[0], entry)
    till.held_centimos = 0
    assert till.sync().confirmations == ()
    assert owed(caller) == 0
    assert caller("tesoreria").get("/cabinas/C01").json["alarms"] == []


def test_less_than_declared_leaves_the_rest_owed(till, caller):
    till.file()
    declared = till.remit(1_100)
    till.sync()
    path = f"/cabinas/C01/remesas/{declared.id}/confirmaciones"
    treasury = caller("tesoreria")
    assert treasury.post(path, {"centimos": 1_200}).json["code"] == "remesa.importe"
    assert treasury.post(path, {"centimos": 1_000}).status_code == 201
    assert owed(caller) == 100


def test_a_rejected_remittance_needs_a_reason_and_leaves_the_debt(till, caller):
    till.file()
    declared = till.remit(1_100)
    till.sync()
    path = f"/cabinas/C01/remesas/{declared.id}/rechazos"
    treasury = caller("tesoreria")
    assert treasury.post(path).json["code"] == "tesoreria.sin_motivo"
    assert treasury.post(path, {"motivo": "no figura en el banco"}).json["state"] == "rechazada"
    assert owed(caller) == 1_100
    again = treasury.post(f"/cabinas/C01/remesas/{declared.id}/confirmaciones", {})
    assert (again.status_code, again.json["code"]) == (409, "tesoreria.ya_resuelto")
    seen = treasury.get("/cabinas/C01").json
    assert (seen["remesas"][0]["state"], seen["in_transit_centimos"]) == ("rechazada", 0)


def test_a_confirmation_pressed_twice_is_one_word(till, caller):
    till.file()
    declared = till.remit(1_100)
    till.sync()
    path, key = f"/cabinas/C01/remesas/{declared.id}/confirmaciones", uuid4().hex
    treasury = caller("tesoreria")
    first, again = treasury.post(path, {}, key=key), treasury.post(path, {}, key=key)
    assert first.json == again.json
    assert owed(caller) == 0


def test_an_unknown_remittance_or_another_cabins_is_404(till, caller, convenio):
    convenio("C02")
    declared = till.remit(100)
    till.sync()
    treasury = caller("tesoreria")
    for path in ("/cabinas/C01/remesas/no/confirmaciones", f"/cabinas/C02/remesas/{declared.id}/confirmaciones"):
        answer = treasury.post(path, {})
        assert (answer.status_code, answer.json["code"]) == (404, "remesa.no_existe")


def test_c21_an_extorno_frees_nothing_until_treasury_has_the_receipt(till, caller):
    fact = till.file()
    charged = fact.ledger.entry()
    declared = wire.ExtornoDeclared(
        at=now_utc(),
        operator="Elva R.",
        id="x1",
        number=fact.number,
        centimos=1_500,
        motivo="se equivocó de trámite",
        ledger=wire.LedgerEntry.of(ledger.declare_extorno("x1", charged)),
    )
    till.append(declared)
    assert till.sync().quarantined == ()
    assert owed(caller) == 1_100
    assert caller("tesoreria").post("/cabinas/C01/extornos/x1/confirmaciones").json["state"] == "confirmado"
    assert owed(caller) == 0


def test_c22_a_word_the_centre_forgot_comes_back_with_its_acceptance(till, caller, settings):
    till.file()
    declared = till.remit(1_100)
    till.sync()
    key = centre_key(settings.keys_dir)
    word = wire.Confirmation(
        id="w1",
        cabina="C01",
        kind="remesa_confirmada",
        subject=declared.id,
        centimos=1_100,
        by="Carmen Díaz",
        at=now_utc(),
    )
    till.accept(
        wire.seal(key, word), ledger.confirm_remittance(declared.id, declared_centimos=1_100, received_centimos=1_100)
    )
    reply = till.sync()
    assert (reply.quarantined, reply.confirmations) == ((), ())
    assert owed(caller) == 0
    assert caller("tesoreria").get("/cabinas/C01").json["remesas"][0]["settled_by"] == "Carmen Díaz"


def _confirmed_before_the_restore(settings, declared, centimos: int) -> wire.Sealed[wire.Confirmation]:
    """The word the cabin took from this centre before its data was put back from last night's copy."""
    word = wire.Confirmation(
        id="w1",
        cabina="C01",
        kind="remesa_confirmada",
        subject=declared.id,
        centimos=centimos,
        by="Carmen Díaz",
        at=now_utc(),
    )
    return wire.seal(centre_key(settings.keys_dir), word)


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("confirmaciones", {"centimos": 1_100}),
        ("confirmaciones", {"centimos": 700}),
        ("rechazos", {"motivo": "no llegó"}),
    ],
)
def test_c22_what_a_restored_centre_said_again_gives_way_to_the_word_the_cabin_had_taken(
    till, caller, settings, store, noun, said
):
    till.file()
    declared = till.remit(1_100)
    till.sync()
    treasury = caller("tesoreria")
    assert treasury.post(f"/cabinas/C01/remesas/{declared.id}/{noun}", said).status_code == 201
    taken = ledger.confirm_remittance(declared.id, declared_centimos=1_100, received_centimos=1_000)
    till.accept(_confirmed_before_the_restore(settings, declared, 1_000), taken)
    till.held_centimos = 100
    reply = till.sync()
    assert (reply.quarantined, reply.confirmations) == ((), ()), "the later word is offered to the cabin no more"
    seen = treasury.get("/cabinas/C01").json
    assert (seen["balance_centimos"], seen["in_transit_centimos"], seen["alarms"]) == (100, 0, [])
    (shown,) = seen["remesas"]
    assert (shown["state"], shown["settled_by"]) == ("confirmada", "Carmen Díaz")
    with store.read() as session:
        assert [row.difference_centimos for row in compare(session)] == [0]
        noted = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "tesoreria.palabra_reemplazada"))
        assert declared.reference in noted.one()
    again = treasury.post(f"/cabinas/C01/remesas/{declared.id}/confirmaciones", {})
    assert again.json["code"] == "tesoreria.ya_resuelto"


def test_a_word_that_the_centre_never_signed_is_worth_nothing(till, caller):
    till.file()
    declared = till.remit(1_100)
    word = wire.Confirmation(
        id="w1",
        cabina="C01",
        kind="remesa_confirmada",
        subject=declared.id,
        centimos=1_100,
        by="Yo mismo",
        at=now_utc(),
    )
    till.accept(
        wire.seal(till.key, word),
        ledger.confirm_remittance(declared.id, declared_centimos=1_100, received_centimos=1_100),
    )
    assert [held.code for held in till.sync().quarantined] == ["sync.firma_invalida"]
    assert owed(caller) == 1_100


def test_e11_the_service_is_the_cabins_own_and_never_owed(till, caller):
    fact = till.file("RC-01")
    till.sync()
    lines = {line.concept: line.centimos for line in fact.charges}
    assert lines == {"derecho": 1_100, "servicio_cabina": 400} and fact.total_centimos == 1_500
    assert owed(caller) == 1_100


def test_a_card_payment_owes_nothing(till, caller):
    till.file(request={"payment": {"method": "tarjeta"}})
    assert till.sync().quarantined == ()
    assert owed(caller) == 0


def test_what_the_till_counts_otherwise_raises_an_alarm(till, caller):
    till.file()
    till.held_centimos = 900
    till.sync()
    alarms = caller("tesoreria").get("/cabinas/C01").json["alarms"]
    assert [alarm["code"] for alarm in alarms] == ["cabina.no_cuadra"]


def test_treasury_sees_settles_and_suspends_without_javascript(till, person):
    till.file()
    till.file()
    declared = till.remit(2_200)
    till.sync()
    desk = person("tesoreria")
    page = desk.get("/tesoreria").text
    assert "Internet Los Sauces" in page and "BN 0012345" in page and "S/ 22.00" in page
    path = f"/tesoreria/cabinas/C01/remesas/{declared.id}/confirmaciones"
    refused = desk.post(path, {"importe": "mucho"}, follow_redirects=True).text
    assert "Escriba lo recibido en soles" in refused
    done = desk.post(path, {"importe": "22.00"}, follow_redirects=True).text
    assert "Remesa confirmada" in done and "No hay remesas por confirmar" in done
    suspended = desk.post(
        "/tesoreria/cabinas/C01/suspensiones", {"motivo": "no remite", "suspended": "1", "de": "cabina"},
        follow_redirects=True,
    ).text  # fmt: skip
    assert "Cabina suspendida" in suspended and "no remite" in suspended
    back = desk.post("/tesoreria/cabinas/C01/suspensiones", {"suspended": "0", "de": "cabina"}, follow_redirects=True)
    assert "Cabina rehabilitada" in back.text


def test_who_did_what_at_a_cabin_is_on_the_case_in_the_log_and_on_a_list_for_the_auditor(till, person, store):
    mine = till.file(request={"missing": ["1"]}, operator="Elva Rojas")
    other = till.file(operator="Rosa Tafur")
    cured = {
        "at": now_utc(),
        "operator": "Rosa Tafur",
        "id": "c1",
        "number": mine.number,
        "presented": ["1"],
        "missing": [],
    }
    till.append(wire.ObservationCured(**cured, sheets=1))
    till.remit(1_100, operator="Rosa Tafur")
    assert till.sync().quarantined == ()
    case = person("ventanilla").get(f"/expedientes/{mine.number}").text
    assert "Elva Rojas, cabina C01" in case and "Rosa Tafur, cabina C01" in case, "each step by who took it"
    assert "Rosa Tafur, cabina C01" in person("admin").get("/admin/registro?q=Rosa").text
    auditor = person("auditor")
    assert "/tesoreria/cabinas/C01/hechos" in auditor.get("/tesoreria/cabinas/C01").text
    everything = auditor.get("/tesoreria/cabinas/C01/hechos").text
    assert everything.count("<tr>") == 5 and "Remesa" in everything and "Subsanación" in everything
    hers = auditor.get("/tesoreria/cabinas/C01/hechos?q=rosa+tafur").text
    assert hers.count("<tr>") == 4 and other.number in hers and "Elva Rojas" not in hers
    assert "Nada con eso" in auditor.get("/tesoreria/cabinas/C01/hechos?q=nadie").text
    assert person("ventanilla").get("/tesoreria/cabinas/C01/hechos").status_code == 403


def test_an_auditor_reads_and_presses_nothing(till, person):
    till.file()
    declared = till.remit(1_100)
    till.sync()
    auditor = person("auditor")
    for path in ("/tesoreria", "/tesoreria/cabinas/C01"):
        page = auditor.get(path)
        assert page.status_code == 200 and "Confirmar</button>" not in page.text
    assert auditor.post(f"/tesoreria/cabinas/C01/remesas/{declared.id}/confirmaciones").status_code == 403


def test_the_page_shows_what_is_in_verification_and_both_branches(till, person):
    till.file(total_centimos=1)
    till.sync()
    clone = till.clone()
    till.remit(100)
    clone.remit(200)
    till.sync()
    clone.sync()
    page = person("tesoreria").get("/tesoreria/cabinas/C01").text
    assert "En verificación" in page and "no suman el total" in page
    applied, other = page.split("La otra rama")
    assert "S/ 1.00 · BN 0012345" in applied and "S/ 2.00 · BN 0012345" in other


def test_what_was_in_verification_is_applied_once_its_tupa_is_here(till, person, store, caller):
    fact = till.file(tupa_version="2027")
    till.sync()
    desk = person("tesoreria")
    page = desk.get("/tesoreria/cabinas/C01").text
    (path,) = re.findall(r'action="(/tesoreria/cabinas/C01/verificaciones/[0-9]+)"', page)
    still = desk.post(path, {"de": "cabina"}, follow_redirects=True).text
    assert "no está en el TUPA" in still and fact.number in still
    text = Path("data/tupa.json").read_text(encoding="utf-8")
    tupa = replace(parse_tupa(text), version="2027")
    store.write(import_tupa, tupa, principal=SYSTEM, now=now_utc())
    done = desk.post(path, {"de": "cabina"}, follow_redirects=True).text
    assert "ya no está en verificación" in done and "En verificación" not in done
    assert owed(caller) == 1_100
    assert till.sync([]).quarantined == ()
    assert "ya no está en verificación" in desk.post(path, {"de": "cabina"}, follow_redirects=True).text


def test_what_clashes_with_a_row_that_is_here_is_still_refused_in_words(till, person, caller):
    declared = till.remit(100, slot=1)
    entry = wire.LedgerEntry.of(ledger.confirm_by_code(declared.ledger.entry()))
    taken = {"operator": "Elva R.", "id": declared.id, "slot": 1, "centimos": 100, "ledger": entry}
    for code in ("K7Q4-M2XD", "P3R8-W6TY"):  # only the database knows that its code was taken
        till.append(wire.RemittanceByCode(at=now_utc(), code=code, **taken))
    till.sync()
    desk = person("tesoreria")
    page = desk.get("/tesoreria/cabinas/C01").text
    (path,) = re.findall(r'action="(/tesoreria/cabinas/C01/verificaciones/[0-9]+)"', page)
    answer = desk.post(path, {"de": "cabina"}, follow_redirects=True)
    assert answer.status_code == 200 and "choca con lo que el centro ya guardó" in answer.text
    assert path in answer.text, "it still waits"
    assert caller("tesoreria").get("/cabinas/C01").status_code == 200


def test_c17_treasury_is_told_what_a_cabin_charged_by_a_price_of_yesterday(till, person, store):
    text = Path("data/tupa.json").read_text(encoding="utf-8")
    other = parse_tupa(text)
    dearer = tuple(
        replace(entry, tramite=replace(entry.tramite, fee_centimos=1_350)) if entry.tramite.code == "RC-01" else entry
        for entry in other.entries
    )
    early = till.file()
    till.sync()
    assert "precio anterior" not in person("tesoreria").get("/tesoreria/cabinas/C01").text
    new = replace(other, version="2026-C17", entries=dearer)
    store.write(import_tupa, new, principal=SYSTEM, now=now_utc())  # the till has not heard of it
    late, same = till.file(), till.file("RC-02")
    assert till.sync().quarantined == ()
    page = person("tesoreria").get("/tesoreria/cabinas/C01").text
    told = page[page.index("precio anterior") :].split("</section>")[0]
    assert late.number in told and "S/ 11.00" in told and "S/ 13.50" in told and "2026-C17" in told
    assert same.number not in told, "its price did not change"
    assert early.number not in told, "nobody had published another"


def test_a_cabin_that_does_not_exist_says_so(person, caller):
    assert person("tesoreria").get("/tesoreria/cabinas/C99").status_code == 404
    assert caller("tesoreria").get("/cabinas/C99").json["code"] == "cabina.no_existe"


def test_without_cabins_the_page_says_what_comes_next(person):
    assert "Todavía no hay cabinas" in person("tesoreria").get("/tesoreria").text
