"""The room's screen, live."""

import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from cac.screens.rules import Screen
from tests.browser.conftest import HURRY, TV, settled, until

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


def test_before_the_first_call_it_says_so(shared_hall):
    screen = shared_hall.screen()
    expect(screen.get_by_text("Aún no hay llamados")).to_be_visible()


def test_a_screen_switched_on_while_the_centre_is_away_says_so_claims_nothing_and_comes_alive_alone(hall, axe):
    screen = hall.page(TV)
    for path in ("**/tablero", "**/ajustes", "**/socket.io.min.js"):
        screen.route(path, lambda route: route.abort())
    hall.pair(screen, "pantalla")
    expect(screen.locator("#normal")).not_to_contain_text("Aún no hay llamados")
    screen.get_by_text("Sin conexión", exact=True).wait_for()
    expect(screen.locator("#normal")).to_be_hidden()
    shown = screen.locator("#sin-conexion")
    expect(shown).to_contain_text("su turno sigue guardado")
    expect(shown).to_contain_text("No disponibles sin conexión")
    assert not re.search(r"(desde|hasta) las", shown.inner_text()), "it never knew anything"
    assert axe(screen) == []
    hall.issue()
    hall.call(2)
    screen.unroute_all()
    expect(screen.locator("[data-part=code]")).to_have_text("A-001")
    expect(shown).to_be_hidden()
    assert screen.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate", "no reload"


def test_an_answer_that_was_overtaken_by_newer_word_changes_nothing(hall):
    screen = hall.page(TV)
    old, held = [], []

    def hold(route):
        """The first board asked for arrives only after a call that it does not know."""
        if old:
            route.continue_()
        else:
            old.append(route.fetch())
            held.append(route)

    screen.route("**/tablero", hold)
    hall.pair(screen, "pantalla")
    until(screen, lambda: held)
    hall.issue()
    hall.call(2)
    expect(screen.locator("[data-part=code]")).to_have_text("A-001")
    until(screen, "window.heard.length === 1")
    held[0].fulfill(response=old[0])
    expect(screen.locator("[data-part=code]")).to_have_text("A-001")
    until(screen, "!document.querySelector('.llamando')", timeout=60_000)
    assert spoken(screen) == ["A-001"] * 2, "nothing is said again"


def test_a_quiet_hour_is_kept_though_the_call_comes_before_the_settings(hall):
    hall.set_screen(Screen(volumes=(0,) * 24))
    screen = hall.page(TV)
    screen.route("**/ajustes", lambda route: route.abort())
    hall.pair(screen, "pantalla")
    hall.issue()
    hall.call(1)
    expect(screen.locator("[data-part=code]")).to_have_text("A-001")
    screen.get_by_text("Sin voz").wait_for()
    screen.unroute_all()
    until(screen, "!document.querySelector('.llamando')", timeout=60_000)
    expect(screen.get_by_text("Sin voz")).to_be_visible()
    assert screen.evaluate("window.heard") == []


def test_a_voice_that_was_heard_is_not_called_mute(hall):
    screen = hall.screen()
    hall.issue()
    hall.call(1)
    until(screen, "window.heard.filter((sound) => sound.ended).length === 3")
    expect(screen.get_by_text("Sin voz")).to_be_hidden()


def test_q12_three_calls_within_a_second_are_each_shown_and_spoken_in_order_for_their_full_time(hall):
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


def test_q14_cut_off_for_ten_seconds_it_says_so_stops_claiming_a_number_and_comes_back_alone(hall):
    screen = hall.screen()
    codes = call_three(hall)
    until(screen, "code => document.querySelector('[data-part=code]').textContent === code", arg=codes[0])
    hall.server.process.send_signal(signal.SIGSTOP)
    try:
        screen.get_by_text("Sin conexión", exact=True).wait_for()
        expect(screen.locator("#normal")).to_be_hidden()
        expect(screen.get_by_text("en voz alta", exact=True)).to_be_visible()
    finally:
        hall.server.process.send_signal(signal.SIGCONT)
    screen.locator("#normal").wait_for()
    expect(screen.locator("[data-part=code]")).to_have_text(codes[-1])


