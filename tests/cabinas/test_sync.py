from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select, text

from cabinas.device import KeyLost, key_to_pair, load_key
from cabinas.enrolment.actions import OtherCabina, enrol
from cabinas.paper.models import PrintJob
from cabinas.sync.actions import check_mark
from cabinas.sync.client import LinkDown, PairingRefused, PlainHttp, Talk, check_centre_url, pair
from cabinas.sync.loop import SyncLoop, backoff_s
from cabinas.sync.models import Quarantine
from cabinas.sync.queries import outgoing
from core import clock, wire
from core.ids import ExpedienteNumber
from intake.cargo import check_code
from printing.papers import CargoPaper, load
from tests.cabinas.conftest import Cabin, later
from tests.cabinas.stand_in import StandIn, make_catalogue, make_lease


def eventually(true: Callable[[], bool], within_s: float = 30) -> None:
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


# --- pairing


def test_a_cabin_pairs_only_with_the_centre_of_the_code(centre: StandIn):
    impostor = wire.pairing_code("K7Q4M2XD", wire.public_text(wire.new_key()))
    with pytest.raises(PairingRefused):
        pair(centre.url, impostor, key=wire.new_key(), machine="", version="", verify=True)


def test_plain_http_is_only_for_a_centre_on_this_pc():
    assert check_centre_url("http://127.0.0.1:8000/") == "http://127.0.0.1:8000"
    assert check_centre_url("https://cac.muni.gob.pe") == "https://cac.muni.gob.pe"
    for url in ("http://10.0.0.5:8000", "http://cac.muni.gob.pe", "cac.muni.gob.pe", "ftp://x"):
        with pytest.raises(PlainHttp):
            check_centre_url(url)


def test_a_key_is_kept_private_and_asked_again_until_a_pairing_used_it(tmp_path):
    first = key_to_pair(tmp_path / "keys", ())
    assert wire.public_text(key_to_pair(tmp_path / "keys", ())) == wire.public_text(first)
    second = key_to_pair(tmp_path / "keys", {wire.public_text(first)})
    assert wire.public_text(second) != wire.public_text(first)
    for key in (first, second):
        assert wire.public_text(load_key(tmp_path / "keys", wire.public_text(key))) == wire.public_text(key)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    with pytest.raises(KeyLost):
        load_key(tmp_path / "keys", wire.public_text(wire.new_key()))


def test_a_folder_is_of_one_cabin_for_ever(cabin: Cabin, centre: StandIn):
    answer = pair(centre.url, centre.code, key=cabin.device.key, machine="", version="", verify=True)
    other = answer.model_copy(update={"cabina": "C02"})
    with pytest.raises(OtherCabina):
        cabin.store.write(
            enrol, centre_url=centre.url, answer=other, device_key=cabin.device.public_key, now=clock.now_utc()
        )


# --- exactly once


def test_what_was_filed_without_link_arrives_whole_and_in_order(cabin: Cabin, centre: StandIn):
    centre.stop()
    numbers = [cabin.file().json["number"] for _ in range(3)]
    with pytest.raises(LinkDown):
        cabin.sync.exchange()
    assert cabin.get("/caja").json["pending_sync"] == 3
    centre.start()
    cabin.talk()
    assert [payload["number"] for payload in centre.held("expediente")] == numbers
    assert cabin.get("/sync").json["pending"] == 0 and cabin.get("/sync").json["last_seq"] == 3
    previous = wire.GENESIS
    for _, event in sorted(centre.events.items()):
        wire.check_event(event, device_key=cabin.device.public_key)
        wire.check_follows(event, previous)
        previous = event.hash


def test_a_batch_goes_packed_and_a_question_as_it_is(cabin: Cabin, centre: StandIn):
    cabin.talk()
    for _ in range(5):
        cabin.file()
    centre.encodings.clear()
    cabin.talk()
    (packed, encoding), *_ = centre.encodings
    plain = len(wire.canonical(centre.batches[-1].plain()))
    assert encoding == "gzip" and packed < plain / 2 and len(centre.held("expediente")) == 5
    asked = wire.PullRequest(cabina="C01", nonce="n", epoch=1, after_seq=0)
    cabin.sync._talk.pull(asked, centre_url=centre.url, centre_key=wire.public_text(centre.key))
    assert centre.encodings[-1][1] == "", "too small to be worth it"


def test_after_a_lost_reply_the_centre_is_asked_what_it_holds_and_nothing_goes_twice(cabin: Cabin, centre: StandIn):
    cabin.talk()
    cabin.file()
    centre.lose_replies = 2
    for _ in range(2):
        with pytest.raises(LinkDown):
            cabin.sync.exchange()
    cabin.talk()
    assert len(centre.held("expediente")) == 1 and not centre.forks and cabin.get("/sync").json["pending"] == 0
    assert len([batch for batch in centre.batches if batch.events]) == 1


