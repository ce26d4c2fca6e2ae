// A field over a list of links: the arrows go down into the list and back up to the field.
import { attach } from "./attach.js";

attach("arrows", (panel) => {
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [panel.querySelector("input"), ...panel.querySelectorAll("a.opcion")];
    const here = stops.indexOf(document.activeElement);
    const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
    if (here < 0 || !next) return;
    event.preventDefault();
    next.focus();
  });
});
