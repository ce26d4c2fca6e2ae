// Shows a text where people will read it while it is being typed: words at once, a drawn paper after a pause.
import { attach } from "./attach.js";

const PAUSE_MS = 400;

attach("preview", (form) => {
  for (const place of form.querySelectorAll("[data-shows]")) {
    const field = form.elements[place.dataset.shows];
    let soon = null;
    field.addEventListener("input", () => {
      const typed = field.value.trim();
      if (!place.dataset.address) place.textContent = typed || place.dataset.empty;
      else {
        clearTimeout(soon);
        soon = setTimeout(() => { place.src = place.dataset.address + encodeURIComponent(typed); }, PAUSE_MS);
      }
    });
  }
});
