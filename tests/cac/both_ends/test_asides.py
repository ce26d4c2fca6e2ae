"""What two people at the centre set aside is undone in the till's own books: both ends agree again, whatever the link and the power do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cabinas.money import queries as till_money
from cabinas.money import settlements
from cabinas.money.models import Apartado, LedgerEntry
from cabinas.operators.actions import add_operator
from cabinas.paper.models import PrintJob
from cabinas.sync.client import LinkDown
from cac.sync import applying, aside, undoing
from cac.sync.actions import find
from cac.sync.keys import centre_key
from cac.sync.leases import open_centre_epoch
from cac.sync.models import QuarantinedEvent
from cac.treasury import actions as treasury_actions
from cac.treasury import check, closing, ledger
from cac.treasury.views import one_cabina
from core import ledger as ledger_core
from core.clock import lima_day, now_utc
from core.ledger import Account, EntryKind
from core.settlement import settle
from core.wire import BadPayload
from printing.decoder import decode
from tests.both_ends import Town, every
from tests.cabinas.conftest import PIN_HASH, Cabin, later, signed_in
from tests.cac.both_ends.test_history import copy_of, put_back, told
from tests.cac.both_ends.test_money_kept import EVER, treasury
from tests.cac.both_ends.test_rebuilt import copied, copy_database, qr_of
from tests.demo import eventually

REASON = "papel repetido"


@contextmanager
def refusing(monkeypatch: pytest.MonkeyPatch, module: Any, verb: str) -> Iterator[None]:
    """The centre cannot apply what `verb` would: it goes into quarantine."""

    def refuse(*_: Any, **__: Any) -> None:
        raise BadPayload("no concuerda")

    with monkeypatch.context() as patched:
        patched.setattr(module, verb, refuse)
        yield


def set_aside(town: Town, *, event_id: int | None = None) -> None:
    """Two people set aside what waits, the oldest first."""
    with town.store.read() as session:
        waiting = select(QuarantinedEvent.event_id).where(QuarantinedEvent.settled_at.is_(None))
        ids = [event_id] if event_id else list(session.scalars(waiting.order_by(QuarantinedEvent.event_id)))
    for one in ids:
        given = {"principal": treasury(1), "now": now_utc()}
        order = town.store.write(aside.ask, "C01", "hechos", one, motivo=REASON, **given)
        key = centre_key(town.settings.keys_dir)
        given = {"key": key, "principal": treasury(2), "now": now_utc()}
        town.store.write(aside.decide, "C01", order["order"], approved=True, **given)


def held_filing(town: Town, cabin: Cabin, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A charged trámite that waits in quarantine, after one that was applied."""
    cabin.file()
    cabin.talk()
    filed = cabin.file().json
    with refusing(monkeypatch, applying, "register_filing"):
        cabin.talk()
    assert cabin.get("/sync").json["quarantined"] == 1
    return filed


def does_not_agree(town: Town) -> bool:
    """The mark on treasury's page."""
    with town.store.read() as session:
        return "cabina.no_cuadra" in {
            alarm.code for alarm in one_cabina(session, "C01", now=now_utc(), unpaid_late={}).alarms
        }


def figures(town: Town, cabin: Cabin) -> tuple[str, str]:
    """The check code of the same period at both ends."""
    since, until = lima_day(now_utc()), lima_day(now_utc())
    with cabin.store.read() as here, town.store.read() as there:
        own, held = till_money.ledger_lines(here, *EVER), ledger.lines(there, find(there, "C01").id, *EVER)
        before, opening = till_money.ledger_before(here, since), ledger.before(there, find(there, "C01").id, since)
    codes = [
        settle("C01", balances, [line for line in lines if line.on >= since], from_on=since, to_on=until).check_code
        for balances, lines in ((before, own), (opening, held))
    ]
    return codes[0], codes[1]


def undone(cabin: Cabin) -> list[tuple[str | None, Any]]:
    with cabin.store.read() as session:
        rows = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.SET_ASIDE))
        assert till_money.balances(session) == till_money.summed_balances(session)
        return [(row.undoes, row.on) for row in rows]


def test_the_till_turns_back_the_charge_and_the_mark_goes(town: Town, monkeypatch, person):
    cabin = town.pair("C01")
    filed = held_filing(town, cabin, monkeypatch)
    set_aside(town)
    assert (cabin.held, town.owed("C01")) == (2_200, 1_100)
    page = person("tesoreria").get("/tesoreria/cabinas/C01").text
    assert "Aún no lo sabe" in page and f"Trámite RC-01 {filed['number']}" in page
    cabin.talk()
    assert (cabin.held, town.owed("C01")) == (1_100, 1_100) and not does_not_agree(town)
    assert undone(cabin) == [(f"cobro:{filed['number']}", lima_day(now_utc()))]
    assert len(set(figures(town, cabin))) == 1
    assert "Ya lo sabe" in person("tesoreria").get("/tesoreria/cabinas/C01").text
    with town.store.read() as session:
        assert not any(one.difference_centimos for one in check.compare(session))
    refused = cabin.post("/extornos", {"number": filed["number"], "motivo": "lo pide"})
    assert refused.json["code"] == "extorno.sin_cobro", "nothing is left to give back"