@pytest.mark.slow
def test_q13_back_after_a_lost_network_the_list_is_right_at_once_without_reload_and_old_calls_are_not_spoken(hall):
    screen = hall.screen()
    screen.context.set_offline(True)
    codes, called = call_three(hall), time.monotonic()
    screen.get_by_text("Sin conexión", exact=True).wait_for()
    until(screen, lambda: time.monotonic() - called > 31, timeout=60_000)  # older than what is still worth saying
    screen.context.set_offline(False)
    screen.locator("#normal").wait_for()
    expect(screen.locator("[data-part=code]")).to_have_text(codes[-1])
    expect(screen.locator("#normal [data-part=calls] td:first-child")).to_have_text(codes[1::-1])
    screen.wait_for_timeout(1000)
    assert screen.evaluate("window.heard") == []
    assert screen.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate", "no reload"


def test_q12_twelve_ventanillas_call_at_once_and_none_is_lost_overlapped_or_out_of_order(hall):
    hall.add_ventanillas(8)
    screen = hall.screen(hurried=True)
    for _ in range(12):
        hall.issue("A")
    with ThreadPoolExecutor(12) as pool:
        calls = list(pool.map(hall.call, range(1, 13)))
    codes = [call["ticket"]["code"] for call in sorted(calls, key=lambda call: call["seq"])]
    until(screen, "() => document.querySelectorAll('[data-part=desks] b:not(.vacio)').length === 12", timeout=60_000)
    assert sorted(screen.locator("[data-part=desks] b").all_text_contents()) == sorted(codes), "each by its ventanilla"
    until(screen, "() => window.codes.length === 12 && !document.querySelector('.llamando')", timeout=110_000)
    seen = screen.evaluate("window.codes")
    assert [one for one, _ in seen] == codes
    times = [at for _, at in seen]
    assert all(later - earlier > 3400 / HURRY for earlier, later in zip(times, times[1:], strict=False)), (
        "each has its time"
    )
    said = spoken(screen)
    assert list(dict.fromkeys(said)) == codes, "each is said, in order"
    assert said[-2:] == [codes[-1]] * 2 and len(said) < 2 * 12, "twice only when few wait behind"
    heard = screen.evaluate("window.heard.map((sound) => [sound.at, sound.ended])")
    assert all(end and end <= start + 100 for (_, end), (start, _) in zip(heard, heard[1:], strict=False))
    assert screen.faults == []


def test_the_more_wait_behind_the_shorter_each_is_shown_and_said(shared_hall):
    screen = shared_hall.screen()
    paces = screen.evaluate(
        "import('/static/js/pace.js').then(({ paceOf }) => [0, 2, 3, 5, 6, 11, 50].map((waiting) => paceOf(waiting)))"
    )
    assert [pace["shownMs"] for pace in paces] == [8000, 8000, 5000, 5000, 3500, 3500, 3500]
    assert [pace["twice"] for pace in paces] == [True, True] + [False] * 5
    assert [pace["chime"] for pace in paces] == [True] * 4 + [False] * 3


def test_a_reload_in_the_middle_goes_on_with_those_that_were_not_yet_shown(hall):
    screen = hall.screen()
    codes = call_three(hall)
    until(screen, "code => document.querySelector('[data-part=code]').textContent === code", arg=codes[0])
    with screen.expect_navigation():
        shown = screen.evaluate(
            "() => { location.reload(); return document.querySelector('[data-part=code]').textContent; }"
        )
    left = codes[codes.index(shown) + 1 :]
    until(screen, "code => window.heard.some((sound) => sound.src.includes(`/voz/${code}/`))", arg=left[-1])
    assert list(dict.fromkeys(spoken(screen))) == left