def test_a_batch_that_never_arrived_goes_again_once_the_centre_said_so(cabin: Cabin, centre: StandIn):
    cabin.talk()
    cabin.file()
    centre.answering = False
    for _ in range(2):
        with pytest.raises(LinkDown):
            cabin.sync.exchange()
    centre.answering = True
    assert cabin.sync.exchange() is True and not centre.held("expediente")
    cabin.talk()
    assert len(centre.held("expediente")) == 1 and cabin.get("/sync").json["pending"] == 0


def test_a_batch_delivered_again_and_late_changes_nothing(cabin: Cabin, centre: StandIn):
    cabin.talk()
    cabin.file()
    with cabin.store.read() as session:
        old = outgoing(session, now=clock.now_utc())
    cabin.file()
    cabin.talk()
    other_line = Talk(cabin.device.key)
    replies = [other_line.send(old.batch, centre_url=old.centre_url, centre_key=old.centre_key) for _ in range(2)]
    assert {reply.last_seq for reply in replies} == {2} and not centre.forks
    assert cabin.file().status_code == 201
    cabin.talk()
    assert centre.last_seq() == 3


def test_the_same_event_with_another_body_is_a_fork_and_the_series_freezes(cabin: Cabin, centre: StandIn):
    cabin.talk()
    cabin.file()
    with cabin.store.read() as session:
        (event,) = outgoing(session, now=clock.now_utc()).batch.events
    other = wire.make_event(
        cabin.device.key,
        make_lease(cabin.device.public_key, now=clock.now_utc()),
        seq=1,
        prev_hash=wire.GENESIS,
        payload=wire.parse_payload(event.payload | {"subject": "otra cosa"}),
    )
    centre.events[(1, 1)] = other
    cabin.sync.exchange()
    assert centre.events[(1, 1)] is other and len(centre.forks) == 1
    assert cabin.file().json["code"] == "cabina.serie_congelada"
    assert cabin.post("/remesas", {"centimos": 100, "reference": "x"}).json["code"] == "cabina.serie_congelada"
    assert cabin.get("/sync").json["state"] == "congelada"


def test_a_restored_centre_is_offered_everything_again(cabin: Cabin, centre: StandIn):
    for _ in range(3):
        cabin.file()
    cabin.talk()
    for place in [(1, 2), (1, 3)]:
        del centre.events[place]
    centre.epoch = 2
    cabin.talk()
    assert centre.last_seq() == 3 and not centre.forks


