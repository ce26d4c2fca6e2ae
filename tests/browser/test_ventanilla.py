"""The clerk's page, where what arrives late must not take what the clerk is doing."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import until

pytestmark = pytest.mark.browser


def test_a_case_sheet_that_arrives_late_leaves_open_what_the_clerk_opened_meanwhile(hall):
    hall.issue()
    page = hall.signed_in("ventanilla")
    page.goto(hall.url + "/ventanilla")
    page.get_by_role("button", name="Ventanilla 1").click()
    page.locator("main[data-ready]").wait_for()
    late = []
    page.route("**/expedientes/nuevo?turno=*", lambda route: late.append(route))
    turn = page.locator("#turno header")
    for key, said in (("F2", "Llamado"), ("F4", "En atención")):
        page.locator(f'[data-key="{key}"]:not([disabled])').wait_for()
        page.keyboard.press(key)
        expect(turn).to_contain_text(said)
    until(page, lambda: late)
    page.keyboard.press("F8")
    opened = page.locator("details[open] .hoja")
    expect(opened.locator("[type=radio]").first).to_be_focused()
    late[0].continue_()
    expect(page.locator("#document_number")).to_be_visible()
    expect(opened.locator("[type=radio]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