@pytest.mark.parametrize(
    ("ventanillas", "layout"),
    [(1, "una"), (2, "pocas"), (4, "pocas"), (5, "varias"), (8, "varias"), (9, "muchas"), (12, "muchas")],
)
def test_the_screen_holds_a_sala_of_one_to_twelve_ventanillas(shared_hall, axe, ventanillas, layout):
    hall, sala, service = shared_hall, f"sala-{ventanillas}", "HIJKLRSTUVXY"[ventanillas - 1]
    hall.new_sala(sala, ventanillas=ventanillas, letter=service)
    hall.clerk_of(sala)
    screen = settled(hall.screen("?voz=no", sala=sala))
    for number in range(1, ventanillas + 1):
        hall.issue(service)
        hall.call(number)
    for _ in range(6):
        hall.issue(service)
    until(screen, f"() => document.querySelector('#normal').className.includes('{layout}')")
    until(screen, "() => document.querySelector('[data-part=waiting]').textContent === '6'")
    until(screen, "() => document.querySelector('[data-part=code]').textContent")
    wrong = screen.evaluate("""() => [...document.querySelectorAll('#normal *')].filter((one) => {
      const box = one.getBoundingClientRect();
      const holder = one.parentElement.getBoundingClientRect();
      return box.width > 1 && (box.bottom > innerHeight + 1 || box.right > innerWidth + 1 || (one.matches('b, td, p') && box.right > holder.right + 1));
    }).map((one) => one.outerHTML.slice(0, 80))""")
    assert wrong == []
    small = screen.evaluate("""() => [...document.querySelectorAll('#normal [data-part=desks] b:not(.vacio), #normal [data-part=calls] td')]
      .filter((one) => one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 72).length""")
    assert small == 0, "numbers of 23 mm on a 42-inch panel are read at 8 m"
    code = screen.locator("[data-part=code]")
    assert code.evaluate("code => parseFloat(getComputedStyle(code).fontSize) * 0.668 / innerHeight") > 0.25
    assert axe(screen) == []


def test_a_ventanilla_that_is_shut_says_so_in_its_place(hall):
    hall.add_ventanillas(2)
    screen = hall.screen()
    hall.issue()
    hall.call(6)
    until(screen, "() => document.querySelectorAll('[data-part=desks] b:not(.vacio)').length === 1", timeout=40_000)
    places = screen.locator("[data-part=desks] li").all_inner_texts()
    assert [" ".join(place.split()) for place in places] == [f"{n} cerrada" for n in range(1, 6)] + ["6 A-001"]


@pytest.mark.slow
def test_the_playlist_shows_only_while_nobody_is_called_and_never_covers_a_call(hall, axe):
    hall.add_picture()
    screen = hall.screen()
    picture = screen.locator("[data-part=playlist] img")
    picture.wait_for()
    expect(picture).to_have_attribute("alt", "Cartel seagreen")
    expect(screen.locator("#normal .ahora")).to_be_hidden()
    assert axe(screen) == []
    screen.evaluate("""() => {
      window.covered = 0;
      setInterval(() => {
        const calling = document.querySelector('#normal').classList.contains('llamando');
        if (calling && !document.querySelector('[data-part=playlist]').hidden) window.covered += 1;
      }, 20);
    }""")
    hall.issue()
    hall.call(2)
    screen.locator("#normal .ahora").wait_for()
    expect(screen.locator("[data-part=code]")).to_have_text("A-001")
    expect(picture).to_be_hidden()
    picture.wait_for(timeout=90_000)
    assert listed(screen) == ["A-001"], "who was just called still finds the number"
    assert screen.evaluate("window.covered") == 0


def test_what_the_playlist_cannot_show_is_skipped(hall):
    hall.add_picture("maroon")
    (file,) = (path for path in (hall.demo.centro / "medios").iterdir() if path.is_file())
    hall.add_picture("seagreen")
    file.unlink()
    screen = hall.screen()
    screen.locator("[data-part=playlist] img[alt='Cartel seagreen']").wait_for()
    assert screen.faults == []


