// Plays the server's WAV files. A blocked or failed sound is never an error: the screen says the same in letters.

let playing = null;
export const stop = () => {
  if (playing) playing.pause();
  playing = null;
};

// Resolves when the sound ended, was refused, failed, or took longer than `limit` milliseconds. `volume` is 0 to 1.
export const play = (address, limit = 20000, volume = 1) => new Promise((resolve) => {
  stop();
  const sound = new Audio(address);
  sound.volume = volume;
  playing = sound;
  const timer = setTimeout(() => { sound.pause(); resolve(false); }, limit);
  const end = (heard) => () => { clearTimeout(timer); resolve(heard); };
  sound.addEventListener("ended", end(true));
  sound.addEventListener("error", end(false));
  sound.addEventListener("pause", end(false));
  sound.play().catch(end(false));
});
