"""The kiosk as a person touches it."""

import pytest
import requests
from playwright.sync_api import expect

from printing.decoder import decode
from tests.browser.conftest import KIOSK, KIOSK_WIDE, settled, until

pytestmark = pytest.mark.browser


def issued_today(hall) -> int:
    """How many tickets exist: the next code of each series tells."""
    return int(hall.issue("A")["code"].split("-")[1]) - 1


def test_one_touch_issues_prints_and_comes_back_by_itself(hall):
    kiosk = hall.kiosk()
    kiosk.locator("[data-service=A]").click()
    kiosk.get_by_text("Recoja su ticket").last.wait_for()
    expect(kiosk.locator("#turno .codigo")).to_have_text("A-001")
    until(kiosk, "document.querySelector('#turno .celular img').naturalWidth > 0")
    kiosk.locator("[data-press=done]").click()
    expect(kiosk.locator("#inicio")).to_be_visible()
    expect(kiosk.locator("#turno")).to_be_hidden()
    assert kiosk.faults == []


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
def test_no_language_pushes_its_keys_off_the_screen(shared_hall, size):
    kiosk = shared_hall.kiosk(size)
    for language in ("es", "qu", "en"):
        kiosk.goto(f"{kiosk.url.split('?')[0]}?idioma={language}")
        settled(kiosk)
        below = kiosk.locator(".inicio-pie").evaluate("foot => foot.getBoundingClientRect().bottom - innerHeight")
        steps = kiosk.locator(".pasos").evaluate(
            "steps => steps.getBoundingClientRect().bottom - document.querySelector('.greca').getBoundingClientRect().top"
        )
        assert steps <= 0, f"{language}: the cover hides how it is used"
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
        expect(kiosk.locator("#turno .codigo")).to_have_text(code)
        kiosk.locator("[data-press=done]").click()


def test_the_preferente_button_is_for_one_ticket(hall):
    kiosk = hall.kiosk()
    kiosk.locator(".preferente").click()
    expect(kiosk.locator(".preferente")).to_have_attribute("aria-pressed", "true")
    kiosk.locator("[data-service=B]").click()
    kiosk.locator("#turno .codigo").wait_for()
    expect(kiosk.locator("#turno .codigo")).to_have_text("P-001")
    kiosk.locator("[data-press=done]").click()
    expect(kiosk.locator(".preferente")).to_have_attribute("aria-pressed", "false")


def heard(kiosk) -> list[str]:
    return kiosk.evaluate("window.heard.map((sound) => sound.src.split('/kiosko/voz/').pop())")


def test_the_keypad_does_what_touch_does_and_says_the_turn(hall):
    kiosk = hall.kiosk()
    kiosk.keyboard.press("0")
    until(kiosk, "window.heard.length === 1")
    assert heard(kiosk) == ["opciones.wav?idioma=es"]
    kiosk.keyboard.press("9")
    until(kiosk, "window.heard.length === 2")
    assert heard(kiosk)[1] == "opciones.wav?idioma=es&una=elegido"
    kiosk.keyboard.press("2")
    kiosk.locator("#turno .codigo").wait_for()
    expect(kiosk.locator("#turno .codigo")).to_have_text("P-001")
    until(kiosk, "window.heard.some((sound) => sound.src.includes('/kiosko/voz/turno/'))")
    said = len(heard(kiosk))
    kiosk.keyboard.press("0")
    until(kiosk, f"window.heard.length > {said}")
    assert heard(kiosk)[-1].startswith("turno/"), "0 says it again"
    assert kiosk.locator("#anuncio").inner_text().startswith("Su turno es P 1.")
    kiosk.keyboard.press("Escape")
    expect(kiosk.locator("#inicio")).to_be_visible()


