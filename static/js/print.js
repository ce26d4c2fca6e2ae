// A button that prints the page.
import { attach } from "./attach.js";

attach("print", (button) => {
  button.addEventListener("click", () => window.print());
});
