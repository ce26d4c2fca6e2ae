// A select that shows what was chosen at once; its button stays for where this file does not run.
import { attach } from "./attach.js";

attach("go", (select) => {
  const button = select.form.querySelector("button");
  button.hidden = true;
  select.addEventListener("change", () => select.form.requestSubmit());
});
