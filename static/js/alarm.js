// Alerts that reach a person: two notes when one begins, again each minute while a grave one is not acknowledged, and how many
// in the title. What was acknowledged, by whomever, rings no more. A browser that keeps quiet until touched says so by a button.
import { attach } from "./attach.js";

const EVERY_MS = 10000;
const AGAIN_MS = 60000;
const NOTES = [[880, 0], [660, 0.22], [880, 0.44]]; // hertz, and when
const LONG_S = 0.18;

attach("alarm", (page) => {
  const title = document.title;
  const mute = page.querySelector('[data-part="sound"]');
  const sound = new AudioContext();
  const rung = new Map(); // alert id -> when it last rang

  const showSound = () => { mute.hidden = sound.state === "running"; };
  const wake = () => sound.resume().then(showSound, showSound);
  sound.addEventListener("statechange", showSound);
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  showSound();

  const ring = () => {
    page.dataset.rang = String(Number(page.dataset.rang || 0) + 1);
    if (sound.state !== "running") return;
    for (const [hertz, at] of NOTES) {
      const from = sound.currentTime + at;
      const note = sound.createOscillator();
      const level = sound.createGain();
      note.frequency.value = hertz;
      level.gain.setValueAtTime(0, from);
      level.gain.linearRampToValueAtTime(0.3, from + 0.02);
      level.gain.linearRampToValueAtTime(0, from + LONG_S);
      note.connect(level).connect(sound.destination);
      note.start(from);
      note.stop(from + LONG_S);
    }
  };

  const look = async () => {
    let alerts;
    try {
      const answer = await fetch(page.dataset.alarm, { cache: "no-store", headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      ({ alerts } = await answer.json());
    } catch {
      return; // the page says that it has no link
    }
    document.title = alerts.length ? `(${alerts.length}) ${title}` : title;
    const now = performance.now();
    const due = alerts.filter(({ id, grave }) => !rung.has(id) || (grave && now - rung.get(id) >= AGAIN_MS));
    const open = new Set(alerts.map(({ id }) => id));
    for (const id of rung.keys()) if (!open.has(id)) rung.delete(id);
    for (const { id } of due) rung.set(id, now);
    if (due.length) ring();
  };

  document.addEventListener("cola", look);
  setInterval(look, EVERY_MS);
  look();
});
