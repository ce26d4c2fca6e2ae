"""The catalogues of kiosk and phone: nothing shown in Spanish lacks its English and Quechua, and the compiled file is the written one."""

import gettext
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from cac.opinions.actions import FaceMissing, NotAttended, OpinionGiven, OpinionLate, OpinionTicketUnknown
from cac.opinions.rules import FACES

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = ROOT / "kiosks" / "translations"
USED = re.compile(r"""\b_\(\s*(?:"([^"]+)"|'([^']+)')""")


TEMPLATES = ROOT / "templates" / "kiosks"
SHOWN = (
    *FACES,
    OpinionTicketUnknown,
    FaceMissing,
    NotAttended,
    OpinionLate,
    OpinionGiven,
)  # not literals of a template


def texts() -> set[str]:
    sources = [
        *(TEMPLATES / "dispenser").glob("*.html"),
        *(TEMPLATES / "opinions").glob("*.html"),
        *(TEMPLATES / "follow").glob("*.html"),
        *(ROOT / "kiosks/dispenser").glob("*.py"),
        *(ROOT / "kiosks/follow").glob("*.py"),
    ]
    literal = {found[0] or found[1] for path in sources for found in USED.findall(path.read_text(encoding="utf-8"))}
    return literal | {str(getattr(shown, "word", "") or shown.detail) for shown in SHOWN}


@pytest.mark.parametrize("language", ["en", "qu"])
def test_every_text_of_kiosk_and_phone_is_translated(language):
    catalogue = gettext.translation("kiosko", CATALOGUES, [language])
    known = {key for key in catalogue._catalog if key}
    assert len(texts()) > 30
    assert not sorted(texts() - known)
    assert all(catalogue.gettext(text).strip() for text in texts())


@pytest.mark.parametrize("language", ["en", "qu"])
def test_the_compiled_catalogue_is_the_written_one(language):
    folder = CATALOGUES / language / "LC_MESSAGES"
    with (folder / "kiosko.po").open("rb") as po, (folder / "kiosko.mo").open("rb") as mo:
        written = {message.id: message.string for message in read_po(po) if message.id}
        compiled = {message.id: message.string for message in read_mo(mo) if message.id}
    assert written == compiled, "run: pybabel compile -D kiosko -d kiosks/translations"


@pytest.mark.parametrize("language", ["en", "qu"])
def test_placeholders_survive_translation(language):
    with (CATALOGUES / language / "LC_MESSAGES" / "kiosko.po").open("rb") as po:
        for message in read_po(po):
            if message.id:
                assert sorted(re.findall(r"%\(\w+\)s", message.id)) == sorted(re.findall(r"%\(\w+\)s", message.string))
