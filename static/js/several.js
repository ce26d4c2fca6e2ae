// A search field whose every choice is added to a list of ticked boxes: several trámites of one visit. The combobox does the choosing.
import { attach } from "./attach.js";

const PATIENCE_MS = 150;

attach("several", (group) => {
  const field = group.querySelector("[role=combobox]");
  const options = group.querySelector("[role=listbox]");
  const chosen = group.querySelector('[data-part="chosen"]');
  field.removeAttribute("name"); // its text is only a search: what is chosen has a box of its own
  let asked = 0;
  let soon = null;

  const look = async () => {
    const mine = ++asked;
    const answer = await fetch(`${field.dataset.url}?buscado=${encodeURIComponent(field.value)}`).catch(() => null);
    if (answer && answer.ok && mine === asked) options.innerHTML = await answer.text();
  };
  field.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(look, PATIENCE_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && field.value) event.preventDefault(); // Enter chooses; it does not end the turn
  });
  field.addEventListener("change", () => {
    const option = [...options.querySelectorAll("[data-value]")].find((one) => one.dataset.value === field.value);
    if (!option) return;
    const code = option.querySelector("b").textContent;
    if (![...chosen.querySelectorAll("input")].some((box) => box.value === code)) {
      const label = document.createElement("label");
      label.className = "casilla";
      const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "tramites", value: code, checked: true });
      label.append(box, " ", ...[...option.childNodes].map((node) => node.cloneNode(true)));
      chosen.append(label);
    }
    field.value = "";
    options.replaceChildren();
  });
});
