// A link that opens the <details> it names, closes the others and puts the cursor in its first field.
import { attach } from "./attach.js";

attach("opens", (link) => {
  link.addEventListener("click", (event) => {
    const target = document.getElementById(link.dataset.opens);
    if (!target) return;
    event.preventDefault();
    for (const other of document.querySelectorAll(`details[name="${target.getAttribute("name")}"]`)) other.open = other === target;
    target.scrollIntoView({ block: "nearest" });
    const field = target.querySelector("input:not([type=hidden]), select, textarea, button");
    if (field) field.focus();
  });
});
