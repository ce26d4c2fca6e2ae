// A page of the kiosk that nobody touches goes back to its first screen; the seconds left are shown.
import { attach } from "./attach.js";

attach("idle", (body) => {
  const whole = Number(body.dataset.seconds);
  const shown = body.querySelector("[data-part=seconds]");
  let left = whole;
  setInterval(() => {
    left -= 1;
    shown.textContent = String(Math.max(left, 0));
    if (left <= 0) location.replace(body.dataset.home);
  }, 1000);
  for (const kind of ["pointerdown", "keydown", "input"]) document.addEventListener(kind, () => { left = whole; });
  document.addEventListener("contextmenu", (event) => event.preventDefault());
});
