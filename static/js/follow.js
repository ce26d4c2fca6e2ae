// The turn on a phone: changes by itself, vibrates once for each call, sounds if its holder asked for it, and when the link is
// lost says since when it knows. Whether it will sound or vibrate is only claimed once the phone did it under a touch.
import { attach } from "./attach.js";
import { half, hourText, serverNow } from "./clock.js";
import { latest } from "./latest.js";
import { play } from "./speak.js";

const VIBRATION = [400, 200, 400, 200, 400];
const POLL_MS = 10000; // while the socket is down
const SILENCE_MS = 15000;
const RINGS = 3; // times the chime plays for a call
const PING_MS = 30000; // the server pings the socket more often than this

attach("follow", (body) => {
  const { token, language } = body.dataset;
  const cut = document.getElementById("sin-conexion");
  let turn = document.getElementById("turno");
  let heard = performance.now();
  let rung = turn.dataset.state === "llamado" ? 0 : Number(turn.dataset.seq);
  let heardAt = serverNow();
  let awake = null;
  let alert = "off"; // off | both | sound | vibration | none
  const bell = new Audio(`/t/${token}/timbre.wav`);
  bell.preload = "none";

  const hour = (instant) => `${hourText(instant, false)} ${half(instant)}`;

  const stayAwake = async () => {
    try {
      awake = awake || (await navigator.wakeLock.request("screen"));
    } catch { /* an old phone, or a battery saver: it still vibrates */ }
  };

  const shake = (pattern) => Boolean(navigator.vibrate) && navigator.vibrate(pattern);

  const tellAlert = () => {
    const alive = turn.querySelector('[data-part="alive"]');
    if (alive) alive.hidden = false;
    const section = turn.querySelector('[data-part="alert"]');
    if (!section) return;
    section.hidden = false;
    for (const one of section.querySelectorAll("[data-alert]")) one.hidden = one.dataset.alert !== alert;
  };

  // the touch itself must start the sound, or the phone will never let it sound later
  const arm = async () => {
    const sounded = bell.play().then(() => true, () => false);
    const shaken = shake(200);
    alert = { true: shaken ? "both" : "sound", false: shaken ? "vibration" : "none" }[await sounded];
    stayAwake();
    tellAlert();
    turn.querySelector('[data-part="alert"]')?.focus();
  };

  const sound = () => {
    if (alert !== "both" && alert !== "sound") return;
    let left = RINGS;
    const again = () => {
      left -= 1;
      if (left < 0 || turn.dataset.state !== "llamado") return;
      bell.currentTime = 0;
      bell.play().catch(() => { alert = alert === "both" ? "vibration" : "none"; }); // taken back since: said from now on
    };
    bell.onended = again;
    again();
  };

  const ring = () => {
    const seq = Number(turn.dataset.seq);
    if (turn.dataset.state !== "llamado" || seq <= rung) return;
    rung = seq;
    shake(VIBRATION);
    sound();
    stayAwake();
    document.title = `${turn.querySelector("h1").textContent} ${turn.dataset.code}`;
  };

  const live = () => {
    const line = turn.querySelector('[data-part="live"]');
    if (!line) return;
    const point = document.createElement("span");
    point.className = "punto";
    point.setAttribute("aria-hidden", "true");
    line.replaceChildren(point, ` ${body.dataset.live}, ${hour(heardAt)}`);
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
    const words = people === 1 ? body.dataset.one : body.dataset.many.replace("{n}", people);
    cut.querySelector('[data-part="last"]').textContent = `${body.dataset.last}, ${hour(heardAt)}${people ? `: ${words}` : ""}`.replace(/([^.])$/, "$1.");
    cut.hidden = false;
    document.body.classList.add("sin-enlace"); // what it no longer knows is not shown as if it did
  };

  const refresh = latest(async () => {
    try {
      const answer = await fetch(`/t/${token}/estado${language ? `?idioma=${language}` : ""}`, { cache: "no-store", signal: AbortSignal.timeout ? AbortSignal.timeout(8000) : undefined });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("turno");
        const rating = turn.querySelector("form") && fresh.querySelector("form"); // somebody may be choosing or typing
        if (!rating) {
          turn.replaceWith(fresh);
          turn = fresh;
          document.dispatchEvent(new Event("htmx:after:swap"));
        }
        known();
        tellAlert();
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
    if (button.dataset.press === "arm") arm();
    if (button.dataset.press === "going") {
      button.querySelector("span").textContent = button.dataset.waiting;
      button.disabled = true;
      bell.onended = null;
      bell.pause();
      shake(0);
    }
  });
  live();
  tellAlert();
  ring();
});
