"""The room's screen, live."""

import re
import signal

import pytest

from tests.browser.conftest import until

pytestmark = pytest.mark.browser


def code(screen) -> str:
    return screen.locator("[data-part=code]").text_content()


def spoken(screen) -> list[str]:
    """What was said, in order, without the chime."""
    sources = screen.evaluate("window.heard.map((sound) => sound.src)")
    return [found[1] for source in sources if (found := re.search(r"/voz/([A-Z]+-\d+)/", source))]


def listed(screen) -> list[str]:
    return screen.locator("#normal [data-part=calls] td:first-child").all_text_contents()


def call_three(hall) -> list[str]:
    for _ in range(3):
        hall.issue("A")
    return [hall.call(ventanilla)["ticket"]["code"] for ventanilla in (1, 2, 3)]


def test_before_the_first_call_it_says_so(hall):
    screen = hall.screen()
    assert screen.get_by_text("Aún no hay llamados").is_visible()


def test_three_calls_at_once_are_each_shown_and_spoken_twice_in_order(hall):
    screen = hall.screen()
    codes = call_three(hall)
    voices = "window.heard.filter((sound) => sound.src.includes('/voz/') && sound.ended).length"
    until(screen, f"{voices} === 6", timeout=90000)
    seen = screen.evaluate("window.codes")
    assert [one for one, _ in seen] == codes
    times = [at for _, at in seen]
    assert all(later - earlier > 7900 for earlier, later in zip(times, times[1:], strict=False)), times
    assert spoken(screen) == [one for one in codes for _ in range(2)]
    times = screen.evaluate("window.heard.map((sound) => [sound.at, sound.ended])")
    assert all(end <= start + 100 for (_, end), (start, _) in zip(times, times[1:], strict=False)), (
        "never two voices at once"
    )
    assert listed(screen) == codes[1::-1]
    assert screen.faults == []


def test_cut_off_it_stops_claiming_after_ten_seconds_and_comes_back_alone(hall):
    screen = hall.screen()
    codes = call_three(hall)
    until(screen, "code => document.querySelector('[data-part=code]').textContent === code", arg=codes[0])
    hall.server.process.send_signal(signal.SIGSTOP)
    try:
        screen.get_by_text("Sin conexión", exact=True).wait_for()
        assert not screen.locator("#normal").is_visible()
        assert screen.get_by_text("en voz alta", exact=True).is_visible()
    finally:
        hall.server.process.send_signal(signal.SIGCONT)
    screen.locator("#normal").wait_for()
    assert code(screen) == codes[-1]


@pytest.mark.slow
def test_back_after_a_while_the_list_is_right_at_once_and_old_calls_are_not_spoken(hall):
    screen = hall.screen()
    screen.context.set_offline(True)
    codes = call_three(hall)
    screen.wait_for_timeout(33000)
    screen.context.set_offline(False)
    screen.locator("#normal").wait_for()
    assert code(screen) == codes[-1] and listed(screen) == codes[1::-1]
    screen.wait_for_timeout(3000)
    assert spoken(screen) == []
    assert screen.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate", "no reload"


def test_a_reload_does_not_speak_again(hall):
    screen = hall.screen()
    hall.issue()
    hall.call(3)
    until(screen, "window.heard.length > 0")
    screen.reload()
    until(screen, "document.querySelector('[data-part=code]').textContent === 'A-001'")
    screen.wait_for_timeout(2000)
    assert spoken(screen) == []


def test_with_its_sounds_failing_the_screen_goes_on(hall):
    screen = hall.screen()
    screen.route("**/*.wav*", lambda route: route.abort())
    codes = call_three(hall)
    until(
        screen, "code => document.querySelector('[data-part=code]').textContent === code", arg=codes[-1], timeout=40000
    )
    assert screen.get_by_text("Sin voz").is_visible()


def test_a_browser_that_blocks_sound_shows_every_call(hall, browser):
    hall.browser = browser
    screen = hall.screen()
    hall.issue()
    hall.call(2)
    until(screen, "document.querySelector('[data-part=code]').textContent === 'A-001'")
    screen.get_by_text("Sin voz").wait_for()


def test_without_the_socket_the_poll_shows_the_same(hall):
    screen = hall.page((1920, 1080), device="pantalla")
    screen.route("**/socket.io/**", lambda route: route.abort())
    screen.route("**/vendor/socket.io.min.js", lambda route: route.abort())
    screen.goto(hall.url + "/pantalla/principal")
    hall.issue()
    hall.call(4)
    until(screen, "document.querySelector('[data-part=code]').textContent === 'A-001'")
    assert screen.locator("[data-part=ventanilla]").inner_text() == "4"


def test_two_screens_show_the_same_call(hall):
    first, second = hall.screen(), hall.screen("?voz=no")
    hall.issue()
    hall.call(1)
    for screen in (first, second):
        until(screen, "document.querySelector('[data-part=code]').textContent === 'A-001'")
    assert spoken(second) == []


def test_no_screen_carries_a_name(hall):
    screen = hall.screen()
    hall.issue()
    hall.call(1)
    until(screen, "document.querySelector('[data-part=code]').textContent === 'A-001'")
    assert "Rosa" not in screen.content() and "prueba" not in screen.locator("body").inner_text()


def test_the_line_of_text_is_whole(hall):
    screen = hall.screen()
    screen.evaluate("document.querySelector('[data-part=mute]').hidden = false")  # the longest it gets
    line = screen.locator(".texto")
    assert line.evaluate("line => line.scrollWidth <= line.clientWidth"), line.inner_text()
