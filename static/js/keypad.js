// Keys drawn on the kiosk's screen type into the one field of their form. A QR reader types there too, by itself.
import { attach } from "./attach.js";

attach("keypad", (form) => {
  const field = form.querySelector("input:not([type=hidden])");
  form.addEventListener("click", (event) => {
    const key = event.target.closest("[data-type]");
    if (!key) return;
    field.value = key.dataset.type ? field.value + key.dataset.type : field.value.slice(0, -1);
  });
});
