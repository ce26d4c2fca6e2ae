// One press ticks every box of a group; shown only where this file runs.
import { attach } from "./attach.js";

attach("tick-all", (group) => {
  const button = group.querySelector("[data-part=all]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...group.querySelectorAll("input[type=checkbox]")];
    for (const box of boxes) box.checked = true;
    boxes.at(-1).focus(); // the button goes away once all are ticked: the keyboard stays in the sheet
    boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
  });
});
