// A link that opens the <details> it names, closes the others and puts the cursor in its first field. One that was clicked before
// this came, or an address that ends in its name, opens it too.
import { attach } from "./attach.js";

attach("opens", (link) => {
  const target = document.getElementById(link.dataset.opens);
  if (!target) return;
  const open = () => {
    for (const other of document.querySelectorAll(`details[name="${target.getAttribute("name")}"]`)) other.open = other === target;
    target.scrollIntoView({ block: "nearest" });
    const field = target.querySelector("input:not([type=hidden]), select, textarea, button");
    if (field) field.focus();
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  if (location.hash === `#${link.dataset.opens}`) open();
});
