"""E12: the guarantee is received, held, executed only by two people of treasury, returned."""

from __future__ import annotations

import re

import pytest

from cac.treasury import guarantee, rules
from core import ledger, wire
from core.clock import now_utc
from core.ledger import EntryKind
from tests.cac.cabinas import Till, new_code


def account(caller) -> dict:
    return caller("auditor").get("/cabinas/C01").json


def asked(desk, kind: str = "garantia_ejecutada", importe: str = "11.00"):
    form = {"kind": kind, "importe": importe, "motivo": "no remite hace un mes", "de": "cabina"}
    return desk.post("/tesoreria/cabinas/C01/garantias/pedidos", form, follow_redirects=True).text


def press_approve(desk) -> str:
    return desk.post(order_path(desk, "aprobaciones"), {"de": "cabina"}, follow_redirects=True).text


def order_path(desk, act: str) -> str:
    page = desk.get("/tesoreria/cabinas/C01").text
    (found,) = set(re.findall(r"(/tesoreria/cabinas/C01/garantias/pedidos/[0-9]+)/", page))
    return f"{found}/{act}"


@pytest.fixture
def deposited(till, caller) -> None:
    assert (
        caller("tesoreria").post("/cabinas/C01/garantias", {"centimos": 30_000, "reference": "R 1"}).status_code == 201
    )


def test_e12_executing_the_deposit_needs_two_treasury_users_and_leaves_a_ledger_line(till, deposited, person, caller):
    till.file()
    till.sync()
    asker, second = person("tesoreria", name="Carmen Díaz"), person("tesoreria", name="Raúl Vega")
    assert "otra persona de Tesorería" in asked(asker)
    assert account(caller)["balance_centimos"] == 1_100, "asked for, nothing moved"
    assert "Aprobar</button>" not in asker.get("/tesoreria/cabinas/C01").text
    path = order_path(asker, "aprobaciones")
    assert "debe aprobarlo o rechazarlo otra persona" in asker.post(path, {"de": "cabina"}, follow_redirects=True).text
    assert account(caller)["balance_centimos"] == 1_100
    assert "la garantía se movió" in press_approve(second)
    seen = account(caller)
    assert (seen["balance_centimos"], seen["guarantee_held_centimos"], seen["cap_centimos"]) == (0, 28_900, 28_900)
    words = [wire.open_sealed(till.centre, sealed, wire.Confirmation) for sealed in till.sync([]).confirmations]
    executed = words[-1]
    assert (executed.kind, executed.centimos, executed.by) == ("garantia_ejecutada", 1_100, "Raúl Vega")
    assert "Carmen Díaz" in executed.reason
    again = second.post(path, {"de": "cabina"}, follow_redirects=True).text
    assert "ya se resolvió" in again


def test_a_program_never_moves_a_guarantee(till, deposited, person, app, store):
    till.file()
    till.sync()
    asked(person("tesoreria"))
    with store.read() as session:
        (seen,) = guarantee.orders(session, 1)
    program = guarantee.Principal("token", 9, "un programa", "tesoreria")
    with pytest.raises(guarantee.PersonNeeded):
        store.write(
            guarantee.decide, "C01", seen.order.id, approved=True, key=wire.new_key(), principal=program, now=now_utc()
        )


def test_what_is_returned_leaves_the_debt_covered_and_lowers_the_cap_the_cabin_hears_of(
    till, deposited, person, caller
):
    till.file()
    till.sync()
    asker, second = person("tesoreria"), person("tesoreria")
    assert "puede ser hasta S/ 289.00" in asked(asker, "garantia_devuelta", "300.00")
    asked(asker, "garantia_devuelta", "250.00")
    press_approve(second)
    assert account(caller)["cap_centimos"] == 5_000
    reply = till.sync([])
    assert reply.catalogue is not None
    told = wire.open_sealed(till.centre, reply.catalogue, wire.Catalogue)
    assert told.convenio.guarantee_centimos == 5_000


