// A page that shows how things are now: brought again when told that something changed, and every so often anyway.
// Says since when it no longer knows. Nothing is swapped under a person's hands.
import { attach } from "./attach.js";
import { hourText, serverNow } from "./clock.js";
import { latest } from "./latest.js";

const EVERY_MS = 10000;

attach("watch", (page) => {
  let known = true;
  const link = (up) => {
    if (up === known) return;
    known = up;
    for (const element of document.querySelectorAll('[data-link="up"]')) element.hidden = !up;
    for (const element of document.querySelectorAll('[data-link="down"]')) element.hidden = up;
    for (const element of document.querySelectorAll('[data-part="since"]')) element.textContent = hourText(serverNow(), true);
  };
  const held = () => page.querySelector("details[open]") || page.querySelector("input:focus, select:focus");
  const refresh = latest(async () => {
    if (held() || document.hidden) return;
    try {
      const answer = await fetch(page.dataset.url, { cache: "no-store", headers: { "HX-Request": "true" } });
      if (answer.redirected || answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      link(true);
      if (held()) return;
      const brought = document.createElement("template");
      brought.innerHTML = html;
      page.querySelector("#vivo").replaceWith(brought.content.querySelector("#vivo"));
      document.dispatchEvent(new CustomEvent("htmx:after:swap"));
    } catch {
      link(false);
    }
  });
  let soon = null;
  const socket = window.io ? window.io("/panel", { auth: { sala: page.dataset.sala }, reconnectionDelayMax: 3000 }) : null;
  if (socket) {
    socket.on("cola", () => {
      document.dispatchEvent(new Event("cola"));
      clearTimeout(soon);
      soon = setTimeout(refresh, 300);
    });
    socket.on("connect", refresh); // and whatever changed while nobody told us
    socket.on("disconnect", () => link(false));
  }
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, EVERY_MS);
});
