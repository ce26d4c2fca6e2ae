"""What the centre says of the municipality's words and logo, at the till: what cannot be printed is refused and stops nothing."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from cabinas.paper.models import PrintJob
from cabinas.sync.client import LinkDown
from core import wire
from printing.decoder import Decoded, decode
from printing.elements import Raster
from printing.logo import KEPT, KEPT_MAX_BYTES
from printing.wording import LINE
from tests.cabinas.conftest import Cabin
from tests.cabinas.stand_in import StandIn

FOOT = {"cargo": {"foot": "Informes 076 362 201"}}


def picture(width: int = 200, height: int = 100, *, mode: str = "L", kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, kind)
    return out.getvalue()


GOOD = picture()


class Said(wire.Message):
    """A `wire.Stationery` by somebody who checks nothing."""

    what = wire.Stationery.what
    version: str
    texts: Any
    logo: str


def tell(centre: StandIn, version: str, texts: Any = FOOT, logo: bytes = GOOD, *, signed: bytes | None = None) -> None:
    """The stand-in says it to who has not heard it. `signed`: the picture whose hash is told, where that is another."""
    digest = wire.sha256(signed or logo) if logo else ""
    centre.stationery = Said(version=version, texts=texts, logo=digest)
    centre.logo = base64.b64encode(logo).decode()


def receipt(cabin: Cabin) -> Decoded:
    with cabin.store.read() as session:
        return decode(session.get_one(PrintJob, cabin.file().json["print_job"]).data)


def is_dressed(paper: Decoded) -> bool:
    words, logo = FOOT["cargo"]["foot"] in paper.text, any(isinstance(each, Raster) for each in paper.elements)
    assert words == logo, "both or none"
    return words


WRONG: dict[str, Callable[[StandIn], None]] = {
    "a sentence too long": lambda centre: tell(centre, "2", {"z": {"head": "x" * (LINE * 2 + 1)}}),
    "a place that nobody fills": lambda centre: tell(centre, "2", {"cargo": {"foot": "Debe {monto}"}}),
    "a control character": lambda centre: tell(centre, "2", {"cargo": {"foot": "hola\x1b@"}}),
    "no text": lambda centre: tell(centre, "2", {"cargo": {"foot": 7}}),
    "no texts": lambda centre: tell(centre, "2", ["cargo"]),
    "another picture": lambda centre: tell(centre, "2", signed=picture(8, 8)),
    "no picture": lambda centre: tell(centre, "2", logo=b"GIF89a"),
    "half a picture": lambda centre: tell(centre, "2", logo=GOOD[:60]),
    "a picture too tall": lambda centre: tell(centre, "2", logo=picture(10, KEPT[1] + 1)),
    "a picture in colour": lambda centre: tell(centre, "2", logo=picture(mode="RGB")),
    "a picture of another format": lambda centre: tell(centre, "2", logo=picture(kind="BMP")),
    "a picture too heavy": lambda centre: tell(centre, "2", logo=GOOD + bytes(KEPT_MAX_BYTES)),
    "no base64": lambda centre: (tell(centre, "2"), setattr(centre, "logo", "¿?"))[0],
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_cannot_be_printed_is_refused_whole_told_and_stops_nothing(
    cabin: Cabin, centre: StandIn, wrong: Callable[[StandIn], None]
):
    tell(centre, "1")
    cabin.talk()
    assert is_dressed(receipt(cabin))
    wrong(centre)
    number = cabin.file().json["number"]
    cabin.talk()
    assert number in [row["number"] for row in centre.held("expediente")], "the talk went on"
    assert is_dressed(receipt(cabin)), "papers stay as they were"
    cabin.talk()
    told = centre.batches[-1]
    assert told.stationery_version == "2", "it is not sent again and again"
    assert [alarm for alarm in told.alarms if alarm.startswith("papeles: ")]
    tell(centre, "3", {}, b"")
    cabin.talk()
    assert not is_dressed(receipt(cabin))
    cabin.talk()
    assert centre.batches[-1].alarms == ()


def test_a_first_one_that_is_wrong_leaves_papers_as_the_program_makes_them(cabin: Cabin, centre: StandIn):
    WRONG["no picture"](centre)
    cabin.talk()
    assert not is_dressed(receipt(cabin))


def test_what_another_signed_is_not_believed(cabin: Cabin, centre: StandIn, monkeypatch: pytest.MonkeyPatch):
    tell(centre, "1")
    true_seal = wire.seal

    def seal(key: Any, message: Any) -> Any:
        return true_seal(wire.new_key() if message is centre.stationery else key, message)

    monkeypatch.setattr(wire, "seal", seal)
    with pytest.raises(LinkDown):
        cabin.talk()
    assert not is_dressed(receipt(cabin))


def test_papers_and_sentences_of_a_newer_centre_are_left_aside(cabin: Cabin, centre: StandIn):
    tell(centre, "1", {"cargo": FOOT["cargo"] | {"aside": "x" * 900}, "constancia": {"head": "{hoy}"}})
    cabin.talk()
    assert is_dressed(receipt(cabin))
    cabin.talk()
    assert centre.batches[-1].alarms == ()


def test_an_older_centre_that_says_nothing_leaves_papers_as_they_are(cabin: Cabin, centre: StandIn):
    cabin.talk()
    assert centre.batches[-1].stationery_version == ""
    assert not is_dressed(receipt(cabin))