def test_it_is_shown_in_words_on_the_till_the_next_z_and_the_settlement(town: Town, monkeypatch, person):
    cabin = town.pair("C01")
    cabin.store.write(add_operator, login="cabina1", name="Elva Rojas", pin_hash=PIN_HASH, now=now_utc())
    filed = held_filing(town, cabin, monkeypatch)
    set_aside(town)
    cabin.talk()
    till = signed_in(cabin)
    drawer = till.get("/caja").text
    assert "Apartado por el CAC" in drawer and f"Trámite RC-01 {filed['number']}" in drawer and REASON in drawer
    assert "No vale como expediente" in till.get(f"/registrado/{filed['number']}").text
    assert "Apartado por el CAC" in till.get("/expedientes").text
    assert f"deshace cobro {filed['number']}" in till.get("/liquidacion").text
    closed = cabin.post("/cierres", {"counts": {"1000": 1, "500": 1}}).json
    assert (closed["expected_centimos"], closed["difference_centimos"]) == (1_500, 0)
    assert f"Apartado por el CAC: Trámite RC-01 {filed['number']}" in till.get("/cierres/1").text
    with cabin.store.read() as session:
        paper = decode(session.scalars(select(PrintJob.data).where(PrintJob.subject == "Z1")).one()).text
    assert "Apartado: Trámite RC-01" in paper and "-15.00" in paper
    day = lima_day(now_utc())
    later(days=1)
    cabin.talk()
    with town.store.read() as session:
        next_one = closing.next_settlement(session, find(session, "C01"), day)
    given = {"today": lima_day(now_utc()), "even_so": False, "principal": treasury(1), "now": now_utc()}
    key = centre_key(town.settings.keys_dir)
    town.store.write(closing.close_settlement, "C01", next_one, key=key, **given)
    cabin.talk()
    with cabin.store.read() as session:
        assert not settlements.differing(session)
        [liquidation] = settlements.closed(session)
    assert [part.about for part in liquidation.asides] == [f"Trámite RC-01 {filed['number']}"]
    assert liquidation.settlement().filings == 1 and liquidation.figures["fees_centimos"] == 1_100


@pytest.mark.parametrize("fault", ["lost_reply", "twice", "half", "late"])
def test_a_bad_link_turns_it_back_once(town: Town, monkeypatch, fault):
    cabin = town.pair("C01")
    held_filing(town, cabin, monkeypatch)
    set_aside(town)
    for _ in range(3):
        town.link(cabin).fault = every(fault)
        with suppress(LinkDown):
            cabin.sync.exchange()
    town.link(cabin).fault = lambda: ""
    cabin.talk()
    town.link(cabin).deliver_late()
    cabin.talk()
    assert len(undone(cabin)) == 1 and cabin.held == town.owed("C01") == 1_100
    assert not does_not_agree(town)


def test_a_copy_put_back_turns_it_back_again_once_and_on_the_same_day(town: Town, monkeypatch, tmp_path: Path):
    cabin = town.pair("C01")
    held_filing(town, cabin, monkeypatch)
    copy = copy_of(cabin, tmp_path / "copia.db")
    day = lima_day(now_utc())
    later(days=1)
    set_aside(town)
    cabin.talk()
    before = undone(cabin)
    eventually(lambda: told(cabin) >= 3)
    cabin = put_back(town, cabin, copy, with_mark=True)
    cabin.talk()
    assert undone(cabin) == before and before[0][1] == day, "dated as what it turns back"
    assert cabin.held == town.owed("C01") == 1_100
    with cabin.store.read() as session:
        assert len(session.scalars(select(Apartado)).all()) == 1


def test_a_copy_put_back_before_the_word_was_told_hears_it_on_its_new_series(town: Town, monkeypatch, tmp_path: Path):
    cabin = town.pair("C01")
    copy = copy_of(cabin, tmp_path / "copia.db")
    held_filing(town, cabin, monkeypatch)
    eventually(lambda: told(cabin) >= 2)
    set_aside(town)
    cabin = put_back(town, cabin, copy, with_mark=True)
    cabin.talk()
    assert len(undone(cabin)) == 1 and cabin.held == town.owed("C01") == 1_100 and not does_not_agree(town)


