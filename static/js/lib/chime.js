// @ts-check
// Two short tones, made by the browser: no file, and nothing to load when it is wanted.

/** @type {AudioContext | undefined} */
let audio;

/** Plays the tones. @returns {Promise<boolean>} whether the browser let them sound */
export async function chime() {
  try {
    audio ??= new AudioContext();
    // Until somebody has clicked on the page, resume waits: that is no.
    await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 300))]);
    if (audio.state !== "running") return false;
    tone(audio, 880, 0);
    tone(audio, 1174.7, 0.14);
    return true;
  } catch {
    return false;
  }
}

/** @param {AudioContext} to @param {number} hertz @param {number} after seconds */
function tone(to, hertz, after) {
  const source = to.createOscillator();
  const volume = to.createGain();
  const at = to.currentTime + after;
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.12, at + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.28);
  source.connect(volume).connect(to.destination);
  source.start(at);
  source.stop(at + 0.3);
}
