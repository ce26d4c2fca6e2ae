// A <details> used as a small sheet: the first field takes the focus, Escape and a press elsewhere close it.
import { attach } from "./attach.js";

attach("unfold", (details) => {
  const summary = details.querySelector("summary");
  details.addEventListener("toggle", () => {
    if (details.open) details.querySelector(".hoja :is(select, input:not([type=hidden]), button)")?.focus();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    summary.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (details.open && !details.contains(event.target)) details.open = false;
  });
});
