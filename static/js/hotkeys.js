// A link or button is pressed by its key: data-key="F2". A dialog that is open keeps Escape for itself.
import { attach } from "./attach.js";

attach("hotkey", (element) => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== element.dataset.key || !element.isConnected || event.ctrlKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    element.click();
  });
});
