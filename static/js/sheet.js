// The sheet by keyboard: Ctrl+Enter receives. Once sent, nothing late may save it as a draft again.
import { attach } from "./attach.js";

attach("sheet", (form) => {
  const receive = (event) => {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-part=submit]"));
  };
  document.addEventListener("keydown", (event) => {
    // what had the focus was replaced under it (a button that the server drew again): the key still receives
    const nowhere = event.target === document.body && form.isConnected && !document.querySelector("dialog[open]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && nowhere) receive(event);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    if (event.ctrlKey || event.metaKey) {
      receive(event);
    } else if (event.target.matches("input:not([type=submit])")) {
      event.preventDefault(); // Enter in a field is not "receive": a clerk presses it by habit after a number
      const fields = [...form.querySelectorAll("input, select, textarea, button[type=submit]")].filter((field) => field.offsetParent && !field.disabled);
      const next = fields[fields.indexOf(event.target) + 1];
      if (next) next.focus();
    }
  });
  // a new person's name appears when the server has looked the document up: whoever went on too soon is brought back
  new MutationObserver(() => {
    const name = form.querySelector(".persona-nueva [name=name]");
    const ahead = document.activeElement;
    if (name && !name.value && ahead && ahead.id === "tramite" && !ahead.value) name.focus();
  }).observe(form.querySelector(".persona-fila"), { childList: true });
  form.addEventListener("input", ({ target }) => {
    if (target.getAttribute("aria-invalid") !== "true") return; // what was wrong is being mended: it says so no longer
    target.removeAttribute("aria-invalid");
    const told = document.getElementById(`${target.id}-error`);
    if (told) told.hidden = true;
  });
  // a sheet that arrives while the clerk has opened another (put on hold, forward) leaves the cursor there
  const elsewhere = [...document.querySelectorAll("details[open]")].some((one) => !form.contains(one));
  const first = form.querySelector("[aria-invalid=true]") || form.querySelector("#document_number");
  if (first && !elsewhere) first.focus();
});
