// The turn on a phone: changes by itself, vibrates once for each call, and when the link is lost says since when it knows.
import { attach } from "./attach.js";
import { half, hourText, serverNow } from "./clock.js";
import { latest } from "./latest.js";
import { play } from "./speak.js";

const VIBRATION = [400, 200, 400, 200, 400];
const POLL_MS = 10000; // while the socket is down
const SILENCE_MS = 15000;
const PING_MS = 30000; // the server pings the socket more often than this

attach("follow", (body) => {
  const { token } = body.dataset;
  const cut = document.getElementById("sin-conexion");
  let turn = document.getElementById("turno");
  let heard = performance.now();
  let rung = turn.dataset.state === "llamado" ? 0 : Number(turn.dataset.seq);
  let heardAt = serverNow();
  let awake = null;

  const hour = (instant) => `${hourText(instant, false)} ${half(instant)}`;

  const stayAwake = async () => {
    try {
      awake = awake || (await navigator.wakeLock.request("screen"));
    } catch { /* an old phone, or a battery saver: it still vibrates */ }
  };

  const ring = () => {
    const seq = Number(turn.dataset.seq);
    if (turn.dataset.state !== "llamado" || seq <= rung) return;
    rung = seq;
    if (navigator.vibrate) navigator.vibrate(VIBRATION);
    stayAwake();
    document.title = `Es su turno ${turn.dataset.code}`;
  };

  const live = () => {
    const line = turn.querySelector('[data-part="live"]');
    if (!line) return;
    const point = document.createElement("span");
    point.className = "punto";
    point.setAttribute("aria-hidden", "true");
    line.replaceChildren(point, ` En vivo, ${hour(heardAt)}`);
  };

  const known = () => {
    heard = performance.now();
    heardAt = serverNow();
    cut.hidden = true;
    document.body.classList.remove("sin-enlace");
    live();
  };

  const lost = () => {
    if (!cut.hidden) return;
    const ahead = turn.querySelector('[data-part="ahead"]');
    const people = ahead ? Number(ahead.dataset.ahead) : 0;
    const words = people === 1 ? "faltaba 1 persona." : `faltaban ${people} personas.`;
    cut.querySelector('[data-part="last"]').textContent = `Último dato, ${hour(heardAt)}${people ? `: ${words}` : "."}`;
    cut.hidden = false;
    document.body.classList.add("sin-enlace"); // what it no longer knows is not shown as if it did
  };

  const refresh = latest(async () => {
    try {
      const answer = await fetch(`/t/${token}/estado`, { cache: "no-store", signal: AbortSignal.timeout ? AbortSignal.timeout(8000) : undefined });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("turno");
        turn.replaceWith(fresh);
        turn = fresh;
        known();
        ring();
      } else if (answer.status === 404) location.reload();
    } catch {
      if (performance.now() - heard > SILENCE_MS || !navigator.onLine) lost();
    }
  });

  const socket = window.io ? window.io("/turnos", { auth: { turno: token } }) : null;
  if (socket) {
    socket.on("turno", refresh);
    socket.on("disconnect", () => setTimeout(refresh, 1000));
    socket.io.on("ping", known);
  }
  setInterval(() => {
    // a cut link leaves the socket "connected" for a while: only what was heard counts
    if (!navigator.onLine || !socket || !socket.connected || performance.now() - heard > PING_MS) refresh();
  }, POLL_MS);
  window.addEventListener("online", refresh);
  window.addEventListener("offline", lost);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

  document.body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-press], [data-speak]");
    if (!button) return;
    if (button.dataset.speak) play(button.dataset.speak);
    if (button.dataset.press === "retry") refresh();
    if (button.dataset.press === "going") {
      button.querySelector("span").textContent = "Le esperamos";
      button.disabled = true;
      if (navigator.vibrate) navigator.vibrate(0);
    }
  });
  live();
  ring();
});
