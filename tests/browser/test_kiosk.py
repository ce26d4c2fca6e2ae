"""The kiosk as a person touches it."""

import pytest

from tests.browser.conftest import DESK, KIOSK, KIOSK_WIDE, until

pytestmark = pytest.mark.browser


def issued_today(hall) -> int:
    """How many tickets exist: the next code of each series tells."""
    return int(hall.issue("A")["code"].split("-")[1]) - 1


def test_one_touch_issues_prints_and_comes_back_by_itself(hall):
    kiosk = hall.kiosk()
    kiosk.locator("[data-service=A]").click()
    kiosk.get_by_text("Recoja su ticket").last.wait_for()
    assert kiosk.locator("#turno .codigo").inner_text() == "A-001"
    assert kiosk.locator("#turno .celular img").evaluate("img => img.complete && img.naturalWidth > 0")
    kiosk.locator("[data-press=done]").click()
    assert kiosk.locator("#inicio").is_visible() and not kiosk.locator("#turno").is_visible()
    assert kiosk.faults == []


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
def test_no_language_pushes_its_keys_off_the_screen(hall, size):
    kiosk = hall.kiosk(size)
    for language in ("es", "qu", "en"):
        kiosk.goto(f"{kiosk.url.split('?')[0]}?idioma={language}")
        below = kiosk.locator(".inicio-pie").evaluate("foot => foot.getBoundingClientRect().bottom - innerHeight")
        cut = kiosk.locator(".servicio-tecla b").evaluate_all(
            "words => words.filter(w => w.scrollWidth > w.clientWidth).length"
        )
        assert below <= 1 and not cut, language


def test_a_double_tap_is_one_ticket(hall):
    kiosk = hall.kiosk()
    kiosk.evaluate("const tile = document.querySelector('[data-service=A]'); tile.click(); tile.click(); tile.click();")
    kiosk.locator("#turno .codigo").wait_for()
    kiosk.wait_for_timeout(500)
    assert issued_today(hall) == 1


def test_after_a_ticket_the_next_person_gets_another(hall):
    kiosk = hall.kiosk()
    for code in ("A-001", "A-002"):
        kiosk.locator("[data-service=A]").click()
        kiosk.locator("#turno .codigo").wait_for()
        assert kiosk.locator("#turno .codigo").inner_text() == code
        kiosk.locator("[data-press=done]").click()


def test_the_preferente_button_is_for_one_ticket(hall):
    kiosk = hall.kiosk()
    kiosk.locator(".preferente").click()
    assert kiosk.locator(".preferente").get_attribute("aria-pressed") == "true"
    kiosk.locator("[data-service=B]").click()
    kiosk.locator("#turno .codigo").wait_for()
    assert kiosk.locator("#turno .codigo").inner_text() == "P-001"
    kiosk.locator("[data-press=done]").click()
    assert kiosk.locator(".preferente").get_attribute("aria-pressed") == "false"


def test_the_keypad_does_what_touch_does(hall):
    kiosk = hall.kiosk()
    kiosk.keyboard.press("*")
    until(kiosk, "window.heard.length === 1")
    assert "/kiosko/voz/opciones.wav" in kiosk.evaluate("window.heard[0].src")
    kiosk.keyboard.press("0")
    kiosk.keyboard.press("2")
    kiosk.locator("#turno .codigo").wait_for()
    assert kiosk.locator("#turno .codigo").inner_text() == "P-001"
    kiosk.keyboard.press("Escape")
    assert kiosk.locator("#inicio").is_visible()


def test_tab_and_enter_reach_every_tile_with_a_visible_focus(hall):
    kiosk = hall.kiosk()
    reached = set()
    for _ in range(14):
        kiosk.keyboard.press("Tab")
        reached.add(kiosk.evaluate("document.activeElement.dataset.service || document.activeElement.className"))
        width = kiosk.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width != "0px"
    assert set("ABCDEF") <= reached and "preferente" in reached


def test_without_paper_the_number_shows_and_is_spoken_and_the_kiosk_stays(hall):
    hall.break_printer()
    kiosk = hall.kiosk()
    kiosk.locator("[data-service=A]").click()
    kiosk.get_by_text("Su turno vale igual.").wait_for()
    assert kiosk.locator("#turno .codigo").inner_text() == "A-001"
    assert kiosk.get_by_text("Ya avisamos al personal").is_visible()
    until(kiosk, "window.heard.some((sound) => sound.src.includes('/kiosko/voz/turno/'))")
    before = int(kiosk.locator("[data-part=seconds]").inner_text())
    kiosk.locator("[data-press=more]").click()
    kiosk.wait_for_timeout(1100)
    assert int(kiosk.locator("[data-part=seconds]").inner_text()) > before
    kiosk.locator("[data-press=done]").click()
    assert kiosk.url.endswith("/kiosko") and kiosk.locator("#inicio").is_visible()


def test_with_the_link_lost_it_says_so_points_to_the_desk_and_recovers_alone(hall):
    kiosk = hall.kiosk()
    kiosk.context.set_offline(True)
    kiosk.get_by_text("Este equipo está sin conexión").wait_for()
    assert kiosk.get_by_text("Acérquese a informes").is_visible()
    kiosk.context.set_offline(False)
    kiosk.locator("[data-service=A]").wait_for()
    kiosk.locator("[data-service=A]").click()
    kiosk.locator("#turno .codigo").wait_for()


def test_the_languages_change_every_word_and_the_next_person_finds_spanish(hall):
    kiosk = hall.kiosk()
    kiosk.get_by_role("link", name="English").click()
    assert kiosk.get_by_text("Touch what you need").is_visible()
    assert kiosk.locator("html").get_attribute("lang") == "en"
    kiosk.locator("[data-service=A]").click()
    kiosk.get_by_text("Your ticket is").wait_for()
    kiosk.locator("[data-press=done]").click()
    kiosk.get_by_text("Toque lo que necesita").wait_for()


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
def test_everything_touched_is_large_and_low_and_nothing_scrolls(hall, size):
    kiosk = hall.kiosk(size)
    targets = kiosk.locator("#inicio button, #inicio a").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect())"
    )
    assert len(targets) >= 11
    assert all(box["height"] >= 88 and box["width"] >= 120 for box in targets)
    assert all(box["bottom"] <= size[1] for box in targets)
    if size == KIOSK:
        assert all(box["top"] >= size[1] / 3 for box in targets)
    assert not kiosk.evaluate("document.documentElement.scrollHeight > innerHeight")


def test_an_open_page_is_a_kiosk_alive_for_the_supervisor(hall):
    kiosk = hall.kiosk()
    with kiosk.expect_response("**/kiosko/senales") as answer:
        pass
    assert answer.value.ok
    supervisor = hall.page(DESK, path="/entrar")
    supervisor.fill("#username", "supervisor1")
    supervisor.fill("#password", "demo-supervisor")
    supervisor.press("#password", "Enter")
    supervisor.goto(hall.url + "/supervisor")
    assert "Bien" in supervisor.locator("tr, li").filter(has_text="kiosko").first.inner_text()
