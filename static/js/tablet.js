// The tablet beside a ventanilla: asks when an attention ends and goes back by itself. Nothing is swapped under a person's
// hands: once a face is touched the answer stays until it is sent, by its button or alone after a while of stillness.
import { attach } from "./attach.js";

const POLL_MS = 2000;
const SIGNAL_MS = 15000;
const THANKS_MS = 6000;
const STILL_S = 20;
const STRANGER_MS = 30000; // a language chosen with nothing to answer is forgotten
const TRIES = 60; // of an answer that could not be sent, one a poll
const PATIENCE_MS = 8000;

attach("tablet", (body) => {
  const cut = document.getElementById("sin-conexion");
  const mine = () => document.getElementById("tableta");
  const language = document.documentElement.lang.slice(0, 2);
  const opened = performance.now();
  let thanksUntil = 0;
  let left = 0; // seconds until the touched answer goes by itself; 0 nothing is touched
  let sending = false;
  let tries = 0;

  const ask = (address, options = {}) => fetch(address, {
    cache: "no-store", ...options, signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE_MS) : undefined,
    headers: { Accept: "text/html", "X-CSRFToken": body.dataset.csrf },
  }).then((answer) => {
    if (answer.redirected || answer.status === 401 || answer.status === 403) location.reload(); // paired no more: the page says how
    if (answer.status >= 500) throw new Error(String(answer.status));
    cut.hidden = true;
    return answer;
  }).catch((error) => {
    cut.hidden = false;
    throw error;
  });

  const swap = (html) => {
    const brought = document.createElement("template");
    brought.innerHTML = html;
    mine().replaceWith(brought.content.querySelector("#tableta"));
    document.dispatchEvent(new Event("htmx:after:swap"));
    left = tries = 0;
  };

  const rest = async () => {
    const answer = await ask(`/tableta/estado?idioma=${language}`);
    if (!answer.ok) return;
    const html = await answer.text();
    const next = new DOMParser().parseFromString(html, "text/html").getElementById("tableta");
    const now = mine();
    if (mine().querySelector("input:checked") || left || sending || performance.now() < thanksUntil) return; // touched while we asked
    const over = now.dataset.ticket || now.classList.contains("gracias") || performance.now() - opened > STRANGER_MS;
    if (!next.dataset.ticket && language !== "es" && over) location.replace("/tableta"); // the next person starts in Spanish
    else if (next.dataset.ticket !== now.dataset.ticket || next.className !== now.className) swap(html);
  };

  const send = async () => {
    const form = mine().querySelector("form");
    if (sending || !form) return;
    sending = true;
    try {
      const answer = await ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (answer.ok) swap(await answer.text());
      else left = tries = 0; // answered elsewhere, or too late: the next look says what is asked now
      thanksUntil = answer.ok ? performance.now() + THANKS_MS : 0;
    } catch {
      tries += 1;
      left = tries < TRIES ? 2 : 0; // once more, under the same key: it counts once
      const word = mine().querySelector("[data-part=sending]");
      if (word) { word.textContent = body.dataset.waiting; word.hidden = false; }
    } finally {
      sending = false;
      for (const button of mine().querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
    }
  };

  const look = async () => {
    if (!left && !sending && performance.now() >= thanksUntil) await rest().catch(() => {});
    setTimeout(look, POLL_MS);
  };

  setInterval(() => {
    if (!left || sending) return;
    left -= 1;
    const word = mine().querySelector("[data-part=sending]");
    if (word && !tries) { word.textContent = `${body.dataset.sending} ${left} s`; word.hidden = false; }
    if (!left) send();
  }, 1000);
  setInterval(() => { ask("/tableta/senales", { method: "POST", body: new URLSearchParams({ hora: String(Date.now()) }) }).catch(() => {}); }, SIGNAL_MS);

  const still = () => { if (mine().querySelector("input[name=face]:checked")) left = STILL_S; };
  for (const kind of ["change", "input", "pointerdown", "keydown"]) body.addEventListener(kind, still);
  body.addEventListener("submit", (event) => {
    event.preventDefault();
    left = 0;
    send();
  });
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  look();
});
