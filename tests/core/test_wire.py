from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ledger, wire
from core.workdays import Calendar, Holiday

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
CENTRE, DEVICE = wire.new_key(), wire.new_key()
LEASE = wire.Lease(
    cabina="C03",
    epoch=1,
    series="A",
    year=2026,
    first=101,
    last=600,
    valid_from=NOW,
    valid_until=NOW + timedelta(days=7),
    device_key=wire.public_text(DEVICE),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=10,
)


def remittance(**changes):

    values = {
        "at": NOW,
        "operator": "Elva R.",
        "id": "r1",
        "centimos": 5_000,
        "reference": "depósito 77",
        "ledger": wire.LedgerEntry.of(ledger.declare_remittance("r1", 5_000)),
    }
    return wire.RemittanceDeclared(**values | changes)


@given(json_values)
def test_a_value_is_always_written_the_same_way_and_signed_bodies_verify(value):
    assert wire.canonical(value) == wire.canonical(value)
    signature = wire.sign(DEVICE, "prueba", value)
    wire.verify(wire.public_text(DEVICE), "prueba", value, signature)


def test_key_order_does_not_change_what_is_signed():
    assert wire.canonical({"b": 1, "a": "ñ"}) == wire.canonical({"a": "ñ", "b": 1}) == '{"a":"ñ","b":1}'.encode()


def test_a_float_never_travels():
    with pytest.raises(wire.BadPayload):
        wire.canonical({"centimos": 11.0})


def test_a_sealed_lease_opens_with_the_centre_key_only():
    sealed = wire.Sealed[wire.Lease].model_validate_json(wire.seal(CENTRE, LEASE).model_dump_json())
    assert wire.open_sealed(wire.public_text(CENTRE), sealed, wire.Lease) == LEASE
    with pytest.raises(wire.BadSignature):
        wire.open_sealed(wire.public_text(DEVICE), sealed, wire.Lease)


def test_a_changed_lease_does_not_open():
    sealed = wire.seal(CENTRE, LEASE)
    forged = sealed.model_copy(update={"body": sealed.body | {"last": 9_999}})
    with pytest.raises(wire.BadSignature):
        wire.open_sealed(wire.public_text(CENTRE), forged, wire.Lease)


def test_what_was_signed_under_one_name_does_not_verify_under_another():
    body = LEASE.plain()
    with pytest.raises(wire.BadSignature):
        wire.verify(wire.public_text(CENTRE), "confirmacion", body, wire.sign(CENTRE, "serie", body))


def test_fields_of_a_later_version_stay_signed_and_are_ignored():
    body = LEASE.plain() | {"codes": ["…"]}
    sealed = wire.Sealed[wire.Lease](body=body, signature=wire.sign(CENTRE, "serie", body))
    assert wire.open_sealed(wire.public_text(CENTRE), sealed, wire.Lease) == LEASE
    assert sealed.plain()["body"]["codes"] == ["…"]


def test_an_event_survives_the_trip_and_chains_to_the_one_before():
    first = wire.make_event(DEVICE, LEASE, seq=1, prev_hash=wire.GENESIS, payload=remittance())
    second = wire.make_event(DEVICE, LEASE, seq=2, prev_hash=first.hash, payload=remittance(id="r2"))
    arrived = wire.Event.model_validate_json(second.model_dump_json())
    wire.check_event(arrived, device_key=LEASE.device_key)
    wire.check_follows(arrived, first.hash)
    assert wire.parse_payload(arrived.payload) == remittance(id="r2")
    assert wire.parse_payload(arrived.payload).ledger.entry().postings


def test_a_changed_payload_is_noticed():
    event = wire.make_event(DEVICE, LEASE, seq=1, prev_hash=wire.GENESIS, payload=remittance())
    forged = event.model_copy(update={"payload": event.payload | {"centimos": 1}})
    with pytest.raises(wire.BadPayload):
        wire.check_event(forged, device_key=LEASE.device_key)


def test_a_changed_header_or_another_key_is_noticed():
    event = wire.make_event(DEVICE, LEASE, seq=1, prev_hash=wire.GENESIS, payload=remittance())
    moved = event.model_copy(update={"header": event.header.model_copy(update={"seq": 2})})
    for wrong, key in ((moved, LEASE.device_key), (event, wire.public_text(CENTRE))):
        with pytest.raises(wire.BadSignature):
            wire.check_event(wrong, device_key=key)


