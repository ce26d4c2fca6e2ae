// The kiosk: one touch, one ticket. The key of the next ticket is made before it is touched, so a second touch, a repeat
// after a lost answer and a reload of the request are all the same ticket.
import { attach } from "./attach.js";
import { checkIn } from "./check-in.js";
import { play, stop } from "./speak.js";

const PREFERENTE_MS = 20000;
const IDLE_MS = 60000; // nobody touches: the next person finds Spanish and nothing chosen
const RENEW_MS = 10000; // untouched for so long, the first screen may be opened anew
const MORE_S = 30;
const BY_EAR_S = 40; // who listens needs longer than who looks
const ONCE_MS = 1200; // an Enter that chose a tile must not also close the ticket
const POLL_MS = 700;
const ALIVE_MS = 4000;
const PATIENCE_MS = 8000; // an answer later than this is a lost link

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

class Unreachable extends Error {}

attach("dispenser", (body) => {
  const home = document.getElementById("inicio");
  const issued = document.getElementById("turno");
  const cut = document.getElementById("sin-enlace");
  const notice = document.getElementById("aviso");
  const announcement = document.getElementById("anuncio");
  const panel = document.getElementById("cita"); // only where the sala takes appointments
  const preferente = home.querySelector(".preferente");
  const { language, csrf } = body.dataset;
  const startLanguage = "es";
  let key = newKey();
  let busy = false;
  let timers = [];
  let preferenteTimer = null;
  let idleTimer = null;
  let touchedAt = -Infinity;
  let presentedAt = 0;
  let byKeys = false; // whoever is here uses the keypad: what is shown is also said
  let lost = false;

  const ask = async (address, options = {}) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    let answer;
    try {
      answer = await fetch(address, { ...options, signal: patience.signal, headers: { Accept: "application/json", "X-CSRFToken": csrf } });
    } catch {
      throw new Unreachable();
    } finally {
      clearTimeout(timer);
    }
    if (answer.redirected || answer.status === 401 || answer.status === 403) {
      location.reload(); // unpaired meanwhile: the page says how to pair
      throw new Unreachable();
    }
    if (answer.status === 502 || answer.status === 503 || answer.status === 504) throw new Unreachable();
    return { ok: answer.ok, body: await answer.json() };
  };

  const show = (screen) => {
    for (const one of [home, issued, cut, panel]) if (one) one.hidden = one !== screen;
  };

  const setPreferente = (on) => {
    clearTimeout(preferenteTimer);
    preferente.setAttribute("aria-pressed", String(on));
    if (on) preferenteTimer = setTimeout(() => setPreferente(false), PREFERENTE_MS);
  };

  const tell = (text) => {
    notice.textContent = text;
    notice.hidden = !text;
    if (text) timers.push(setTimeout(() => { notice.hidden = true; }, 8000));
  };

  const setKeys = (on) => {
    byKeys = on;
    body.classList.toggle("con-teclado", on); // the tiles show their numbers
  };

  // the next person starts in Spanish; without a server the browser's own error would take the page's place
  const openAnew = () => signal().then(() => { if (!busy && !home.hidden) location.replace("/kiosko"); }, linkLost);

  const goHome = () => {
    timers.forEach(clearTimeout);
    timers = [];
    stop();
    arrival?.stop();
    issued.replaceChildren();
    announcement.textContent = "";
    setPreferente(false);
    setKeys(false);
    key = newKey();
    if (lost) { // opening the page now would leave the browser's own error in its place
      show(cut);
      return;
    }
    if (language !== startLanguage) openAnew();
    show(home);
    tell("");
    home.querySelector("[data-service]")?.focus({ preventScroll: true });
    document.activeElement?.blur();
  };

  const speak = (address) => play(address, 40000).then(touched);
  const speakOne = (one) => speak(`/kiosko/voz/opciones.wav?idioma=${language}&una=${one}`);

  const touched = () => {
    touchedAt = performance.now();
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      const begun = language !== startLanguage || byKeys || preferente.getAttribute("aria-pressed") === "true";
      if (!home.hidden && !busy && begun) goHome();
    }, IDLE_MS);
  };

  // ---- the link ----
  const signal = () => ask("/kiosko/senales", { method: "POST", body: new URLSearchParams({ hora: String(Date.now()) }) });
  const linkLost = () => {
    if (lost) return;
    lost = true;
    if (issued.hidden) show(cut);
    const again = async () => {
      try {
        await signal();
        lost = false;
        if (!cut.hidden) goHome();
      } catch {
        setTimeout(again, ALIVE_MS);
      }
    };
    setTimeout(again, ALIVE_MS);
  };
  setInterval(async () => {
    if (lost || busy) return;
    try {
      const { body: answer } = await signal();
      const untouched = !home.hidden && !busy && performance.now() - touchedAt > RENEW_MS;
      if (untouched && answer.page && answer.page !== body.dataset.mark) location.reload();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      linkLost();
    }
  }, ALIVE_MS);

  // ---- the ticket ----
  let left = 0;
  let whole = 0;
  const countDown = () => {
    const screen = issued.firstElementChild;
    if (!screen) return;
    screen.querySelector("[data-part=seconds]").textContent = String(left);
    screen.querySelector(".barra i").style.width = `${Math.max(0, (100 * left) / whole)}%`;
    if (left <= 0) {
      goHome();
      return;
    }
    timers.push(setTimeout(() => { left -= 1; countDown(); }, 1000));
  };

  const present = ({ html, said }) => {
    timers.forEach(clearTimeout);
    timers = [];
    issued.innerHTML = html;
    announcement.textContent = said;
    presentedAt = performance.now();
    show(issued);
    document.dispatchEvent(new Event("htmx:after:swap")); // the clock of the new screen starts
    const screen = issued.firstElementChild;
    whole = left = Math.max(Number(screen.dataset.seconds), byKeys ? BY_EAR_S : 0);
    countDown();
    if (byKeys || screen.dataset.print === "sin-papel") speak(screen.querySelector("[data-speak]").dataset.speak);
    if (screen.dataset.print !== "impreso") timers.push(setTimeout(watchPaper, POLL_MS));
    screen.querySelector("[data-press=done]").focus({ preventScroll: true });
  };

  const watchPaper = async () => {
    const screen = issued.firstElementChild;
    if (!screen || screen.dataset.print === "impreso") return;
    try {
      const { ok, body: answer } = await ask(`/kiosko/tickets/${screen.dataset.token}?idioma=${language}`);
      if (issued.firstElementChild !== screen) return;
      if (ok && answer.print !== screen.dataset.print) {
        present(answer);
        return;
      }
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      linkLost();
    }
    timers.push(setTimeout(watchPaper, POLL_MS));
  };

  const issue = async (tile) => {
    if (busy || home.hidden) return;
    busy = true;
    tell("");
    tile.setAttribute("aria-busy", "true");
    const form = new URLSearchParams({
      _key: key, service: tile.dataset.service, idioma: language,
      preferente: preferente.getAttribute("aria-pressed") === "true" ? "1" : "",
    });
    try {
      let answer;
      try {
        answer = await ask("/kiosko/tickets", { method: "POST", body: form });
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        answer = await ask("/kiosko/tickets", { method: "POST", body: form }); // once more, same key: same ticket
      }
      if (answer.ok) {
        present(answer.body);
        key = newKey();
        setPreferente(false);
      } else {
        tell(answer.body.detail);
        key = newKey();
      }
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      linkLost();
    } finally {
      busy = false;
      tile.removeAttribute("aria-busy");
    }
  };

  // ---- an appointment's check-in: null when its ticket is shown, else why not ----
  const submitCode = async (text) => {
    const form = new URLSearchParams({
      _key: key, codigo: text, idioma: language, preferente: preferente.getAttribute("aria-pressed") === "true" ? "1" : "",
    });
    const send = () => ask("/kiosko/llegadas", { method: "POST", body: form });
    try {
      const answer = await send().catch((error) => {
        if (!(error instanceof Unreachable)) throw error;
        return send(); // once more, same key: same ticket
      });
      key = newKey();
      if (!answer.ok) return answer.body.detail;
      arrival.stop();
      present(answer.body);
      setPreferente(false);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      arrival.stop();
      linkLost();
    }
    return null;
  };
  const openPanel = () => {
    if (!panel.hidden || lost || busy) return;
    timers.forEach(clearTimeout);
    timers = [];
    show(panel);
    arrival.start();
  };
  const arrival = panel ? checkIn(panel, { submit: submitCode, open: openPanel, leave: goHome }) : null;

  body.addEventListener("click", (event) => {
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.dataset.service) issue(button);
    else if (button.dataset.press === "cita") openPanel();
    else if (button === preferente) setPreferente(preferente.getAttribute("aria-pressed") !== "true");
    else if (button.dataset.speak) speak(button.dataset.speak);
    else if (button.dataset.press === "done") {
      if (event.detail || performance.now() - presentedAt > ONCE_MS) goHome();
    } else if (button.dataset.press === "more") {
      left = Math.min(left + MORE_S, 180);
      whole = Math.max(whole, left);
    }
  });
  body.addEventListener("pointerdown", () => {
    setKeys(false);
    touched();
  });

  // ---- keypad: 1-8 the tiles in reading order, 9 preferente, + an appointment, 0 says it again, arrows and Enter; Escape ends the ticket's screen ----
  const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  // the nearest control that way, those in line with this one first
  const move = ([right, down], screen) => {
    const here = screen.contains(document.activeElement) ? document.activeElement : null;
    const all = [...screen.querySelectorAll("button:not([disabled]), a[href]")];
    if (!here) return all[0];
    const from = here.getBoundingClientRect();
    const reached = all.map((element) => {
      const to = element.getBoundingClientRect();
      const beside = Math.max(0, to.left - from.right, from.left - to.right);
      const above = Math.max(0, to.top - from.bottom, from.top - to.bottom);
      const along = right ? right * (to.left - from.left) : down * (to.top - from.top);
      return { element, along, far: along + 3 * (right ? above : beside) + Math.abs(right ? to.top - from.top : to.left - from.left) / 10 };
    }).filter((one) => one.element !== here && one.along > 4);
    return reached.length ? reached.sort((one, other) => one.far - other.far)[0].element : here;
  };

  const sayFocused = (element) => {
    if (element.dataset.service) speakOne(element.dataset.service);
    else if (element === preferente) speakOne("preferente");
    else if (element.dataset.press === "cita") speakOne("cita");
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    touched();
    if (panel && !panel.hidden) return arrival.key(event);
    // a keypad's digits are digits, whatever its NumLock says
    const digit = /^Numpad\d$/.test(event.code) ? event.code.slice(-1) : event.key;
    const screen = [home, issued].find((one) => !one.hidden);
    if (!screen) return;
    const pad = /^[0-9+*]$/.test(digit) || DIRECTIONS[event.key] || event.key === "Enter";
    if (pad) setKeys(true);
    if (digit === "0" || event.key === "*") screen.querySelector("[data-speak]").click();
    else if (/^[1-9]$/.test(digit)) {
      if (screen !== home) return;
      const chosen = home.querySelector(`[data-key="${digit}"]`);
      if (chosen === preferente) {
        chosen.click();
        if (preferente.getAttribute("aria-pressed") === "true") speakOne("elegido");
      } else if (chosen && !chosen.disabled) chosen.click();
      else if (chosen) speakOne(chosen.dataset.service);
    } else if (event.code.startsWith("Numpad") === false && DIRECTIONS[event.key]) {
      event.preventDefault();
      const next = move(DIRECTIONS[event.key], screen);
      next.focus({ preventScroll: true });
      sayFocused(next);
    } else if (event.key === "Enter" && !screen.contains(document.activeElement)) {
      screen.querySelector("[data-speak]").click();
    } else if (screen === issued && ["Escape", "Backspace", "NumpadDecimal"].includes(event.code)) goHome();
    else if (event.key === "+") screen.querySelector("[data-press=more], [data-press=cita]")?.click();
  });
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  window.addEventListener("offline", linkLost);
});