@pytest.mark.parametrize("applied_now", [False, True])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_centre_restored_from_before_hears_it_from_the_cabin(town: Town, monkeypatch, tmp_path: Path, applied_now):
    """What waits there again is set aside again; what it could apply this time is turned back there too."""
    cabin = town.pair("C01")
    cabin.file()
    cabin.talk()
    path, before = town.store._write_engine.url.database, tmp_path / "antes.db"
    copy_database(path, before)
    cabin.file()
    with refusing(monkeypatch, applying, "register_filing"):
        cabin.talk()
    set_aside(town)
    cabin.talk()
    copy_database(before, path)
    town.store.write(open_centre_epoch, now=now_utc())
    if applied_now:
        cabin.talk()
    else:
        with refusing(monkeypatch, applying, "register_filing"):
            cabin.talk()
    assert cabin.held == town.owed("C01") == 1_100 and not does_not_agree(town)
    assert cabin.get("/sync").json["quarantined"] == 0 and len(undone(cabin)) == 1
    assert len(set(figures(town, cabin))) == 1
    with town.store.read() as session:
        assert not any(one.difference_centimos for one in check.compare(session))


def test_a_remittance_set_aside_is_in_the_drawer_again_and_no_code_confirms_it(town: Town, monkeypatch):
    cabin = town.pair("C01")
    cabin.file()
    cabin.talk()
    sent = cabin.post("/remesas", {"centimos": 700, "reference": "BN 7"}).json["id"]
    with refusing(monkeypatch, treasury_actions, "hear_remittance"):
        cabin.talk()
    set_aside(town)
    cabin.talk()
    assert [row["state"] for row in cabin.get("/remesas").json] == ["apartada"]
    with cabin.store.read() as session:
        balances = till_money.balances(session)
    assert (balances[Account.CASH], balances[Account.REMITTANCE_IN_TRANSIT]) == (1_500, 0)
    assert cabin.post(f"/remesas/{sent}/codigos", {"code": "2222-2222"}).json["code"] == "remesa.ya_resuelta"
    assert cabin.held == town.owed("C01") == 1_100 and len(set(figures(town, cabin))) == 1


def test_an_extorno_set_aside_may_be_declared_again(town: Town, monkeypatch):
    cabin = town.pair("C01")
    filed = cabin.file().json
    cabin.talk()
    cabin.post("/extornos", {"number": filed["number"], "motivo": "se equivocó"})
    with refusing(monkeypatch, treasury_actions, "hear_extorno"):
        cabin.talk()
    set_aside(town)
    cabin.talk()
    again = cabin.post("/extornos", {"number": filed["number"], "motivo": "ahora sí"})
    assert again.status_code == 201
    cabin.talk()
    key = centre_key(town.settings.keys_dir)
    said = {"confirmed": True, "key": key, "principal": treasury(1), "now": now_utc()}
    town.store.write(treasury_actions.settle_extorno, "C01", again.json["id"], **said)
    cabin.talk()
    assert cabin.held == town.owed("C01") == 0 and len(set(figures(town, cabin))) == 1


def test_what_was_set_aside_and_is_shown_on_paper_afterwards_counts_again_at_both_ends(
    town: Town, monkeypatch, person, tmp_path: Path
):
    cabin = town.pair("C01")
    filed = held_filing(town, cabin, monkeypatch)
    copy = copy_of(cabin, tmp_path / "copia.db")
    set_aside(town)
    cabin.talk()
    person("ventanilla").post("/reconstrucciones", copied(qr_of(cabin, filed), filed))
    cabin.talk()
    assert cabin.held == town.owed("C01") == 2_200 and len(set(figures(town, cabin))) == 1
    eventually(lambda: told(cabin) >= 4)
    cabin = put_back(town, cabin, copy, with_mark=True)
    cabin.talk()
    assert cabin.held == town.owed("C01") == 2_200 and len(set(figures(town, cabin))) == 1
    extorno = cabin.post("/extornos", {"number": filed["number"], "motivo": "se equivocó"}).json["id"]
    cabin.talk()
    key = centre_key(town.settings.keys_dir)
    said = {"confirmed": True, "key": key, "principal": treasury(1), "now": now_utc()}
    town.store.write(treasury_actions.settle_extorno, "C01", extorno, **said)
    cabin.talk()
    assert cabin.held == town.owed("C01") == 1_100 and cabin.get("/sync").json["quarantined"] == 0


def test_the_till_refuses_lines_that_are_not_those_of_its_event(town: Town, monkeypatch):
    cabin = town.pair("C01")
    held_filing(town, cabin, monkeypatch)
    other = ledger_core.charge("otro", fee_centimos=2_200, service_centimos=400)
    monkeypatch.setattr(undoing, "set_aside", lambda place, _: ledger_core.set_aside(place, other))
    set_aside(town)
    cabin.talk()
    assert not undone(cabin) and cabin.held == 2_200