def test_an_event_that_follows_another_is_noticed():
    event = wire.make_event(DEVICE, LEASE, seq=2, prev_hash="a" * 64, payload=remittance())
    with pytest.raises(wire.BadChain):
        wire.check_follows(event, "b" * 64)


@pytest.mark.parametrize("payload", [{}, {"v": 1, "kind": "otro"}, {"v": 2}, {"v": 1, "kind": "remesa_declarada"}])
def test_a_payload_that_is_not_understood_is_a_bad_payload(payload):
    with pytest.raises(wire.BadPayload):
        wire.parse_payload(payload)


def test_the_pairing_code_carries_the_secret_and_the_centre_fingerprint():
    public = wire.public_text(CENTRE)
    code = wire.pairing_code("K7Q4M2XD", public)
    assert wire.split_pairing_code(f" {code.lower().replace('0', 'o')} ") == ("K7Q4M2XD", wire.fingerprint(public))


@pytest.mark.parametrize("typed", ["", "K7Q4-M2XD", "¿?", "U" * 20])
def test_a_mistyped_pairing_code_is_refused(typed):
    with pytest.raises(wire.BadPairingCode):
        wire.split_pairing_code(typed)


def test_a_lease_begins_again_at_one_in_a_later_year():
    assert LEASE.point == "C03A"
    assert LEASE.bounds(2026) == (101, 600)
    assert LEASE.bounds(2027) == (1, 500)


def test_a_batch_keeps_its_limits_and_always_advances():
    events = []
    for seq in range(1, wire.MAX_BATCH_EVENTS + 20):
        payload = remittance(reference="x" * 30_000 if seq <= 60 else "x")
        events.append(wire.make_event(DEVICE, LEASE, seq=seq, prev_hash=wire.GENESIS, payload=payload))
    big, small = wire.cut_batch(events), wire.cut_batch(events[60:] * 3)
    assert 0 < len(big) < 60
    assert sum(len(wire.canonical(event.plain())) for event in big) < wire.MAX_BATCH_BYTES
    assert len(small) == wire.MAX_BATCH_EVENTS
    assert wire.cut_batch(events[:1]) == tuple(events[:1])
    assert wire.cut_batch([]) == ()


def test_an_event_too_large_is_refused_before_it_is_kept():
    with pytest.raises(wire.TooLarge):
        wire.make_event(DEVICE, LEASE, seq=1, prev_hash=wire.GENESIS, payload=remittance(reference="x" * 70_000))


def test_the_calendar_travels_whole():
    calendar = Calendar(
        "v1", date(2026, 1, 1), date(2026, 12, 31), (Holiday(date(2026, 12, 8), "Inmaculada", "national"),)
    )
    assert wire.CalendarPart.model_validate(wire.CalendarPart.of(calendar).plain()).calendar() == calendar


def test_the_tupa_in_force_is_the_last_that_began():
    def version(name: str, day: date) -> wire.TupaVersion:
        return wire.TupaVersion(version=name, valid_from=day, tramites=())

    calendar = wire.CalendarPart(version="v", first_on=date(2026, 1, 1), last_on=date(2026, 12, 31), holidays=())
    catalogue = wire.Catalogue(
        version="1",
        cabina="C03",
        municipality="Cajamarca",
        public_url="http://localhost",
        convenio=wire.Convenio(name="Cabina 3", partner="Los Sauces"),
        tupa=(version("2026", date(2026, 1, 1)), version("2027", date(2027, 1, 1))),
        calendar=calendar,
    )
    assert catalogue.tupa_on(date(2026, 12, 31)).version == "2026"
    assert catalogue.tupa_on(date(2027, 1, 1)).version == "2027"
    assert catalogue.tupa_on(date(2025, 12, 31)) is None


def test_the_clock_offset_is_taken_at_the_middle_of_the_exchange():
    sent, back = NOW, NOW + timedelta(seconds=4)
    assert wire.clock_offset_s(sent_at=sent, received_at=back, centre_now=NOW + timedelta(seconds=2)) == 0
    assert wire.clock_offset_s(sent_at=sent, received_at=back, centre_now=NOW - timedelta(seconds=58)) == 60
