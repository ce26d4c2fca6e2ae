// A week of hours: Monday's are repeated to Friday with one press; day and night needs none of them.
import { attach } from "./attach.js";

attach("week", (form) => {
  const always = form.querySelector("[name=always]");
  const week = form.querySelector("[data-part=week]");
  const copy = form.querySelector("[data-press=copy]");
  const show = () => { week.hidden = always.checked; };
  always.addEventListener("change", show);
  show();
  if (!copy) return;
  copy.hidden = false;
  copy.addEventListener("click", () => {
    for (const field of form.querySelectorAll('[name^="0-"]')) {
      for (let day = 1; day <= 4; day += 1) form.elements[field.name.replace("0-", `${day}-`)].value = field.value;
    }
  });
});
