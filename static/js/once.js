// A form is sent once: a second press while the first travels does nothing. The _key field makes a repeat harmless anyway.
import { attach } from "./attach.js";

attach("once", (form) => {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
  });
  // coming back with the browser's button shows the page as it was: it may be sent again
  window.addEventListener("pageshow", () => {
    sent = false;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });
});
