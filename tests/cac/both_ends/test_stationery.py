"""The municipality's own words and logo, given at the centre, are on the papers of its tills from their next talk on."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from cabinas.paper import actions as till_paper
from cabinas.paper.models import PrintJob
from cac.access.actions import SYSTEM
from cac.paper import wording
from core.clock import now_utc
from printing import Profile, build
from printing.decoder import Decoded, decode
from printing.elements import Raster
from printing.logo import prepared
from printing.papers import Paper
from printing.samples import SAMPLES
from tests.both_ends import Town
from tests.cabinas.conftest import Cabin

OF_A_TILL = ("cargo", "recibo", "z", "liquidacion", "valija", "calibracion")
FOOT = "Informes 076 362 201"


@pytest.fixture
def cabin(town: Town) -> Cabin:
    cabin = town.pair("C01")
    cabin.talk()
    return cabin


def drawing(ink: int = 0) -> bytes:
    picture = Image.new("L", (300, 200), 255)
    ImageDraw.Draw(picture).ellipse((60, 20, 240, 180), fill=ink)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return prepared(out.getvalue())


def say(town: Town, kind: str = "cargo", **typed: str) -> None:
    town.store.write(wording.save_texts, kind, "es", typed, principal=SYSTEM, now=now_utc())


def put_logo(town: Town, picture: bytes | None) -> None:
    town.store.write(wording.save_logo, picture, principal=SYSTEM, now=now_utc())


def job(cabin: Cabin, job_id: int) -> PrintJob:
    with cabin.store.read() as session:
        return session.get_one(PrintJob, job_id)


def receipt(cabin: Cabin) -> Decoded:
    return decode(job(cabin, cabin.file().json["print_job"]).data)


def strips(paper: Decoded) -> list[Raster]:
    return [element for element in paper.elements if isinstance(element, Raster)]


def printed(cabin: Cabin, paper: Paper) -> bytes:
    return job(
        cabin, cabin.store.write(till_paper.enqueue, paper, subject="x", device=cabin.device, now=now_utc())
    ).data


def at_the_centre(town: Town, paper: Paper) -> bytes:
    with town.store.read() as session:
        worn = wording.dressed(session, paper)
        return build(worn, Profile(), wording.logo_of(session, worn))


def test_words_and_logo_are_on_the_tills_next_receipt_and_stay_after_a_restart_without_a_link(town: Town, cabin: Cabin):
    plain = receipt(cabin)
    say(town, keep="Guarde este papel.", foot=FOOT)
    put_logo(town, drawing())
    assert FOOT not in receipt(cabin).text, "the till has not talked yet"
    cabin.talk()
    told = receipt(cabin)
    assert "Guarde este papel." in told.text and "Este cargo prueba" not in told.text
    assert FOOT in told.lines[-1] and strips(told) and not strips(plain)
    again = town.start(town.stop(cabin))
    town.link(again).fault = lambda: "down"
    dark = receipt(again)
    assert "Guarde este papel." in dark.text and FOOT in dark.lines[-1] and strips(dark) == strips(told)


def test_every_paper_of_a_till_is_the_centres_to_the_byte(town: Town, cabin: Cabin):
    for kind in OF_A_TILL:
        assert printed(cabin, SAMPLES[kind]) == build(SAMPLES[kind], Profile()), "with none, as ever"
        if kind != "calibracion":
            say(town, kind, head=f"RUC 20143623042 {kind}", foot=FOOT)
    put_logo(town, drawing())
    cabin.talk()
    for kind in OF_A_TILL:
        data = printed(cabin, SAMPLES[kind])
        assert data == at_the_centre(town, SAMPLES[kind]) != build(SAMPLES[kind], Profile()), kind


def test_a_copy_at_the_till_carries_the_words_and_the_logo_of_its_original(town: Town, cabin: Cabin):
    say(town, foot=FOOT)
    put_logo(town, drawing())
    cabin.talk()
    number = cabin.file().json["number"]
    say(town, foot="")
    put_logo(town, drawing(ink=150))
    cabin.talk()
    given = {"by": "Elva", "device": cabin.device, "now": now_utc()}
    copy = decode(job(cabin, cabin.store.write(till_paper.reprint, number, **given)["print_job"]).data)
    later = receipt(cabin)
    assert FOOT in copy.lines[-1] and "REIMPRESIÓN 1" in copy.text
    assert FOOT not in later.text and strips(later) != strips(copy) and strips(later) and strips(copy)


def test_what_is_taken_away_at_the_centre_leaves_the_tills_papers(town: Town, cabin: Cabin):
    say(town, foot=FOOT)
    put_logo(town, drawing())
    cabin.talk()
    say(town, foot="")
    put_logo(town, None)
    cabin.talk()
    assert printed(cabin, SAMPLES["cargo"]) == build(SAMPLES["cargo"], Profile())


def test_a_new_pc_has_them_on_the_papers_it_takes_back_and_on_its_own(town: Town, cabin: Cabin):
    say(town, foot=FOOT)
    put_logo(town, drawing())
    cabin.talk()
    number = cabin.file().json["number"]
    cabin.talk()
    town.stop(cabin)
    other = town.pair("C01")
    other.talk()
    given = {"by": "Elva", "device": other.device, "now": now_utc()}
    copy = decode(job(other, other.store.write(till_paper.reprint, number, **given)["print_job"]).data)
    for paper in (copy, receipt(other)):
        assert FOOT in paper.lines[-1] and strips(paper)
