"""What a screen and a kiosk run must work on a browser of 2021: nothing newer in their scripts and sheets."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ["attach", "clock", "display", "pace", "playlist", "speak", "dispenser"]
SHEETS = ["tokens", "base", "fonts", "pantalla", "kiosko"]

# newer than Chromium 95
NEWER_SCRIPT = re.compile(
    r"\.at\(|\.findLast|\.toSorted\(|\.toReversed\(|\.toSpliced\(|\.with\(|structuredClone|Object\.(groupBy|hasOwn)\b|"
    r"AbortSignal\.(timeout|any)|Promise\.withResolvers|Array\.fromAsync|\.popover|showPopover|startViewTransition|"
    r"\.isSubsetOf\(|\.union\(|scheduler\.|URL\.canParse|#\w+ in "
)
NEWER_SHEET = re.compile(
    r":has\(|@container|@layer|@scope|@starting-style|color-mix\(|oklch\(|\d[dsl]v[hw]\b|"
    r"accent-color: auto|subgrid|animation-timeline|text-box|^\s*&",
    re.MULTILINE,
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_uses_nothing_newer(name: str):
    assert not NEWER_SCRIPT.findall((ROOT / "static" / "js" / f"{name}.js").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_uses_nothing_newer(name: str):
    assert not NEWER_SHEET.findall((ROOT / "static" / "css" / f"{name}.css").read_text(encoding="utf-8"))


def test_every_script_of_the_screen_and_the_kiosk_is_looked_at():
    read = {name: (ROOT / "static" / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS}
    imported = {found for text in read.values() for found in re.findall(r'from "\./(\w+)\.js"', text)}
    assert imported <= set(SCRIPTS)
