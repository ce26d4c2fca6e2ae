// A missing requisite turns the button's words into "con observación"; "Exonerado" asks its reason; what would be refused
// cannot be pressed; one press only.
import { attach } from "./attach.js";

attach("charge", (form) => {
  const words = form.querySelector('[data-part="words"]');
  const observed = form.querySelector('[data-part="observed"]');
  const motivo = form.querySelector('[data-part="motivo"]');
  const method = form.querySelector("#method");
  const submit = form.querySelector('[data-part="submit"]');
  const show = () => {
    const lacks = form.querySelector('[name="requisito"]:not(:checked)') !== null;
    words.textContent = lacks ? words.dataset.observed : words.dataset.plain;
    observed.hidden = !lacks;
    if (motivo && method) motivo.hidden = method.value !== "exonerado";
    submit.disabled = form.querySelector("[data-refused]") !== null; // the panel says why
  };
  form.addEventListener("change", show);
  document.addEventListener("htmx:after:swap", show);
  show();
  form.addEventListener("submit", () => {
    // after the browser has taken the form's values: a disabled button is not pressed twice
    setTimeout(() => { submit.disabled = true; });
  });
  window.addEventListener("pageshow", show);
});
