"""A settlement treasury closed: numbered without gaps, the same to the byte at both ends, and never changed by what comes late."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from cabinas.money import settlements
from cabinas.operators.actions import add_operator, hash_pin
from cabinas.paper.models import PrintJob
from cac.access.actions import SYSTEM
from cac.paper import actions as paper
from cac.paper.models import PrintJob as CentreJob
from cac.sync.actions import find
from cac.sync.keys import centre_key
from cac.sync.leases import open_centre_epoch
from cac.sync.queries import quarantined
from cac.treasury import closing
from core import wire
from core.clock import lima_day, now_utc
from printing.decoder import decode
from printing.outcome import Outcome, State
from printing.pdf import settlement_pdf
from printing.settlement import closed_paper
from tests.both_ends import Town, hear
from tests.cabinas.conftest import Cabin, csrf, later, send
from tests.cac.both_ends.test_history import copy_of, put_back
from tests.cac.both_ends.test_rebuilt import copy_database
from web.access import Principal

TREASURY = Principal("staff", 1, "Carmen D.", "tesoreria")


def close(town: Town, until: date, **said: Any) -> dict[str, Any]:
    with town.store.read() as session:
        told = closing.next_settlement(session, find(session, "C01"), until)
    given = {"today": lima_day(now_utc()), "even_so": False, "principal": TREASURY, "now": now_utc()}
    key = centre_key(town.settings.keys_dir)
    return town.store.write(closing.close_settlement, "C01", told, key=key, **(given | said))


def at_the_centre(town: Town, n: int) -> wire.Liquidacion:
    with town.store.read() as session:
        return closing.one(session, find(session, "C01").id, n)


def at_the_cabin(cabin: Cabin) -> list[wire.Liquidacion]:
    with cabin.store.read() as session:
        assert not settlements.differing(session)
        return settlements.closed(session)


def a_day(cabin: Cabin, filings: int) -> date:
    """Work, sent whole on the next morning."""
    today = lima_day(now_utc())
    for _ in range(filings):
        assert cabin.file().status_code == 201
    later(days=1)
    cabin.talk()
    return today


def test_closed_ones_are_numbered_without_gaps_and_are_the_same_paper_at_both_ends(town: Town):
    cabin = town.pair("C01")
    first = a_day(cabin, 2)
    cabin.post("/remesas", {"centimos": 1_100, "reference": "BN 7"})
    assert close(town, first)["number"] == "LIQ-C01-0001"
    second = a_day(cabin, 1)
    assert close(town, second)["number"] == "LIQ-C01-0002"
    cabin.talk()
    told = at_the_cabin(cabin)
    assert told == [at_the_centre(town, 1), at_the_centre(town, 2)]
    one, two = (each.settlement() for each in told)
    assert (one.closing_centimos, two.opening_centimos, two.closing_centimos) == (2_200, 2_200, 3_300)
    assert two.from_on == one.to_on + timedelta(days=1) and (one.filings, two.filings) == (2, 1)
    papers = [settlement_pdf(closed_paper(each, demo=False)) for each in (told[1], at_the_centre(town, 2))]
    assert papers[0] == papers[1]
    cabin.talk()
    with town.store.read() as session:
        rows = closing.closed(session, find(session, "C01").id)
        assert all(row.accepted_at and row.own_check == row.check_code for row in rows)
    town.agree()


def test_once_closed_it_never_changes_and_what_comes_late_is_of_the_next(town: Town):
    cabin = town.pair("C01")
    day = a_day(cabin, 1)
    later(days=-1, hours=1)
    cabin.file()  # a clock set back: dated on the day that is about to be closed, and not sent yet
    later(days=1)
    close(town, day)
    before = at_the_centre(town, 1)
    cabin.talk()
    assert at_the_centre(town, 1) == before and before.settlement().filings == 1
    with cabin.store.read() as session:
        assert settlements.differing(session) == [1], "the till says that its own book has more"
    close(town, lima_day(now_utc()), today=lima_day(now_utc()) + timedelta(days=1), even_so=True)
    two = at_the_centre(town, 2).settlement()
    assert (two.filings, two.fees_centimos, two.opening_centimos, two.closing_centimos) == (1, 1_100, 1_100, 2_200)
    for change in ("UPDATE cabin_settlement SET check_code = 'x'", "DELETE FROM cabin_settlement"):
        with pytest.raises(SQLAlchemyError):
            town.store.write(lambda session, change=change: session.execute(text(change)))


def test_a_period_is_closed_when_all_of_it_is_here_or_by_who_says_so(town: Town):
    cabin = town.pair("C01")
    cabin.file()
    day = lima_day(now_utc())
    with pytest.raises(closing.PeriodNotOver):
        close(town, day)
    later(days=1)
    with pytest.raises(closing.NotAllHere, match="no ha enviado todo"):
        close(town, day)
    assert close(town, day, even_so=True)["n"] == 1
    with pytest.raises(closing.PeriodNotOver):
        close(town, day)
    with town.store.read() as session:
        told = closing.next_settlement(session, find(session, "C01"), day + timedelta(days=1))
    later(days=3)
    close(town, day + timedelta(days=2), even_so=True)
    given = {"today": lima_day(now_utc()), "even_so": True, "principal": TREASURY, "now": now_utc()}
    with pytest.raises(closing.ClosedMeanwhile):
        town.store.write(closing.close_settlement, "C01", told, key=centre_key(town.settings.keys_dir), **given)


def test_the_till_prints_it_shows_it_and_has_it_back_after_a_copy_was_put_back(town: Town, tmp_path, person):
    cabin = town.pair("C01")
    copy = copy_of(cabin, tmp_path / "copia.db")
    day = a_day(cabin, 1)
    desk = person("tesoreria")
    page = desk.get("/tesoreria/cabinas/C01/liquidacion")
    assert "Todavía no se cerró ninguna" in page.text
    assert close(town, day)["n"] == 1
    cabin.talk()
    cabin.talk()
    shown = desk.get("/tesoreria/cabinas/C01/liquidacion").text
    assert "LIQ-C01-0001" in shown and "La tiene y coincide" in shown
    for ending, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        assert desk.get(f"/tesoreria/cabinas/C01/liquidaciones/1/{ending}").data.startswith(start)
    assert desk.get("/tesoreria/cabinas/C01/liquidaciones/9/pdf").status_code == 404
    kept = at_the_cabin(cabin)
    cabin = put_back(town, cabin, copy, with_mark=True)
    cabin.talk()
    cabin.talk()
    assert at_the_cabin(cabin) == kept and len(kept) == 1
    given = {"login": "elva", "name": "Elva R.", "by": "CAC", "pin_hash": hash_pin("caja-elva")}
    cabin.store.write(add_operator, **given, now=now_utc())
    form = {"csrf_token": csrf(cabin.http.get("/entrar")), "usuario": "elva", "pin": "caja-elva"}
    assert cabin.http.post("/entrar", data=form).status_code == 302
    page = cabin.http.get("/liquidacion").text
    assert "LIQ-C01-0001" in page and "Coincide" in page
    assert cabin.http.get("/liquidaciones/1/pdf").data == desk.get("/tesoreria/cabinas/C01/liquidaciones/1/pdf").data
    assert cabin.http.get("/liquidaciones/1/xlsx").data.startswith(b"PK")
    assert cabin.http.get("/liquidaciones/2/pdf").status_code == 404
    for _ in range(2):
        assert send(cabin.http, "/liquidacion", "/liquidaciones/1/impresiones").status_code == 303
    with cabin.store.read() as session:
        of_it = PrintJob.subject == "LIQ-C01-0001"
        jobs = list(session.scalars(select(PrintJob.data).where(of_it).order_by(PrintJob.id)))
    assert "LIQ-C01-0001" in decode(jobs[0]).text and "REIMPRESIÓN 1" in decode(jobs[1]).text


def restored(town: Town, copy: Path) -> None:
    """The centre goes back to a copy of its database; cabins learn it when they talk."""
    copy_database(copy, town.store._write_engine.url.database)
    town.store.write(open_centre_epoch, now=now_utc())


def copied(town: Town, to: Path) -> Path:
    copy_database(town.store._write_engine.url.database, to)
    return to


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_restored_centre_closes_nothing_until_the_cabin_offered_again_what_it_had_and_then_leaves_numbers_free(
    town: Town, tmp_path: Path, person
):
    cabin = town.pair("C01")
    close(town, a_day(cabin, 1))
    cabin.talk()
    copy = copied(town, tmp_path / "centro.db")
    second = a_day(cabin, 1)
    close(town, second)
    cabin.talk()
    third = a_day(cabin, 1)
    restored(town, copy)
    with pytest.raises(closing.NotOfferedAgain):
        close(town, second, even_so=True)
    cabin.sync.exchange()  # it hears of the restore, and has not sent anything again yet
    with pytest.raises(closing.NotOfferedAgain):
        close(town, second, even_so=True)
    page = person("tesoreria").post(
        "/tesoreria/cabinas/C01/liquidaciones", {"hasta": str(third), "con_lo_que_hay": "1"}, follow_redirects=True
    )
    assert "El centro se restauró de una copia" in page.text
    cabin.talk()
    assert at_the_centre(town, 2) == at_the_cabin(cabin)[1], "the one it forgot is the one the cabin has"
    assert close(town, third)["number"] == "LIQ-C01-0013"
    cabin.talk()
    cabin.talk()
    told = at_the_cabin(cabin)
    assert [each.n for each in told] == [1, 2, 13]
    assert [each.figures["opening_centimos"] for each in told] == [0, 1_100, 2_200]
    assert close(town, a_day(cabin, 0))["number"] == "LIQ-C01-0014", "after that, one by one"
    town.agree()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_only_treasurys_paper_has_keeps_its_number_for_itself(town: Town, tmp_path: Path):
    cabin = town.pair("C01")
    copy = copied(town, tmp_path / "centro.db")
    day = a_day(cabin, 2)
    assert close(town, day)["n"] == 1  # printed, signed by both, and never sent
    restored(town, copy)
    cabin.talk()
    assert close(town, day)["n"] == 11
    cabin.talk()
    assert [each.n for each in at_the_cabin(cabin)] == [11]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_that_comes_back_after_a_later_one_was_closed_waits_for_a_person(town: Town, tmp_path: Path):
    """Its PC died after the restore and its disk is mended later: the new PC never had that settlement."""
    cabin = town.pair("C01")
    copy = copied(town, tmp_path / "centro.db")
    day = a_day(cabin, 1)
    close(town, day)
    cabin.talk()
    folder = town.stop(cabin)
    restored(town, copy)
    later(minutes=1)
    new = town.pair("C01")
    new.talk()
    assert close(town, day, even_so=True)["n"] == 11
    new.talk()
    hear(town, town.start(folder))
    with town.store.read() as session:
        cabina = find(session, "C01")
        assert [row.n for row in closing.closed(session, cabina.id)] == [11]
        assert ["ya se cerró la 11" in held.detail for held, _ in quarantined(session, cabina.id)] == [True]


def test_treasury_prints_it_on_thermal_paper_and_sees_the_bytes_that_were_sent(town: Town, person, tmp_path: Path):
    cabin = town.pair("C01")
    day = a_day(cabin, 1)
    close(town, day)
    desk, path = person("tesoreria"), "/tesoreria/cabinas/C01/liquidaciones/1/impresiones"
    assert "Ninguna impresora está puesta" in desk.post(path, {}, follow_redirects=True).text
    made = {"principal": SYSTEM, "now": now_utc()}
    town.store.write(paper.add_printer, name="tesoreria", url=f"folder://{tmp_path}/papel", **made)
    town.store.write(paper.route_papers, purpose="recibos", sala=None, printer="tesoreria", **made)
    assert "Imprimir" in desk.get("/tesoreria/cabinas/C01/liquidacion").text
    shown = desk.post(path, {}, follow_redirects=True).text
    assert "LIQ-C01-0001 va a la impresora" in shown
    assert "todavía" in desk.post(path, {}, follow_redirects=True).text, "no second one while the first is on its way"
    with town.store.read() as session:
        job = session.scalars(select(CentreJob).where(CentreJob.subject == "LIQ-C01-0001")).one()
    told = decode(job.data).text
    assert "LIQ-C01-0001" in told and at_the_centre(town, 1).check_code in told and "11.00" in told
    assert desk.get(f"/impresiones/{job.id}.bin").data == job.data
    town.store.write(paper.mark_sending, job.id, attempt=1, now=now_utc())
    town.store.write(paper.keep_result, job.id, Outcome(State.CONFIRMED, ""), attempt=1, now=now_utc())
    desk.post(path, {})
    with town.store.read() as session:
        jobs = session.scalars(select(CentreJob.data).where(CentreJob.subject == "LIQ-C01-0001").order_by(CentreJob.id))
        assert "REIMPRESIÓN 1" in decode(list(jobs)[-1]).text
    assert person("auditor").post(path, {}).status_code == 403