def test_arrows_and_enter_choose_and_each_option_is_said(hall):
    kiosk = hall.kiosk()
    kiosk.keyboard.press("Enter")
    until(kiosk, "window.heard.length === 1")
    assert heard(kiosk) == ["opciones.wav?idioma=es"], "Enter on nothing says what there is"
    focused = "document.activeElement.dataset.service || document.activeElement.className"
    reached = []
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown", "ArrowDown"):
        kiosk.keyboard.press(key)
        reached.append(kiosk.evaluate(focused))
    assert reached == ["A", "B", "D", "C", "E", "preferente"]
    until(kiosk, "window.heard.some((sound) => sound.src.includes('una=preferente'))")
    kiosk.keyboard.press("ArrowUp")
    chosen = kiosk.evaluate(focused)
    kiosk.evaluate("""() => {
      const turn = document.getElementById("turno");
      const press = () => { window.pressed = turn.querySelector("[data-press=done]"); window.pressed?.click(); };
      new MutationObserver(press).observe(turn, { childList: true });
    }""")  # as soon as it is there: the Enter that came too late
    kiosk.keyboard.press("Enter")
    kiosk.keyboard.press("Enter")
    until(kiosk, "Boolean(window.pressed)")
    expect(kiosk.locator("#turno .codigo"), "an Enter too many does not close the ticket").to_have_text(f"{chosen}-001")


def test_a_keypad_without_numlock_still_gives_digits(hall):
    kiosk = hall.kiosk()
    kiosk.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', code: 'Numpad2', bubbles: true}))"
    )
    kiosk.locator("#turno .codigo").wait_for()
    expect(kiosk.locator("#turno .codigo")).to_have_text("B-001")


def test_the_tiles_show_their_numbers_only_to_who_uses_the_keypad(shared_hall):
    kiosk = shared_hall.kiosk()
    badge = "getComputedStyle(document.querySelector('[data-service=C]'), '::after').content"
    assert kiosk.evaluate(badge) == "none"
    kiosk.keyboard.press("ArrowDown")
    assert kiosk.evaluate(badge) == '"3"'
    kiosk.locator(".hola").click()
    assert kiosk.evaluate(badge) == "none"


def test_untouched_for_a_minute_it_returns_to_spanish_with_nothing_chosen(shared_hall):
    kiosk = shared_hall.page(KIOSK, device="kiosko")
    kiosk.clock.install()
    kiosk.goto(shared_hall.url + "/kiosko?idioma=en")
    kiosk.get_by_text("Touch what you need").wait_for()
    kiosk.locator(".preferente").click()
    kiosk.clock.fast_forward(61_000)
    kiosk.get_by_text("Toque lo que necesita").wait_for()
    expect(kiosk.locator(".preferente")).to_have_attribute("aria-pressed", "false")


def test_what_changes_in_the_setup_is_shown_without_touching_the_kiosk(hall):
    kiosk = hall.kiosk()
    expect(kiosk.get_by_text("Programas sociales")).to_have_count(0)
    hall.rename_service("F", "Programas sociales")
    kiosk.get_by_text("Programas sociales").wait_for()


@pytest.mark.parametrize(("language", "day"), [("es", " de "), ("en", "day "), ("qu", " punchaw")])
def test_the_date_is_in_the_language_of_the_page(shared_hall, language, day):
    kiosk = shared_hall.page(KIOSK, device="kiosko", path=f"/kiosko?idioma={language}")
    until(kiosk, "document.querySelector('#inicio [data-part=day]').textContent")
    assert day in kiosk.locator("#inicio [data-part=day]").inner_text()


def test_a_kiosk_in_english_that_loses_its_link_still_says_so(shared_hall):
    kiosk = shared_hall.page(KIOSK, device="kiosko", path="/kiosko?idioma=en")
    until(kiosk, "Boolean(document.body.started)")
    kiosk.locator("[data-service=A]").click()
    kiosk.locator("#turno .codigo").wait_for()
    kiosk.evaluate("window.addEventListener('offline', (event) => event.stopImmediatePropagation(), true)")  # not told
    kiosk.context.set_offline(True)
    kiosk.locator("[data-press=done]").click()
    kiosk.locator("#sin-enlace").wait_for()
    kiosk.context.set_offline(False)
    kiosk.get_by_text("Toque lo que necesita").wait_for()


def test_the_kiosk_of_another_sala_gives_the_tickets_of_that_sala(hall):
    hall.new_sala("norte", ventanillas=1)
    kiosk = hall.page(KIOSK, device="kiosko", sala="norte", path="/kiosko")
    assert kiosk.locator("[data-service]").evaluate_all("all => all.map((one) => one.dataset.service)") == ["K"]
    screen = hall.screen(sala="norte")
    kiosk.locator("[data-service=K]").click()
    kiosk.locator("#turno .codigo").wait_for()
    expect(kiosk.locator("#turno .codigo")).to_have_text("K-001")
    until(screen, "document.querySelector('[data-part=next]').textContent === 'K-001'")


