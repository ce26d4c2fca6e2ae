// What to give back: the amount received less the total, in céntimos; no amount with decimals is ever a float.
import { attach } from "./attach.js";

const centimos = (text) => {
  const found = /^\s*(\d{1,6})(?:[.,](\d{1,2}))?\s*$/.exec(text);
  return found ? Number(found[1]) * 100 + Number((found[2] || "").padEnd(2, "0")) : null;
};
const soles = (amount) => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, "0")}`;

attach("change", (panel) => {
  const given = panel.querySelector('[data-part="given"]');
  const change = panel.querySelector('[data-part="change"]');
  if (!given) return;
  const total = Number(panel.dataset.total);
  const quick = [...panel.querySelectorAll('[data-part="quick"]')];
  const show = () => {
    const amount = centimos(given.value);
    change.textContent = amount === null ? "—" : amount < total ? `Faltan S/ ${soles(total - amount)}` : `S/ ${soles(amount - total)}`;
    for (const button of quick) button.setAttribute("aria-pressed", String(Number(button.dataset.given) === amount));
  };
  given.addEventListener("input", show);
  // the amount received is only for the change: it does not ask for the charge again
  given.addEventListener("change", (event) => event.stopPropagation());
  for (const button of quick) {
    button.addEventListener("click", () => {
      given.value = soles(Number(button.dataset.given));
      show();
    });
  }
});
