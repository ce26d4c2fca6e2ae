// Copies data-text and says so; where the browser forbids it, selects the text to copy by hand.
import { attach } from "./attach.js";

attach("copy", (button) => {
  const label = button.querySelector("span") || button;
  const before = label.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.text);
      label.textContent = "Copiado";
    } catch {
      window.prompt("Copie con Ctrl+C:", button.dataset.text);
    }
    setTimeout(() => { label.textContent = before; }, 2500);
  });
});
