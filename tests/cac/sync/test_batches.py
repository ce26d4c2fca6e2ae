"""Events of a cabin at the centre: each once, whatever the link does to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from cac.access.actions import SYSTEM
from cac.expedientes.models import Expediente
from cac.sync import actions, inbox, queries
from cac.sync.leases import open_centre_epoch
from cac.sync.models import InboxEvent, InboxFork
from core import wire
from core.clock import now_utc


def count(store, table=InboxEvent) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def case(store, number: str) -> Expediente | None:
    with store.read() as session:
        return session.scalar(select(Expediente).where(Expediente.number == number))


def seqs(told) -> list[tuple[int, str]]:
    return [(each.seq, each.code) for each in told]


def test_a_cabins_case_is_at_the_centre_with_its_own_number_and_its_debt(till, store, caller):
    fact = till.file()
    reply = till.sync()
    assert (reply.last_seq, reply.quarantined, reply.frozen) == (1, (), None)
    assert fact.number.split("-")[1] == "C01A"
    filed = case(store, fact.number)
    assert (filed.cabina, filed.channel, filed.total_centimos, filed.due_on) == ("C01", "cabina", 1_500, fact.due_on)
    assert (filed.track_key, filed.receiver_name) == (fact.track_key, "Elva R.")
    treasury = caller("tesoreria").get("/cabinas/C01").json
    assert (treasury["balance_centimos"], treasury["guarantee_centimos"]) == (1_100, 30_000)
    assert treasury["balances"]["cabina.servicio"] == -400
    assert (treasury["pending"], treasury["alarms"]) == (0, [])


def test_c9_a_batch_delivered_twice_gets_the_same_answer_and_changes_nothing(till, store, caller):
    for _ in range(3):
        till.file()
    first, again = till.sync(), till.sync()
    assert (first.last_seq, first.quarantined) == (again.last_seq, again.quarantined) == (3, ())
    assert count(store) == 3
    assert caller("tesoreria").get("/cabinas/C01").json["balance_centimos"] == 3_300


def test_c9_batches_arrive_in_any_order(till, store, caller):
    for _ in range(6):
        till.file()
    assert till.sync(till.events[4:]).last_seq == 0
    assert till.sync(till.events[1:3]).last_seq == 0
    assert till.sync(till.events[:1]).last_seq == 3
    assert till.sync(till.events[2:5]).last_seq == 6
    assert count(store) == 6
    assert caller("tesoreria").get("/cabinas/C01").json["balance_centimos"] == 6_600


def test_events_of_one_batch_in_disorder_are_all_held(till, store):
    for _ in range(4):
        till.file()
    assert till.sync(list(reversed(till.events))).last_seq == 4
    assert count(store) == 4


def test_c8_half_a_batch_changes_nothing_and_the_whole_one_goes_in(till, store):
    till.file()
    body = wire.seal(till.key, wire.Batch(cabina="C01", nonce="x", sent_at=now_utc(), centre_epoch=1, epoch=1))
    half = body.model_dump_json()[:100]
    answer = till.client.post("/api/v1/cabinas/C01/lotes", data=half, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert count(store) == 0
    assert till.sync().last_seq == 1


def test_c10_another_body_in_the_same_place_is_a_fork_and_nothing_is_overwritten(till, store, caller):
    till.file()
    clone = till.clone()
    original = till.remit(100)
    till.sync()
    clone.remit(200)
    clone.file()
    told = clone.sync()
    assert told.frozen is not None and (told.frozen.epoch, told.frozen.seq) == (1, 2)
    till.file()
    both = till.sync()
    assert both.frozen is not None and both.lease is None
    assert count(store, InboxFork) == 2
    assert clone.sync().frozen == told.frozen and count(store, InboxFork) == 2
    seen = caller("tesoreria").get("/cabinas/C01").json
    assert [remesa["id"] for remesa in seen["remesas"]] == [original.id]
    assert "cabina.serie_congelada" in [alarm["code"] for alarm in seen["alarms"]]


def test_a_series_frozen_for_a_fork_goes_on_with_other_letters_once_paired_again(till, store, convenio, centre_public):
    till.file()
    clone = till.clone()
    till.remit(100)
    clone.remit(200)
    till.sync()
    clone.sync()
    renewed = type(till)(till.client, "C01", centre_public)
    code = store.write(actions.give_pairing_code, "C01", centre_key=centre_public, principal=SYSTEM, now=now_utc())
    renewed.pair(code)
    assert (renewed.lease.epoch, renewed.lease.series) == (2, "B")
    renewed.file()
    assert renewed.sync().frozen is None


def test_a_bad_event_is_quarantined_and_does_not_block_later_ones(till, store, caller):
    till.file()
    bad = till.file(tupa_version="2019-inventada")
    till.append(Unbalanced(at=now_utc(), operator="Elva R."))
    last = till.file()
    reply = till.sync()
    assert reply.last_seq == 4
    assert seqs(reply.quarantined) == [(2, "tramite.no_existe"), (3, "sync.no_aplicable")]
    assert case(store, last.number) is not None
    assert seqs(till.sync().quarantined) == seqs(reply.quarantined)
    with store.read() as session:
        assert queries.in_verification(session, bad.number, key=bad.track_key).cabina == "C01"
        assert queries.in_verification(session, bad.number, key="AAAA-AAAA") is None
        assert queries.in_verification(session, last.number) is None
    seen = caller("tesoreria").get("/cabinas/C01").json
    assert seen["balance_centimos"] == 2_200
    assert [held["number"] for held in seen["quarantined"]] == [bad.number, None]


class Unbalanced(wire.Fact):
    """A remittance whose ledger entry has one leg."""

    kind: str = "remesa_declarada"
    id: str = "r"
    centimos: int = 5
    reference: str = ""
    ledger: dict = {
        "kind": "remesa_declarada",
        "subject": "r",
        "postings": [{"account": "caja.efectivo", "centimos": -5}],
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total_centimos": 1}, "sync.contenido_invalido"),
        ({"number": "2026-C02A-000001-8"}, "sync.contenido_invalido"),
        ({"ledger": None}, "sync.asiento_distinto"),
        ({"track_key": "K" * 400}, None),
        ({"track_key": "7KQ4\x00M2XD"}, None),
        ({"subject": "\x00"}, None),
    ],
)
def test_what_does_not_add_up_is_held_and_not_applied(till, store, changes, code):
    till.file(**changes)
    good = till.file()
    reply = till.sync()
    assert reply.last_seq == 2
    if code:
        assert seqs(reply.quarantined) == [(1, code)]
    assert case(store, good.number) is not None


def test_an_event_that_another_key_signed_is_quarantined(till):
    stranger = wire.new_key()
    till.file()
    event = till.events[0]
    forged = event.model_copy(update={"signature": wire.sign(stranger, wire.EventHeader.what, event.header.plain())})
    reply = till.sync([forged])
    assert seqs(reply.quarantined) == [(1, "sync.firma_invalida")]


def test_a_batch_of_an_unknown_key_holds_nothing(till, store):
    till.file()
    till.key = wire.new_key()
    answer = till.post()
    assert (answer.status_code, answer.json["code"]) == (401, "sync.firma_invalida")
    assert count(store) == 0


def test_a_batch_for_another_cabin_is_422(till, convenio):
    convenio("C02")
    batch = wire.Batch(cabina="C02", nonce="x", sent_at=now_utc(), centre_epoch=1, epoch=1)
    sealed = wire.seal(till.key, batch).plain()
    assert till.client.post("/api/v1/cabinas/C01/lotes", json=sealed).status_code == 422
    assert till.client.post("/api/v1/cabinas/C02/lotes", json=sealed).status_code == 401
    assert till.client.post("/api/v1/cabinas/C77/lotes", json=sealed).status_code == 404


def test_a_batch_too_large_is_413(till):
    answer = till.client.post(
        "/api/v1/cabinas/C01/lotes", data=b"x" * (wire.MAX_BATCH_BYTES + 20_000), content_type="application/json"
    )
    assert (answer.status_code, answer.json["code"]) == (413, "sync.lote_excedido")


def test_c18_a_suspended_cabins_cases_are_received_flagged_and_stand(till, store, caller):
    treasury = caller("tesoreria")
    assert treasury.post("/cabinas/C01/suspensiones", {"motivo": "no remite"}).status_code == 201
    facts = [till.file() for _ in range(12)]
    reply = till.sync(need="renovar")
    word = wire.open_sealed(till.centre, reply.suspension, wire.Suspension)
    assert (word.suspended, word.reason) == (True, "no remite")
    assert (reply.last_seq, reply.lease, reply.quarantined) == (12, None, ())
    assert all(case(store, fact.number) for fact in facts)
    with store.read() as session:
        assert set(session.scalars(select(InboxEvent.flag))) == {"suspendida"}
    treasury.post("/cabinas/C01/suspensiones", {"suspended": False})
    again = till.sync(need="renovar")
    assert again.lease is not None
    assert not wire.open_sealed(till.centre, again.suspension, wire.Suspension).suspended


def test_a_revoked_pc_is_still_heard_and_gets_nothing(till, store):
    store.write(actions.revoke, "C01", reason="robada", principal=SYSTEM, now=now_utc())
    till.file()
    reply = till.sync(need="renovar")
    assert (reply.last_seq, reply.lease) == (1, None)
    with store.read() as session:
        assert session.scalars(select(InboxEvent.flag)).all() == ["revocada"]


def test_c12_after_a_restore_the_cabin_is_told_and_numbers_in_new_letters(till, store):
    till.file()
    till.sync()
    epoch = store.write(open_centre_epoch, reason="copia de anoche", now=now_utc())
    reply = till.sync([])
    assert reply.centre_epoch == epoch
    lease = wire.open_sealed(till.centre, reply.lease, wire.Lease)
    assert lease.epoch > 1 and lease.series not in ("A", "B")
    again = till.sync([])
    assert wire.open_sealed(till.centre, again.lease, wire.Lease) == lease


def test_a_series_that_a_restore_forgot_is_taken_back_by_its_own_letters(till, store):
    till.lease = till.lease.model_copy(update={"epoch": 3, "series": "C"})
    fact = till.file()
    reply = till.sync()
    assert (reply.last_seq, reply.quarantined) == (1, ())
    assert fact.number.split("-")[1] == "C01C"


def test_a_lease_is_renewed_when_half_spent_and_only_grows(till):
    assert till.sync([]).lease is None
    reply = till.sync([], high_sequence=300)
    lease = wire.open_sealed(till.centre, reply.lease, wire.Lease)
    assert (lease.epoch, lease.series, lease.last) == (1, "A", 800)
    lost = till.sync([], high_sequence=300)
    assert wire.open_sealed(till.centre, lost.lease, wire.Lease).last == 800


def test_a_renewed_lease_shows_an_old_database_what_it_forgot(till):
    for _ in range(3):
        till.file()
    till.sync()
    reply = till.sync([], need="renovar", high_sequence=1)
    assert wire.open_sealed(till.centre, reply.lease, wire.Lease).first == 4


def test_a_till_that_asks_for_a_new_series_gets_letters_never_used(till):
    letters = [till.lease.series]
    for _ in range(3):
        reply = till.sync([], need="nueva_serie", need_reason="base restaurada")
        letters.append(wire.open_sealed(till.centre, reply.lease, wire.Lease).series)
    assert letters == ["A", "B", "C", "D"]


def test_the_catalogue_travels_only_when_it_is_another(till):
    assert till.sync([]).catalogue is None
    reply = till.sync([], catalogue_version="viejo")
    catalogue = wire.open_sealed(till.centre, reply.catalogue, wire.Catalogue)
    assert catalogue.version == till.catalogue.version
    assert len(catalogue.tupa[0].tramites) == 73 and catalogue.public_url == "http://cac.example"
    assert catalogue.convenio.service_centimos == 400


def test_a_doubtful_clock_lets_the_centre_decide_the_day(till, store):
    at = now_utc() - timedelta(days=400)
    fact = till.file(at=now_utc(), clock_doubtful=True)
    till.events.clear()
    till.append(fact.model_copy(update={"at": at, "received_on": at.date()}))
    till.sync(sent_at=at + timedelta(minutes=1))
    assert case(store, fact.number).received_on == fact.received_on


def test_slices_let_others_write_in_between(till, store, monkeypatch):
    monkeypatch.setattr(inbox, "SLICE_S", 0.0)
    for _ in range(5):
        till.file()
    assert till.sync().last_seq == 5
    assert count(store) == 5


def test_what_was_received_can_be_neither_changed_nor_deleted(till, store):
    till.file()
    till.sync()
    for statement in ("DELETE FROM inbox_event", "UPDATE inbox_event SET seq = 9", "DELETE FROM cabin_posting"):
        with pytest.raises(DBAPIError):
            store.write(lambda session, sql=statement: session.execute(text(sql)) and None)


def test_a_bug_in_one_event_stops_neither_the_batch_nor_the_next(till, store, monkeypatch):
    def broken(*_args, **_kw):
        raise RuntimeError("bug")

    till.file()
    till.remit(100)
    till.file()
    monkeypatch.setattr(inbox.treasury, "hear_remittance", broken)
    reply = till.sync()
    assert (reply.last_seq, seqs(reply.quarantined)) == (3, [(2, "sync.no_aplicable")])
    assert count(store) == 3
