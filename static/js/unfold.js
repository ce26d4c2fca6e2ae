// A <details> used as a small sheet: the first field takes the focus; Escape, a press elsewhere and moving on close it.
import { attach } from "./attach.js";

attach("unfold", (details) => {
  const summary = details.querySelector("summary");
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    const wrong = details.querySelector("[aria-invalid=true]");
    (wrong || details.querySelector(":is(.hoja, .globo) :is(select, textarea, input:not([type=hidden]), button)"))?.focus();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    summary.focus();
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) details.open = false;
  });
  document.addEventListener("pointerdown", (event) => {
    if (details.open && !details.contains(event.target)) details.open = false;
  });
});
