// A running clock: counts on from the seconds the server told, 04:32 or 1:04:32.
import { attach } from "./attach.js";

const two = (number) => String(number).padStart(2, "0");

attach("elapsed", (element) => {
  const started = performance.now() - Number(element.dataset.seconds) * 1000;
  const show = () => {
    if (!element.isConnected) return clearInterval(timer);
    const seconds = Math.max(0, Math.floor((performance.now() - started) / 1000));
    const hours = Math.floor(seconds / 3600);
    element.textContent = `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  };
  const timer = setInterval(show, 1000);
  show();
});
