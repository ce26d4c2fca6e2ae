"""axe-core in the tests of pages: what it finds wrong on a page as it stands."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.databases import missing

# what moves once is looked at where it comes to rest: a colour half-way is nobody's contrast
AT_REST = """;
for (const one of document.getAnimations()) if (one.effect.getComputedTiming().endTime < Infinity) one.finish();
"""
AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """Each rule broken, with where; one line each."""
    if not AXE.exists():
        missing("axe-core", "make setup")
    found = page.evaluate(AXE.read_text(encoding="utf-8") + AT_REST + "axe.run().then((result) => result.violations)")
    return [f"{one['id']}: {', '.join(str(node['target'][0]) for node in one['nodes'])}" for one in found]
