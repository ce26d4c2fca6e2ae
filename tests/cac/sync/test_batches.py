"""Events of a cabin at the centre: each once, whatever the link does to them."""

from __future__ import annotations

import gzip
from datetime import datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from cac.access.actions import SYSTEM
from cac.expedientes.actions import lapse_observed
from cac.expedientes.models import Expediente
from cac.sync import actions, applying, inbox, queries, replies
from cac.sync.leases import open_centre_epoch
from cac.sync.models import InboxEvent, InboxFork
from core import ledger, wire
from core.clock import LIMA, lima_day, now_utc
from storage import Store


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


@pytest.fixture
def writes(store, monkeypatch) -> list[str]:
    """Names of the verbs that the writer ran; a cabin is noted as alive no oftener than each hour."""
    ran: list[str] = []
    write = store.write
    monkeypatch.setattr(store, "write", lambda verb, *args, **kw: ran.append(verb.__name__) or write(verb, *args, **kw))
    monkeypatch.setattr(replies, "SEEN_EVERY", timedelta(hours=1))
    return ran


def test_c9_what_is_held_already_waits_for_no_writer(till, writes):
    """Sent again whole, and asked for by its last event's hash."""
    for _ in range(3):
        till.file()
    first = till.sync()
    assert writes[-1] == "reply"
    writes.clear()
    again = till.sync()
    asked = till.sync([], asked_seq=3, asked_hash=till.events[-1].hash, pending=3)
    assert (first.last_seq, again.last_seq, asked.last_seq, asked.asked_held) == (3, 3, 3, True)
    assert writes == []


def test_c9_what_a_cabin_says_that_is_new_is_written_though_its_events_are_held(till, store, writes, caller):
    till.file()
    till.sync()
    for said in (
        {"alarms": ("copias: falló",)},
        {"municipal_held_centimos": 5},
        {"version": "9.9"},
        {"machine": "m" * 64},
    ):
        writes.clear()
        till.sync(**said)
        assert writes == ["reply"], said
        till.sync(**said)
        assert writes == ["reply"], said
    writes.clear()
    assert till.sync(need="renovar", machine="m" * 64, version="9.9").lease is not None
    assert writes[-1:] == ["reply"]
    store.write(open_centre_epoch, now=now_utc())
    assert till.sync(machine="m" * 64).lease is not None, "a restored centre opens a new series at the next word"


def test_c9_a_cabin_that_only_asks_is_noted_as_alive_now_and_then(till, store, writes, monkeypatch):
    till.file()
    till.sync()
    monkeypatch.setattr(replies, "SEEN_EVERY", timedelta())
    writes.clear()
    till.sync()
    assert writes == ["reply"]


def test_c9_what_is_asked_again_is_not_counted_as_lacking(till, store, caller):
    for _ in range(3):
        till.file()
    till.sync()
    till.sync([], asked_seq=3, asked_hash=till.events[-1].hash, pending=3)
    assert caller("tesoreria").get("/cabinas/C01").json["pending"] == 0
    till.file()
    till.sync([], asked_seq=4, asked_hash=till.events[-1].hash, pending=1)
    assert caller("tesoreria").get("/cabinas/C01").json["pending"] == 1, "that one never arrived"


def test_c9_batches_arrive_in_any_order(till, store, caller):
    for _ in range(6):
        till.file()
    assert till.sync(till.events[4:]).last_seq == 0
    assert till.sync(till.events[1:3]).last_seq == 0
    assert till.sync(till.events[:1]).last_seq == 3
    assert till.sync(till.events[2:5]).last_seq == 6
    assert count(store) == 6
    assert caller("tesoreria").get("/cabinas/C01").json["balance_centimos"] == 6_600


def test_what_came_before_what_it_needs_waits_for_it(till, caller):
    fact = till.file()
    undone = ledger.declare_extorno("x1", fact.ledger.entry())
    till.append(
        wire.ExtornoDeclared(
            at=now_utc(),
            operator="Elva R.",
            id="x1",
            number=fact.number,
            centimos=1_500,
            motivo="error",
            ledger=wire.LedgerEntry.of(undone),
        )
    )
    late = till.sync(till.events[1:])
    assert (late.last_seq, late.quarantined) == (0, ())
    whole = till.sync(till.events[:1])
    assert (whole.last_seq, whole.quarantined) == (2, ())
    assert caller("tesoreria").get("/cabinas/C01").json["extornos"][0]["id"] == "x1"


