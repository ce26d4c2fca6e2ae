// A <dialog> that opens when the server has put something in it, and closes with its button or Escape.
import { attach } from "./attach.js";

attach("dialog", (dialog) => {
  new MutationObserver(() => {
    if (!dialog.open) dialog.showModal();
  }).observe(dialog.querySelector("[data-part=content]"), { childList: true });
  dialog.querySelector("[data-part=close]").addEventListener("click", () => dialog.close());
});
