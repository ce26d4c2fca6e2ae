// The blind count adds up what is typed; what should be there stays unknown until the day is closed.
import { attach } from "./attach.js";

attach("count", (form) => {
  const total = form.querySelector('[data-part="total"]');
  const show = () => {
    let amount = 0;
    for (const units of form.querySelectorAll('[data-part="units"]')) {
      if (/^\d+$/.test(units.value)) amount += Number(units.value) * Number(units.dataset.value);
    }
    total.textContent = `S/ ${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, "0")}`;
  };
  form.addEventListener("input", show);
  show();
});