def test_tab_and_enter_reach_every_tile_with_a_visible_focus(shared_hall):
    kiosk = shared_hall.kiosk()
    reached = set()
    for _ in range(14):
        kiosk.keyboard.press("Tab")
        reached.add(kiosk.evaluate("document.activeElement.dataset.service || document.activeElement.className"))
        width = kiosk.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width != "0px"
    assert set("ABCDEF") <= reached and "preferente" in reached


def test_q7_out_of_paper_the_number_shows_and_is_spoken_the_job_waits_staff_are_alerted_and_the_kiosk_stays(hall):
    hall.break_printer()
    kiosk = hall.kiosk()
    kiosk.locator("[data-service=A]").click()
    kiosk.locator("#turno .sin-papel").wait_for()
    expect(kiosk.locator("#turno .codigo")).to_have_text("A-001")
    expect(kiosk.get_by_text("Ya avisamos al personal")).to_be_visible()
    until(kiosk, "window.heard.some((sound) => sound.src.includes('/kiosko/voz/turno/'))")
    until(kiosk, lambda: hall.print_jobs() == [("no_enviada", 0)])
    supervisor = hall.signed_in("supervisor")
    expect(supervisor.locator(".alertas li").filter(has_text="kiosko").first).to_be_visible()
    before = int(kiosk.locator("[data-part=seconds]").inner_text())
    kiosk.locator("[data-press=more]").click()
    until(kiosk, "before => Number(document.querySelector('[data-part=seconds]').textContent) > before", before)
    kiosk.locator("[data-press=done]").click()
    expect(kiosk.locator("#inicio")).to_be_visible()
    assert kiosk.url.endswith("/kiosko")


def test_q8_with_paper_back_a_reprint_is_the_same_number_marked_as_copy_once_per_press_and_logged(hall):
    hall.break_printer()
    kiosk = hall.kiosk()
    kiosk.locator("[data-service=A]").click()
    kiosk.locator("#turno .sin-papel").wait_for()
    hall.mend_printer()
    kiosk.get_by_text("Recoja su ticket").last.wait_for(timeout=60_000)
    until(kiosk, lambda: hall.print_jobs() == [("confirmada", 0)])
    token = hall.demo.token("orientador")
    for _ in range(2):  # the same press, told twice by a bad link
        answer = requests.post(
            f"{hall.url}/api/v1/impresiones/1/reimpresiones",
            json={},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "one press"},
            timeout=30,
        )
        assert answer.status_code in (200, 201), answer.text
    until(kiosk, lambda: hall.print_jobs() == [("confirmada", 0), ("confirmada", 1)])
    first, copy = (decode(path.read_bytes()).text for path in hall.papers())
    assert "REIMPRESIÓN 1" in copy and "REIMPRESIÓN" not in first
    assert "A-001" in first and "A-001" in copy
    assert hall.logged("impresion.copia") == 1


def test_with_the_link_lost_it_says_so_points_to_the_desk_and_recovers_alone(shared_hall):
    kiosk = shared_hall.kiosk()
    kiosk.context.set_offline(True)
    kiosk.get_by_text("Este equipo está sin conexión").wait_for()
    expect(kiosk.get_by_text("Acérquese a informes")).to_be_visible()
    kiosk.context.set_offline(False)
    kiosk.locator("[data-service=A]").wait_for()
    kiosk.locator("[data-service=A]").click()
    kiosk.locator("#turno .codigo").wait_for()


def test_the_languages_change_every_word_and_the_next_person_finds_spanish(shared_hall):
    kiosk = shared_hall.kiosk()
    kiosk.get_by_role("link", name="English").click()
    expect(kiosk.get_by_text("Touch what you need")).to_be_visible()
    expect(kiosk.locator("html")).to_have_attribute("lang", "en")
    until(kiosk, "Boolean(document.body.started)")
    kiosk.locator("[data-service=A]").click()
    kiosk.locator("#turno").get_by_text("Your ticket is").wait_for()
    kiosk.locator("[data-press=done]").click()
    kiosk.get_by_text("Toque lo que necesita").wait_for()


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
def test_everything_touched_is_large_and_low_and_nothing_scrolls(shared_hall, size):
    kiosk = settled(shared_hall.kiosk(size))
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
    supervisor = hall.signed_in("supervisor")
    expect(supervisor.locator("tr, li").filter(has_text="kiosko").first).to_contain_text("Bien")
