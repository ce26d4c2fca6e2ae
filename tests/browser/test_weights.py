"""Pages stay light enough for a cheap phone (`python -m bench pages` lists them all)."""

from __future__ import annotations

import pytest

from bench.pages import OWN_KB_MAX, PHONE_KB_MAX, weigh
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/", "/tramites", "/tramites/RC-01", "/seguimiento"])
def test_a_citizens_page_is_under_a_hundred_kilobytes(shared_hall, path):
    assert weigh(shared_hall.page(PHONE), shared_hall.url + path).kb < PHONE_KB_MAX


def test_the_phone_that_follows_a_turn_loads_little_and_less_the_second_time(shared_hall):
    page = shared_hall.page(PHONE)
    address = shared_hall.url + "/t/" + shared_hall.issue()["follow_url"].rsplit("/", 1)[1]
    first, again = weigh(page, address), weigh(page, address)
    assert first.kb < PHONE_KB_MAX
    assert again.kb < first.kb / 3


def test_the_kiosk_is_under_a_hundred_kilobytes_without_its_vendor_files(shared_hall):
    page = shared_hall.page((1080, 1920), device="kiosko")
    assert weigh(page, shared_hall.url + "/kiosko").own_kb < OWN_KB_MAX