def test_more_than_one_batch_drains_whole(cabin: Cabin, centre: StandIn, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.wire.exchange.MAX_BATCH_EVENTS", 4)
    monkeypatch.setattr("cabinas.outbox.queries.MAX_BATCH_EVENTS", 4)
    for _ in range(10):
        cabin.file("SG-08", payment=None)
    cabin.talk()
    assert centre.last_seq() == 10
    assert max(len(batch.events) for batch in centre.batches) == 4


# --- what the centre grants


def test_a_confirmation_is_taken_once_and_its_acceptance_carries_the_signed_word(cabin: Cabin, centre: StandIn):
    cabin.file()
    remittance = cabin.post("/remesas", {"centimos": 1_100, "reference": "BN 1"}).json["id"]
    cabin.talk()
    word = centre.confirm("remesa_confirmada", remittance, 1_100)
    cabin.talk()
    cabin.talk()
    assert cabin.held == 0
    (accepted,) = centre.held("confirmacion_aceptada")
    sealed = wire.Sealed.model_validate(accepted["confirmation"])
    assert wire.open_sealed(wire.public_text(centre.key), sealed, wire.Confirmation) == word


def test_what_the_centre_settled_leaves_the_quarantine(cabin: Cabin, centre: StandIn):
    first, second = (wire.Quarantined(epoch=1, seq=seq, code="tramite.no_existe") for seq in (1, 2))
    for told in ((first, second), (second,), ()):
        centre.quarantined = told
        cabin.talk()
        with cabin.store.read() as session:
            assert session.scalars(select(Quarantine.seq)).all() == [each.seq for each in told]


def test_a_new_catalogue_is_pulled_and_used(cabin: Cabin, centre: StandIn):
    centre.catalogue = make_catalogue("2", service_centimos=500)
    cabin.talk()
    charges = {line["concept"]: line["centimos"] for line in cabin.file().json["charges"]}
    assert charges["servicio_cabina"] == 500
    assert centre.held("expediente") == []
    cabin.talk()
    assert centre.batches[-1].catalogue_version == "2"


def test_a_grant_signed_by_somebody_else_is_not_believed(cabin: Cabin, centre: StandIn):
    centre.key = wire.new_key()
    with pytest.raises(LinkDown):
        cabin.sync.exchange()


def test_a_lease_half_spent_or_a_day_old_is_asked_to_be_renewed(cabin: Cabin, centre: StandIn):
    cabin.talk()
    assert centre.batches[-1].need == ""
    later(days=1)
    cabin.talk()
    assert centre.batches[-1].need == "renovar"


def test_the_clocks_difference_is_known(cabin: Cabin, centre: StandIn):
    ahead = clock.now_utc
    centre.clock = lambda: ahead().replace(microsecond=0)
    cabin.talk()
    assert abs(cabin.get("/sync").json["clock_offset_s"]) <= 1


def test_eight_hours_without_link_and_sixty_tramites_all_arrive_and_their_papers_verify(cabin: Cabin, centre: StandIn):
    cabin.talk()
    centre.stop()
    answers = []
    for _ in range(60):
        answers.append(cabin.file("SG-08", payment=None).json)
        later(minutes=8)
    centre.start()
    cabin.talk()
    told = centre.held("expediente")
    assert [payload["number"] for payload in told] == [answer["number"] for answer in answers]
    assert [ExpedienteNumber.parse(answer["number"]).sequence for answer in answers] == list(range(1, 61))
    with cabin.store.read() as session:
        papers = [load(row) for row in session.scalars(select(PrintJob.paper).order_by(PrintJob.id))]
    for payload, paper in zip(told, papers, strict=True):
        at = datetime.fromisoformat(payload["at"])
        stated = check_code(
            payload["number"],
            at,
            document=payload["applicant"]["document_number"],
            sheets=payload["sheets"],
            total_centimos=payload["total_centimos"],
        )
        assert isinstance(paper, CargoPaper) and paper.check_code == stated


# --- a database restored from a copy


def restore_copy(cabin: Cabin, *, last_seq: int) -> None:
    """The database as an older copy of it would be."""
    with cabin.store._write_engine.begin() as connection:
        for table in ("expediente", "event"):
            connection.execute(text(f"DROP TRIGGER {table}_hold"))
            connection.execute(text(f"DELETE FROM {table} WHERE seq > {last_seq}"))


def test_a_database_behind_its_mark_numbers_nothing_until_a_new_series(cabin: Cabin, centre: StandIn):
    for _ in range(2):
        cabin.file()
    eventually(lambda: (mark := cabin.device.read_mark()) is not None and mark.seq == 2)
    restore_copy(cabin, last_seq=1)
    sound = cabin.store.write(check_mark, cabin.device.read_mark(), device_key=cabin.device.public_key)
    assert not sound
    assert cabin.file().json["code"] == "cabina.serie_congelada"
    centre.offered_lease = make_lease(cabin.device.public_key, now=clock.now_utc(), epoch=2, series="B")
    cabin.talk()
    assert [batch.need for batch in centre.batches][0] == "nueva_serie"
    assert cabin.file().json["number"].startswith("2026-C01B-000001")


def test_a_centre_that_knows_more_than_the_cabin_freezes_it(cabin: Cabin, centre: StandIn):
    cabin.file()
    cabin.talk()
    restore_copy(cabin, last_seq=0)
    cabin.sync.exchange()
    assert cabin.file().json["code"] == "cabina.serie_congelada"


# --- the loop by itself


def test_the_backlog_drains_by_itself_when_the_link_returns(cabin: Cabin, centre: StandIn, monkeypatch):
    monkeypatch.setattr("cabinas.sync.loop.FIRST_RETRY_S", 0.05)
    centre.stop()
    loop = SyncLoop(cabin.store, cabin.device, talk=Talk(cabin.device.key), poll_s=3600)
    cabin.till.sync = loop
    loop.start()
    for _ in range(5):
        cabin.file()
    eventually(lambda: cabin.get("/sync").json["state"] == "sin_internet")
    centre.start()
    eventually(lambda: centre.last_seq() == 5)
    eventually(lambda: cabin.get("/sync").json["state"] == "al_dia")
    cabin.file()
    eventually(lambda: centre.last_seq() == 6)  # woken by the event: its poll is an hour away
    loop.stop()


def test_a_link_that_flaps_delivers_each_event_once(cabin: Cabin, centre: StandIn, monkeypatch):
    monkeypatch.setattr("cabinas.sync.loop.FIRST_RETRY_S", 0.02)
    loop = SyncLoop(cabin.store, cabin.device, talk=Talk(cabin.device.key), poll_s=0.05)
    loop.start()
    for turn in range(30):
        cabin.file("SG-08", payment=None)
        centre.answering = turn % 3 != 0
        centre.lose_replies = 1 if turn % 4 == 1 else 0
        time.sleep(0.03)
    centre.answering, centre.lose_replies = True, 0
    eventually(lambda: centre.last_seq() == 30)
    loop.stop()
    assert not centre.forks and len(centre.events) == 30


def test_the_wait_between_tries_grows_and_never_passes_thirty_seconds():
    waits = [backoff_s(failures) for failures in range(1, 200)]
    assert max(waits) <= 30 and waits[0] <= 1


def test_nothing_waits_for_a_centre_that_never_answers(cabin: Cabin, centre: StandIn):
    centre.stop()
    with pytest.raises(LinkDown):
        cabin.sync.exchange()
    assert cabin.file().status_code == 201
