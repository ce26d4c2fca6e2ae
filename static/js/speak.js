// Plays the server's WAV files. A blocked or failed sound is never an error: the screen says the same in letters.

let playing = null;
let dropped = null;
export const stop = () => {
  dropped = playing;
  if (playing) playing.pause();
  playing = null;
};

// Resolves true when the sound ended; false when it was refused, failed or took longer than `limit` milliseconds; null when it
// was stopped by `stop`. A sound that ends is paused first. `volume` is 0 to 1.
export const play = (address, limit = 20000, volume = 1) => new Promise((resolve) => {
  stop();
  const sound = new Audio(address);
  sound.volume = volume;
  playing = sound;
  const end = () => {
    clearTimeout(timer);
    resolve(sound.ended || (sound === dropped ? null : false));
  };
  const timer = setTimeout(() => { sound.pause(); end(); }, limit);
  for (const event of ["ended", "error"]) sound.addEventListener(event, end);
  sound.addEventListener("pause", () => { if (!sound.ended) end(); });
  sound.play().catch(end);
});
