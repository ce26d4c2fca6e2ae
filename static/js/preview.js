// Shows a text where people will read it while it is being typed: words at once, a drawn paper after a pause.
// data-shows names the one field that a place shows; data-draws is the address of a picture of all of them.
import { attach } from "./attach.js";

const PAUSE_MS = 400;

attach("preview", (form) => {
  for (const place of form.querySelectorAll("[data-shows]")) {
    const field = form.elements[place.dataset.shows];
    const draw = later(() => { place.src = place.dataset.address + encodeURIComponent(field.value.trim()); });
    field.addEventListener("input", () => {
      if (place.dataset.address) draw();
      else place.textContent = field.value.trim() || place.dataset.empty;
    });
  }
  for (const place of form.querySelectorAll("[data-draws]")) {
    form.addEventListener("input", later(() => {
      const typed = [...form.querySelectorAll("input.entrada")].map((field) => [field.name, field.value]);
      place.src = `${place.dataset.draws}&${new URLSearchParams(typed)}`;
    }));
  }
});

function later(work) {
  let soon = null;
  return () => {
    clearTimeout(soon);
    soon = setTimeout(work, PAUSE_MS);
  };
}
