"""Appointments from booking to the end of their day, on both databases."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cac.access.actions import SYSTEM
from cac.audit.models import AuditEntry
from cac.citas import actions, queries, setup
from cac.citas.models import Agenda, Aviso, Cita, CitaMove, PhoneTurn
from cac.desk import actions as desk
from cac.desk.actions import Press
from cac.desk.models import Sala, Ticket
from cac.paper.actions import add_printer, route_papers
from cac.paper.models import PrintJob
from core.clock import lima_day
from tests.cac.citas.conftest import MORNING

SLOT = MORNING + timedelta(minutes=140)  # 10:20
PHONE = {"phone_mark": "m" * 64}


def one(store, model, *where):
    with store.read() as session:
        found = session.scalars(select(model).where(*where).order_by(model.id.desc())).first()
        session.expunge_all()
    return found


def count(store, model, *where):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where))


def at(minutes):
    return MORNING + timedelta(minutes=minutes)


def test_a_booked_seat_is_taken_from_what_is_offered(store, book, calendar):
    def free():
        with store.read() as session:
            offer = queries.find_offer(session, "principal", "A")
            days = queries.days_offered(session, offer, calendar=calendar, now=MORNING)
            return {slot.at: slot.free for slot in days[0].slots}[SLOT]

    assert free() == 2
    book()
    assert free() == 1
    book()
    assert free() == 0
    with pytest.raises(actions.SlotFull):
        book()


@pytest.mark.parametrize("minutes", [10, 141, -20, 8 * 60, 15 * 24 * 60])
def test_only_an_hour_of_the_agenda_can_be_booked(book, minutes):
    with pytest.raises(actions.SlotNotOffered):
        book(minutes=minutes)


def test_a_service_without_appointments_gives_none(book):
    with pytest.raises(actions.NotFound):
        book("B")


def test_a_day_with_another_capacity_counts_and_what_is_booked_stands(store, book):
    kept = book()
    day = {"day": lima_day(SLOT), "service": None, "capacity": 0, "reason": "Aniversario"}
    store.write(setup.add_exception, "principal", principal=SYSTEM, now=MORNING, **day)
    with pytest.raises(actions.SlotFull):
        book()
    assert one(store, Cita, Cita.token == kept["token"]).state == "reservada"


def test_moving_keeps_the_code_and_frees_the_old_seat(store, book, calendar):
    first, _second = book("C", minutes=140), book("C", minutes=160)
    given = {"calendar": calendar, "principal": SYSTEM, "now": MORNING}
    with pytest.raises(actions.SlotFull):
        store.write(actions.move, first["token"], first["code"], at(160), **given)
    moved = store.write(actions.move, first["token"], first["code"], at(180), **given)
    assert moved == first
    assert one(store, Cita, Cita.token == first["token"]).slot_at == at(180)
    book("C", minutes=140)
    assert [m.move for m in _moves(store, first)] == ["reserva", "cambio"]


def test_cancelling_frees_the_seat_and_needs_page_and_code(store, book):
    cita = book("C")
    given = {"principal": SYSTEM, "now": MORNING}
    with pytest.raises(actions.CitaUnknown):
        store.write(actions.cancel, cita["token"], "00000000", **given)
    store.write(actions.cancel, cita["token"], cita["code"], **given)
    with pytest.raises(actions.CitaOver):
        store.write(actions.cancel, cita["token"], cita["code"], **given)
    book("C")


def test_a_phone_holds_two_citas_to_come_and_then_is_told_no_more_than_anybody(store, book):
    book(**PHONE)
    second = book(minutes=160, **PHONE)
    with pytest.raises(actions.PhoneLimit) as told:
        book(minutes=180, **PHONE)
    assert "celular" not in told.value.detail and "2" not in told.value.detail
    store.write(actions.cancel, second["token"], second["code"], principal=SYSTEM, now=MORNING)
    book(minutes=180, **PHONE)


def test_checking_in_on_time_gives_a_ticket_whose_turn_is_the_hour_of_the_cita(store, book, check_in):
    cita = book()
    ticket = check_in(cita["code"], now=at(125))
    row = one(store, Ticket)
    assert (row.code, row.channel, row.turn_at, row.slot_at) == (ticket["code"], "cita", SLOT, SLOT)
    assert one(store, Cita).state == "presentada"


@pytest.mark.parametrize(("late", "turn"), [(10, 140), (11, 151)])
def test_up_to_ten_minutes_late_it_keeps_its_hour_and_then_counts_from_the_check_in(store, book, check_in, late, turn):
    check_in(book()["code"], now=at(140 + late))
    assert one(store, Ticket).turn_at == at(turn)


def test_a_preferente_cita_takes_the_preferente_series(book, check_in):
    assert check_in(book(preferente=True)["code"], now=at(130))["code"] == "P-001"
    assert check_in(book()["code"], now=at(130), preferente=True)["code"] == "P-002"


def test_each_refusal_at_the_kiosk_says_the_way_on(store, book, check_in):
    cita = book()
    with pytest.raises(actions.CitaEarly, match=r"hoy a las 10:20 a\. m\..*desde las 9:20 a\. m\.") as early:
        check_in(cita["code"], now=at(60))
    assert "tome un turno" in early.value.detail
    with pytest.raises(actions.CitaOtherDay, match="viernes 20 de noviembre a las 10:20"):
        check_in(cita["code"], now=at(24 * 60))
    with pytest.raises(actions.CitaUnknown, match="ocho números"):
        check_in("12345678" if cita["code"] != "12345678" else "87654321", now=at(130))
    ticket = check_in(cita["code"], now=at(130))
    with pytest.raises(actions.CitaUsed, match=ticket["code"]):
        check_in(cita["code"], now=at(131))
    gone = book()
    store.write(actions.cancel, gone["token"], gone["code"], principal=SYSTEM, now=at(100))
    with pytest.raises(actions.CitaCancelled, match="tomar un turno"):
        check_in(gone["code"], now=at(130))


def test_the_ticket_of_a_cita_is_printed_with_its_hour(store, book, check_in):
    store.write(add_printer, name="kiosko", url="agent://kiosko", principal=SYSTEM, now=MORNING)
    store.write(route_papers, purpose="tickets", sala=None, printer="kiosko", principal=SYSTEM, now=MORNING)
    check_in(book()["code"], now=at(130))
    paper = json.loads(one(store, PrintJob).paper)["paper"]
    assert paper["slot_at"].startswith("2026-11-20") and paper["wait_minutes"] is None


def test_people_ahead_are_those_whose_turn_is_before(store, book, check_in):
    """A walk-in counts no cita whose hour is later; a cita counts only who came before its hour."""
    early = book(minutes=180)
    assert check_in(early["code"], now=at(130))["ahead"] == 0
    assert _walk_in(store, at(135))["ahead"] == 0
    assert _walk_in(store, at(141))["ahead"] == 1
    assert check_in(book()["code"], now=at(145))["ahead"] == 1, "10:20 goes after 10:15 and before 10:21"
    assert _walk_in(store, at(185))["ahead"] == 4


def test_ten_of_one_class_are_called_by_their_turn_appointments_or_not(store, book, check_in):
    """Q20: strictly the oldest `turn_at` first, on both databases."""
    coming = {125: "walk", 130: book(minutes=140), 132: "walk", 139: "walk", 141: book(minutes=160), 146: "walk"}
    coming |= {148: book(minutes=140), 155: "walk", 159: "walk", 171: book(minutes=160)}
    codes = [
        (_walk_in(store, at(minute)) if what == "walk" else check_in(what["code"], now=at(minute)))["code"]
        for minute, what in coming.items()
    ]
    with store.read() as session:
        line = session.execute(select(Ticket.code, Ticket.turn_at).order_by(Ticket.turn_at, Ticket.id)).all()
    called = []
    for number in range(10):
        place = number % 4 + 1
        call = _call(store, place, at(200 + number))
        called.append(call["ticket"]["code"])
        _absent(store, call["ticket"]["id"], place, at(200 + number))
    assert called == [row.code for row in line]
    assert called == [codes[i] for i in (0, 2, 3, 1, 6, 5, 7, 8, 4, 9)]


def test_a_cita_nobody_came_for_is_closed_as_such_when_the_salas_day_ends(store, book, check_in):
    missed, came = book(**PHONE, remind_to="987654321"), book(minutes=160)
    store.write(lambda s: s.execute(update(Sala).values(timetable={"week": [[["08:00", "16:00"]]] * 7})) and None)
    check_in(came["code"], now=at(150))
    assert store.write(actions.close_agendas, at(300)) == 0, "the day is not over"
    assert store.write(actions.close_agendas, at(481)) == 1
    row = one(store, Cita, Cita.token == missed["token"])
    assert (row.state, row.phone_mark) == ("no_asistio", None)
    assert one(store, Cita, Cita.token == came["token"]).state == "presentada"
    assert [m.move for m in _moves(store, missed)] == ["reserva", "inasistencia"]
    with store.read() as session:
        counts = queries.day_counts(session, "principal", lima_day(MORNING))
    assert counts == {"reservada": 0, "presentada": 1, "anulada": 0, "no_asistio": 1}


def test_a_reminder_is_queued_and_never_said_to_be_sent_and_its_phone_is_forgotten(store, book, calendar):
    cita = book(minutes=26 * 60 + 20, remind_to="987654321")
    notice = one(store, Aviso)
    assert (notice.state, notice.address, notice.due_at) == ("en_cola", "987654321", at(2 * 60 + 20))
    given = {"principal": SYSTEM, "now": MORNING}
    store.write(actions.move, cita["token"], cita["code"], at(27 * 60), calendar=calendar, **given)
    assert [n.state for n in _notices(store)] == ["anulado", "en_cola"]
    assert [n.address for n in _notices(store)] == [None, "987654321"]
    store.write(actions.close_agendas, at(27 * 60 + 1))
    assert [(n.state, n.address) for n in _notices(store)] == [("anulado", None), ("vencido", None)]


def test_no_phone_number_is_kept_for_who_wants_no_reminder_nor_ever_in_the_log(store, book):
    book(**PHONE)
    book(minutes=160, remind_to="987654321")
    assert count(store, Aviso) == 1
    with store.read() as session:
        assert not [text for text in session.scalars(select(AuditEntry.detail)) if "987654321" in text]


def test_a_phone_takes_two_turns_an_hour_and_they_wait_like_any_other(store, agenda):
    first, second = _turn(store, at(0)), _turn(store, at(5))
    assert [first["code"], second["code"]] == ["A-001", "A-002"]
    assert one(store, Ticket).channel == "web" and second["ahead"] == 1 and second["print_job"] is None
    with pytest.raises(actions.PhoneLimit):
        _turn(store, at(59))
    assert _turn(store, at(60), mark="other")["code"] == "A-003"
    assert _turn(store, at(61))["code"] == "A-004"
    store.write(actions.close_agendas, at(125))
    assert count(store, PhoneTurn) == 0


def test_a_sala_may_give_no_turns_to_phones(store, agenda):
    store.write(lambda session: session.execute(update(Agenda).values(phone_turns=False)) and None)
    with pytest.raises(actions.NotFromPhones):
        _turn(store, at(0))


def test_the_log_of_a_cita_is_only_added_to(store, book):
    book()
    with pytest.raises(Exception, match="only grows"):
        store.write(lambda session: session.execute(update(CitaMove).values(move="x")) and None)


def _walk_in(store, now):
    given = {"preferente": False, "channel": "web", "principal": SYSTEM, "public_url": "http://x"}
    return store.write(desk.issue, "A", now=now, **given)


def _turn(store, now, mark="mine"):
    given = {"preferente": False, "principal": SYSTEM, "public_url": "http://x", "phone_mark": mark}
    return store.write(actions.take_turn, "principal", "A", now=now, **given)


def _call(store, number, now):
    return store.write(desk.call_next, Press(SYSTEM, now, number=number, public_url="http://x"))


def _absent(store, ticket_id, number, now):
    store.write(desk.absent, Press(SYSTEM, now, ticket_id=ticket_id, number=number, public_url="http://x"))


def _moves(store, cita):
    with store.read() as session:
        rows = session.scalars(
            select(CitaMove).join(Cita).where(Cita.token == cita["token"]).order_by(CitaMove.id)
        ).all()
        session.expunge_all()
    return rows


def _notices(store):
    with store.read() as session:
        rows = session.scalars(select(Aviso).order_by(Aviso.id)).all()
        session.expunge_all()
    return rows