def test_a_quiet_hour_is_silent_says_so_and_ends_without_touching_the_screen(hall):
    hall.set_screen(Screen(volumes=(0,) * 24))
    screen = hall.screen()
    screen.get_by_text("Sin voz").wait_for()
    hall.issue()
    hall.call(1)
    until(screen, "() => document.querySelector('[data-part=code]').textContent === 'A-001'")
    assert screen.evaluate("window.heard") == []
    hall.set_screen(Screen(volumes=(40,) * 24))
    screen.get_by_text("Sin voz").wait_for(state="hidden")
    hall.issue()
    hall.call(2)
    until(screen, "() => window.heard.length > 0")
    assert screen.evaluate("window.heard[0].volume") == pytest.approx(0.4)


def test_q17_without_internet_the_voice_works_in_spanish_and_one_more_language(hall):
    hall.set_screen(Screen(languages=("en",)))
    screen = hall.page((1920, 1080), device="pantalla")
    asked = []
    screen.on("request", lambda request: asked.append(request.url))
    screen.goto(hall.url + "/pantalla/principal")
    until(screen, "() => document.querySelector('[data-part=nobody]').offsetParent")
    hall.issue()
    hall.call(1)
    until(screen, "() => window.heard.filter((sound) => sound.ended).length === 4")
    heard = screen.evaluate("window.heard.map((sound) => sound.src.split('/').pop())")
    assert heard == ["timbre.wav", "1.wav?idioma=es", "1.wav?idioma=es", "1.wav?idioma=en"]
    outside = [url for url in asked if not url.startswith((hall.url, hall.url.replace("http", "ws"), "data:"))]
    assert not outside, "nothing is asked of anybody else"


def test_a_reload_does_not_speak_again(hall):
    screen = hall.screen()
    hall.issue()
    hall.call(3)
    until(screen, "window.heard.length > 0")
    screen.reload()
    until(screen, "document.querySelector('[data-part=code]').textContent === 'A-001'")
    screen.wait_for_timeout(2000)
    assert spoken(screen) == []


def test_q16_with_its_sounds_failing_screen_and_queue_go_on(hall):
    screen = hall.screen()
    screen.route("**/*.wav*", lambda route: route.abort())
    codes = call_three(hall)
    until(
        screen, "code => document.querySelector('[data-part=code]').textContent === code", arg=codes[-1], timeout=40000
    )
    expect(screen.get_by_text("Sin voz")).to_be_visible()


def test_q16_with_autoplay_blocked_screen_and_queue_go_on(hall, browser):
    hall.browser = browser
    screen = hall.screen().context.new_page()  # nobody ever touched this one
    screen.goto(hall.url + "/pantalla/principal")
    hall.issue()
    hall.call(2)
    expect(screen.locator("[data-part=code]")).to_have_text("A-001")
    screen.get_by_text("Sin voz").wait_for()
    assert spoken(screen) == []


def test_without_the_socket_the_poll_shows_the_same(hall):
    screen = hall.page((1920, 1080), device="pantalla")
    screen.route("**/socket.io/**", lambda route: route.abort())
    screen.route("**/vendor/socket.io.min.js", lambda route: route.abort())
    screen.goto(hall.url + "/pantalla/principal")
    hall.issue()
    hall.call(4)
    until(screen, "document.querySelector('[data-part=code]').textContent === 'A-001'")
    expect(screen.locator("[data-part=ventanilla]")).to_have_text("4")


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


def test_the_line_of_text_is_whole(shared_hall):
    screen = settled(shared_hall.screen())
    screen.evaluate("document.querySelector('[data-part=mute]').hidden = false")  # the longest it gets
    line = screen.locator(".texto")
    assert line.evaluate("line => line.scrollWidth <= line.clientWidth"), line.inner_text()
