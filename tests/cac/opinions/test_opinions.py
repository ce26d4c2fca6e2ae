"""One answer a ticket, after the attention, within its time; it never changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError

from cac.access.actions import SYSTEM
from cac.audit.models import AuditEntry
from cac.opinions import actions, queries
from cac.opinions.models import Opinion
from cac.opinions.rules import ASKED, COMMENT_MAX, KIOSK, PHONE, TABLET, TAKEN, read_entry
from core.clock import now_utc


def test_an_opinion_keeps_service_channel_ventanilla_and_who_attended(store, attend, rate):
    ticket = attend("B", ventanilla=3)
    rate(ticket, 4, comment="  Rápido y claro. ")
    with store.read() as session:
        row = session.scalars(select(Opinion)).one()
        assert (row.face, row.comment, row.channel, row.place) == (4, "Rápido y claro.", "kiosko", PHONE)
        assert row.clerk.startswith("token:")


def test_a_ticket_is_rated_once_whoever_asks_again(store, attend, rate):
    ticket = attend()
    rate(ticket, 5)
    with pytest.raises(actions.OpinionGiven):
        rate(ticket, 1, place=KIOSK)
    with store.read() as session:
        assert session.scalars(select(Opinion.face)).all() == [5]


@pytest.mark.parametrize("change", [update(Opinion).values(face=5), delete(Opinion)])
def test_the_database_refuses_to_change_an_opinion(store, attend, rate, change):
    rate(attend(), 1)
    with pytest.raises(DatabaseError):
        store.write(lambda session: session.execute(change) and None)


def test_nobody_rates_before_the_attention_ends(issue, clerk, rate):
    ticket = issue("A")
    with pytest.raises(actions.NotAttended):
        rate(ticket)
    clerk.post("/ventanillas/1/llamados")
    clerk.post(f"/tickets/{ticket['id']}/atenciones")
    with pytest.raises(actions.NotAttended):
        rate(ticket)


@pytest.mark.parametrize("place", [TABLET, PHONE, KIOSK])
def test_an_answer_is_taken_until_the_time_of_its_place_is_over(attend, rate, place):
    ticket = attend()
    with pytest.raises(actions.OpinionLate):
        rate(ticket, place=place, at=now_utc() + TAKEN[place] + timedelta(seconds=1))
    rate(ticket, place=place, at=now_utc() + TAKEN[place] - timedelta(seconds=30))


@pytest.mark.parametrize("face", [0, 6, -1])
def test_only_one_of_the_five_faces_is_an_answer(attend, rate, face):
    with pytest.raises(actions.FaceMissing):
        rate(attend(), face)


def test_a_comment_has_a_limit_and_is_never_written_to_the_log(store, attend, rate):
    ticket = attend()
    with pytest.raises(actions.CommentTooLong):
        rate(ticket, comment="x" * (COMMENT_MAX + 1))
    rate(ticket, comment="muy amable la señorita")
    with store.read() as session:
        logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "opinion.dada")).one()
        assert logged.subject == f"ticket:{ticket['id']}" and "amable" not in logged.detail


def test_an_unknown_ticket_is_told(rate, sala):
    with pytest.raises(actions.OpinionTicketUnknown):
        rate({"id": 999_999})


def asked(store, number=1, *, at=None):
    with store.read() as session:
        return queries.asked_by_tablet(session, "principal", number, now=at or now_utc())


def test_the_tablet_asks_about_what_its_ventanilla_just_finished(store, attend):
    assert asked(store) is None
    ticket = attend(ventanilla=1)
    assert asked(store, 1) == {"id": ticket["id"], "code": ticket["code"]}
    assert asked(store, 2) is None


def test_the_tablet_goes_back_once_answered_after_a_while_and_when_somebody_else_is_attended(
    store, attend, rate, issue, clerk
):
    first = attend(ventanilla=1)
    assert asked(store, at=now_utc() + ASKED + timedelta(seconds=1)) is None
    rate(first, place=TABLET)
    assert asked(store) is None
    attend(ventanilla=1)
    following = issue("A")
    clerk.post("/ventanillas/1/llamados", {"ticket": following["id"]})
    assert asked(store) is not None  # called, not yet here: whoever was attended may still answer
    clerk.post(f"/tickets/{following['id']}/atenciones")
    assert asked(store) is None


def test_a_tablet_rates_only_what_its_ventanilla_finished_lately(store, attend):
    ticket = attend(ventanilla=1)
    with store.read() as session:
        found = queries.finished_at_tablet(session, "principal", 1, ticket["id"], now=now_utc())
        assert found == ticket["id"]
        for number, at in ((2, now_utc()), (1, now_utc() + TAKEN[TABLET] + timedelta(seconds=1))):
            with pytest.raises(actions.OpinionTicketUnknown):
                queries.finished_at_tablet(session, "principal", number, ticket["id"], now=at)


def test_the_kiosk_finds_todays_turn_by_its_number_or_its_qr(store, attend):
    ticket = attend()
    with store.read() as session:
        for typed in (ticket["code"], ticket["follow_url"]):
            found = queries.find_at_kiosk(session, "principal", read_entry(typed), now=now_utc())
            assert found.id == ticket["id"]
        for typed in ("Z-999", "no es un turno"):
            with pytest.raises(actions.OpinionTicketUnknown):
                queries.find_at_kiosk(session, "principal", read_entry(typed), now=now_utc())
        with pytest.raises(actions.OpinionTicketUnknown):  # tomorrow the same number is another person's
            queries.find_at_kiosk(
                session, "principal", read_entry(ticket["code"]), now=now_utc() + timedelta(days=1, minutes=5)
            )


def test_many_at_once_give_one_opinion(store, attend):
    ticket = attend()
    given = {"place": PHONE, "comment": "", "principal": SYSTEM, "now": now_utc()}

    def give(face):
        try:
            return store.write(actions.give_opinion, ticket["id"], face=face, **given)["face"]
        except actions.OpinionGiven:
            return None

    with ThreadPoolExecutor(5) as many:
        kept = [face for face in many.map(give, [1, 2, 3, 4, 5]) if face]
    with store.read() as session:
        assert len(kept) == 1 == session.scalar(select(func.count(Opinion.id)))
