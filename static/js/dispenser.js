// The kiosk: one touch, one ticket. The key of the next ticket is made before it is touched, so a second touch, a repeat
// after a lost answer and a reload of the request are all the same ticket.
import { attach } from "./attach.js";
import { play, stop } from "./speak.js";

const PREFERENTE_MS = 20000;
const MORE_S = 30;
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
  const preferente = home.querySelector(".preferente");
  const { language, csrf } = body.dataset;
  const startLanguage = "es";
  let key = newKey();
  let busy = false;
  let timers = [];
  let preferenteTimer = null;

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
    for (const one of [home, issued, cut]) one.hidden = one !== screen;
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

  const goHome = () => {
    timers.forEach(clearTimeout);
    timers = [];
    stop();
    issued.replaceChildren();
    setPreferente(false);
    key = newKey();
    if (language !== startLanguage) location.replace("/kiosko"); // the next person starts in Spanish
    show(home);
    home.querySelector("[data-service]")?.focus({ preventScroll: true });
    document.activeElement?.blur();
  };

  // ---- the link ----
  const signal = () => ask("/kiosko/senales", { method: "POST" });
  let lost = false;
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
      await signal();
    } catch {
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
      if (lost) { issued.replaceChildren(); show(cut); } else goHome();
      return;
    }
    timers.push(setTimeout(() => { left -= 1; countDown(); }, 1000));
  };

  const present = (html) => {
    timers.forEach(clearTimeout);
    timers = [];
    issued.innerHTML = html;
    show(issued);
    document.dispatchEvent(new Event("htmx:after:swap")); // the clock of the new screen starts
    const screen = issued.firstElementChild;
    whole = left = Number(screen.dataset.seconds);
    countDown();
    if (screen.dataset.print === "sin-papel") speak(screen.querySelector("[data-speak]").dataset.speak);
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
        present(answer.html);
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
        present(answer.body.html);
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

  const speak = (address) => play(address, 40000);

  body.addEventListener("click", (event) => {
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.dataset.service) issue(button);
    else if (button === preferente) setPreferente(preferente.getAttribute("aria-pressed") !== "true");
    else if (button.dataset.speak) speak(button.dataset.speak);
    else if (button.dataset.press === "done") goHome();
    else if (button.dataset.press === "more") {
      left = Math.min(left + MORE_S, 180);
      whole = Math.max(whole, left);
    }
  });

  // keypad: 1-8 are the tiles in reading order, 0 preferente, * listen; Escape or Enter ends the ticket's screen
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (!issued.hidden) {
      if (event.key === "Escape") goHome();
      if (event.key === "*") issued.querySelector("[data-speak]")?.click();
      return;
    }
    if (home.hidden) return;
    if (event.key === "0") preferente.click();
    else if (event.key === "*") home.querySelector("[data-speak]").click();
    else if (/^[1-8]$/.test(event.key)) home.querySelectorAll("[data-service]")[Number(event.key) - 1]?.click();
  });
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  window.addEventListener("offline", linkLost);
});
