// The ventanilla's page: F-keys, presses that survive a lost link, and the live part brought again when the queue changes.
// A press is kept in this browser until the server has answered it, under its own key, so sending it twice does it once.
import { attach } from "./attach.js";
import { hourText, serverNow } from "./clock.js";
import { latest } from "./latest.js";

const POLL_MS = 20000;
const RETRY_MS = 3000;
const PATIENCE_MS = 12000;
const SAID_MS = 6000;
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");

attach("desk", (desk) => {
  const kept = `ventanilla-${desk.dataset.sala}-${desk.dataset.place}`;
  const pending = JSON.parse(localStorage.getItem(kept) || "[]");
  const parts = (name) => document.querySelectorAll(`[data-part="${name}"]`);
  let linked = true;
  let sending = false;
  let since = null;

  const keep = () => localStorage.setItem(kept, JSON.stringify(pending));

  const tell = () => {
    for (const element of document.querySelectorAll('[data-link="up"]')) element.hidden = !linked;
    for (const element of document.querySelectorAll('[data-link="down"]')) element.hidden = linked;
    for (const element of parts("since")) element.textContent = since || "";
    for (const element of parts("as-of")) {
      element.hidden = linked;
      element.textContent = since ? `a las ${since}` : "";
    }
    for (const element of parts("pending")) {
      element.hidden = pending.length === 0;
      element.textContent = `${pending.length} por enviar: ${pending.map((press) => press.label).join(", ")}`;
    }
    for (const form of document.querySelectorAll("form[data-online]")) {
      for (const button of form.querySelectorAll("button")) button.disabled = !linked;
    }
  };

  const link = (up) => {
    if (up !== linked) {
      linked = up;
      since = up ? null : hourText(serverNow(), true);
    }
    tell();
  };

  const ask = (url, options = {}) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    const headers = { "HX-Request": "true", ...csrf(), ...options.headers };
    return fetch(url, { cache: "no-store", redirect: "follow", ...options, headers, signal: patience.signal }).finally(() => clearTimeout(timer));
  };

  const busy = () => desk.querySelector("details[open]") !== null;

  let said = 0; // what a press answered stays readable for a while, whatever the queue does
  const swap = (html, answered) => {
    const brought = document.createElement("template");
    brought.innerHTML = html;
    if (answered) said = performance.now();
    else if (performance.now() - said < SAID_MS) {
      const words = document.querySelector("#dicho > [class^=dicho]");
      if (words) brought.content.getElementById("dicho")?.replaceChildren(words);
    }
    const focused = document.activeElement?.dataset?.key;
    for (const id of ["cola", "turno", "asignados"]) {
      const fresh = brought.content.getElementById(id);
      const old = document.getElementById(id);
      if (!fresh || !old) continue;
      old.replaceWith(fresh);
      window.htmx?.process(fresh);
    }
    const turn = document.getElementById("turno");
    if (turn) document.title = document.title.replace(/^Ventanilla[^·]*(· [A-Z]+-\d+)?/, `${turn.dataset.title} `).trim();
    document.dispatchEvent(new CustomEvent("htmx:after:swap"));
    if (focused && document.activeElement === document.body) desk.querySelector(`.principal`)?.focus({ preventScroll: true });
    tell();
    sheet();
  };

  const sheet = latest(async () => { // one at a time: the sheet of the turn before must not arrive last
    const turn = document.getElementById("turno");
    const pane = document.getElementById("ficha");
    if (!turn || !pane || pane.dataset.turn === turn.dataset.turn) return;
    const answer = await ask(desk.dataset.sheet).catch(() => null);
    if (!answer || !answer.ok) return;
    const brought = document.createElement("template");
    brought.innerHTML = await answer.text();
    const fresh = brought.content.getElementById("ficha");
    if (!fresh) return;
    document.getElementById("ficha").replaceWith(fresh);
    window.htmx?.process(fresh);
    document.dispatchEvent(new CustomEvent("htmx:after:swap"));
  });

  let asked = 0;
  const refresh = async () => {
    if (sending || pending.length || busy()) return;
    const mine = ++asked;
    try {
      const answer = await ask(desk.dataset.live);
      if (answer.redirected || answer.status === 401) return location.reload();
      if (answer.status >= 500) return;
      link(true);
      const html = await answer.text();
      if (mine === asked && !sending && !busy()) swap(html);
    } catch {
      link(false);
    }
  };

  let filed = null; // a case received in the sheet belongs to the turn: its trámite is ticked when the turn ends
  document.addEventListener("htmx:after:swap", () => {
    const received = document.getElementById("recibido-t");
    if (received && received !== filed) refresh();
    filed = received;
  });

  const say = (text) => {
    const place = document.getElementById("dicho");
    if (!place) return;
    const words = document.createElement("span");
    words.className = "dicho-error";
    words.textContent = text;
    place.replaceChildren(words);
  };

  // Sends what waits, oldest first. An answer of the server, yes or no, settles a press; silence or 5xx does not.
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      while (pending.length) {
        const press = pending[0];
        const answer = await ask(press.url, { method: "POST", body: new URLSearchParams(press.fields) });
        if (answer.status >= 500) throw new Error("busy");
        if (answer.status === 401 || answer.status === 403) {
          say("Su sesión terminó. Ingrese de nuevo: lo que presionó sigue guardado y se enviará.");
          return;
        }
        pending.shift();
        keep();
        const next = answer.headers.get("HX-Redirect");
        if (next) return location.assign(next);
        link(true);
        swap(await answer.text(), true);
      }
      link(true);
    } catch {
      link(false);
    } finally {
      sending = false;
      for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
      tell();
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches('[data-behaviour~="press"]')) return;
    event.preventDefault();
    if (form.pressed) return;
    form.pressed = true;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
    const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token");
    form.closest("details")?.removeAttribute("open");
    if (form.hasAttribute("data-online") && !linked) {
      form.pressed = false;
      return;
    }
    pending.push({ url: form.action, label: form.dataset.label, fields, online: form.hasAttribute("data-online") });
    keep();
    send().then(() => {
      form.pressed = false;
      // a call that found no link is not kept: the room may have changed by the time it returns
      const calls = pending.findIndex((press) => press.online);
      if (!linked && calls >= 0) {
        pending.splice(calls, 1);
        keep();
        tell();
        say("No hay conexión. Si al volver no ve un turno llamado, presione de nuevo.");
      }
    });
  });

  document.addEventListener("keydown", (event) => {
    if (!/^F[2-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.repeat) return;
    const target = document.querySelector(`[data-key="${event.shiftKey ? "Shift+" : ""}${event.key}"]:not([disabled])`);
    if (target) target.click();
  });

  let soon = null;
  const socket = window.io ? window.io("/panel", { auth: { sala: desk.dataset.sala }, reconnectionDelayMax: RETRY_MS }) : null;
  if (socket) {
    socket.on("cola", () => { clearTimeout(soon); soon = setTimeout(refresh, 120); });
    socket.on("connect", () => { link(true); pending.length ? send() : refresh(); });
    socket.on("disconnect", (reason) => { if (reason !== "io client disconnect") link(false); });
    socket.on("connect_error", () => { if (!navigator.onLine) link(false); });
  }
  window.addEventListener("offline", () => link(false));
  window.addEventListener("online", () => (pending.length ? send() : refresh()));
  setInterval(() => { if (pending.length) send(); }, RETRY_MS);
  setInterval(refresh, POLL_MS);
  if (pending.length) send();
  tell();
  desk.dataset.ready = ""; // the keys work from here on
});