def test_an_order_is_withdrawn_by_who_made_it_and_another_may_follow(till, deposited, person, caller):
    till.file()
    till.sync()
    desk = person("tesoreria")
    asked(desk)
    assert "Ya hay un pedido" in asked(desk)
    page = desk.post(order_path(desk, "rechazos"), {"de": "cabina"}, follow_redirects=True).text
    assert "la garantía queda como estaba" in page
    assert account(caller)["guarantee_held_centimos"] == 30_000
    assert "Pedido anotado" in asked(desk)


def test_no_more_is_executed_than_is_owed(till, deposited, person):
    till.file()
    till.sync()
    assert "puede ser hasta S/ 11.00" in asked(person("tesoreria"), importe="12.00")
    assert "Escriba el importe en soles" in asked(person("tesoreria"), importe="mucho")


def test_an_auditor_sees_the_guarantee_and_moves_nothing(till, deposited, person):
    till.file()
    till.sync()
    asked(person("tesoreria"))
    auditor = person("auditor")
    page = auditor.get("/tesoreria/cabinas/C01").text
    assert "Recibida S/ 300.00" in page and "Ejecutar S/ 11.00" in page and "Aprobar</button>" not in page
    assert auditor.post("/tesoreria/cabinas/C01/garantias/pedidos/1/aprobaciones").status_code == 403


@pytest.mark.parametrize(
    ("ever", "held", "cap"), [(False, 0, 30_000), (True, 30_000, 30_000), (True, 28_900, 28_900), (True, 0, 0)]
)
def test_the_cap_is_what_was_agreed_and_no_more_than_what_is_left(ever: bool, held: int, cap: int):
    assert rules.cap_centimos(agreed_centimos=30_000, ever_deposited=ever, held_centimos=held) == cap


@pytest.mark.parametrize("kind", [EntryKind.GUARANTEE_EXECUTED, EntryKind.GUARANTEE_RETURNED])
def test_a_guarantees_moves_balance(kind: EntryKind):
    moved = ledger.GUARANTEE_MOVES[kind]("x", 100)
    assert sum(posting.centimos for posting in moved.postings) == 0
    assert moved.amount(ledger.Account.GUARANTEE) == -100


def close(till, z: int, prev_hash: str, **changes) -> wire.DayClosed:
    values = {
        "at": now_utc(),
        "operator": "Elva R.",
        "z": z,
        "counts": {"1000": 1, "500": 1},
        "expected_centimos": 1_500,
        "counted_centimos": 1_500,
        "difference_centimos": 0,
        "municipal_held_centimos": 1_100,
        "first_seq": 1,
        "last_seq": 1,
        "prev_hash": prev_hash,
        "hash": wire.GENESIS,
    }
    fact = wire.DayClosed(**values | changes)
    before = till.events[-1].hash if till.events else wire.GENESIS
    fact = fact.model_copy(update={"hash": wire.z_hash(fact, epoch=till.lease.epoch, last_event_hash=before)})
    till.append(fact)
    return fact


def test_c14_a_z_counts_at_the_centre_only_when_it_chains_to_the_one_before(till, person):
    till.file()
    first = close(till, 1, wire.GENESIS)
    close(till, 2, first.hash, counted_centimos=1_500)
    assert till.sync().quarantined == ()
    close(till, 3, first.hash)
    assert [held.detail for held in till.sync().quarantined] == ["el cierre Z 3 no sigue al Z 2"]
    assert "Z 2" in person("tesoreria").get("/tesoreria/cabinas/C01").text


def test_c14_a_z_whose_figures_were_changed_is_set_aside(till):
    till.file()
    fact = close(till, 1, wire.GENESIS)
    till.events.pop()
    till.append(fact.model_copy(update={"municipal_held_centimos": 100}))
    assert [held.detail for held in till.sync().quarantined] == ["la huella del cierre Z 1 no es la de sus cifras"]


def test_the_new_pc_of_a_cabin_counts_its_closes_from_one(till, convenio, store, centre_public, app):
    till.file()
    close(till, 1, wire.GENESIS)
    assert till.sync().quarantined == ()
    newer = Till(app.test_client(), "C01", centre_public)
    assert newer.pair(new_code(store, "C01", centre_public)).status_code == 201
    newer.file()
    close(newer, 1, wire.GENESIS)
    assert newer.sync().quarantined == ()