def test_a_filled_gap_that_a_power_cut_left_unapplied_is_applied_at_the_next_word(till, store, monkeypatch):
    for _ in range(3):
        till.file()
    till.sync(till.events[1:])
    real = Store.write

    def cut(self, verb, *args, **kw):
        answer = real(self, verb, *args, **kw)
        if verb is inbox.take_slice:
            raise RuntimeError("power cut")
        return answer

    with monkeypatch.context() as power:
        power.setattr(Store, "write", cut)
        power.setattr(inbox, "SLICE_S", -1.0)
        assert till.post(till.events[:1]).status_code == 500
    assert till.sync([]).last_seq == 3
    assert all(case(store, event.payload["number"]) for event in till.events)


@pytest.mark.parametrize("seed", range(4))
def test_any_order_any_repetition_ends_in_the_same_account(till, store, caller, seed):
    chance = Random(seed)
    for n in range(10):
        till.remit(100) if n % 4 == 3 else till.file()
    for _ in range(12):
        some = chance.choices(till.events, k=chance.randint(1, 6))
        till.sync(list({event.header.seq: event for event in some}.values()))
    reply = till.sync()
    assert (reply.last_seq, reply.quarantined, reply.frozen) == (10, (), None)
    assert count(store) == 10
    seen = caller("tesoreria").get("/cabinas/C01").json
    assert (seen["balance_centimos"], seen["in_transit_centimos"]) == (8 * 1_100, 200)


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


def test_c20_a_quarantined_papers_citizen_is_told_that_it_was_received(till, caller):
    bad = till.file(total_centimos=1)
    till.sync()
    public = caller("kiosko")
    tracked = public.get(f"/seguimiento/{bad.number}?key={bad.track_key}")
    assert tracked.status_code == 200
    assert tracked.json["state_name"] == "Recibido en la cabina, en verificación"
    assert tracked.json["area"] == "Cabina C01"
    assert "10117410" not in tracked.text and "Chuquimango" not in tracked.text
    assert public.get(f"/seguimiento/{bad.number}?key=AAAA-AAAA").status_code == 404


def later_lapse(session, now: datetime) -> list[str]:
    """As the loop runs it."""
    return lapse_observed(session, now=now, synced_until=queries.synced_until(session))


def test_c19_a_cabins_observed_case_lapses_only_once_the_cabin_has_told_everything(till, store, caller):
    due = till.file(request={"missing": ["1"]}).observed.due_on
    till.sync(pending=5)
    later = datetime.combine(due, time(12), LIMA) + timedelta(days=2)
    assert store.write(later_lapse, later) == []
    with store.read() as session:
        assert queries.synced_until(session) == {}
    till.sync([])
    with store.read() as session:
        assert queries.synced_until(session) == {"C01": lima_day(now_utc())}
    assert store.write(later_lapse, later) == [], "it told everything before the due day, not after it"


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


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not packed at all", 422, "sync.mensaje_invalido"),
        (gzip.compress(b'{"body": {"cabina": "C01"}}')[:-15], 422, "sync.mensaje_invalido"),
        (gzip.compress(b"neither is this JSON"), 422, "sync.mensaje_invalido"),
        (gzip.compress(b"[" * 100_000), 422, "sync.mensaje_invalido"),
        (gzip.compress(b" " * (wire.MAX_BATCH_BYTES + 100_000)), 413, "sync.lote_excedido"),
        (b"", 422, "sync.mensaje_invalido"),
    ],
    ids=["garbage", "cut", "no_json", "deep", "a_bomb", "nothing"],
)
def test_a_packed_body_that_is_broken_is_refused_in_words(till, body, status, code):
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = till.client.post("/api/v1/cabinas/C01/lotes", data=body, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (status, code) and answer.json["detail"].endswith(".")


def test_a_packed_batch_is_taken_as_a_plain_one(till, store):
    till.file()
    sealed = wire.canonical(wire.seal(till.key, till.batch()).plain())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = till.client.post("/api/v1/cabinas/C01/lotes", data=gzip.compress(sealed), headers=headers)
    assert answer.status_code == 200 and count(store, InboxEvent) == 1


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


def test_a_slice_whose_transaction_has_cost_enough_takes_one_event(till, store, writes, monkeypatch):
    """Slices of nine cabins may be committed together: the tickets behind them wait for one slice, not for nine."""
    monkeypatch.setattr(inbox, "spent_s", lambda _session: inbox.SLICE_S)
    for _ in range(4):
        till.file()
    assert till.sync().last_seq == 4
    assert writes.count("take_slice") == 4


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
    monkeypatch.setattr(applying.treasury, "hear_remittance", broken)
    reply = till.sync()
    assert (reply.last_seq, seqs(reply.quarantined)) == (3, [(2, "sync.no_aplicable")])
    assert count(store) == 3
