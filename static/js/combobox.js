// A text field with suggestions that the server draws as <li role="option" data-value>. Arrows choose, Enter takes, Escape closes.
import { attach } from "./attach.js";

attach("combobox", (box) => {
  const field = box.querySelector("[role=combobox]");
  const list = box.querySelector("[role=listbox]");
  let active = -1;
  let chosen = null; // what is marked stays marked when the list comes anew
  const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];

  const show = (open) => {
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    if (!open) {
      active = -1;
      chosen = null;
      field.removeAttribute("aria-activedescendant");
    }
  };
  const mark = (index) => {
    const found = options();
    if (!found.length) return;
    active = (index + found.length) % found.length;
    chosen = found[active].dataset.value;
    found.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    found[active].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", found[active].id);
  };
  const take = (option) => {
    field.value = option.dataset.value;
    show(false);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) {
        if (options().length) show(true);
        else field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      mark(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !event.ctrlKey && !list.hidden) {
      const found = options();
      const option = found[active] || (found.length === 1 ? found[0] : null);
      if (option) {
        event.preventDefault();
        event.stopPropagation();
        take(option);
      }
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      show(false);
    }
  });
  field.addEventListener("focus", () => field.select());
  field.addEventListener("blur", () => setTimeout(() => show(false), 150));
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]:not([aria-disabled])");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
  new MutationObserver(() => {
    active = chosen === null ? -1 : options().findIndex((option) => option.dataset.value === chosen);
    show(document.activeElement === field && list.children.length > 0 && field.value.trim() !== "");
    if (active >= 0) mark(active);
  }).observe(list, { childList: true });
});
