// On the customer's page: what is heard and felt when the drink is ready. A browser makes no sound
// before somebody has tapped, so it is a tap that switches it on.

import { keep, load } from "./kept.js";
import { playTone } from "./sound.js";

const KEPT = "bell";
const NOTES = [[880, 0], [1175, 0.18], [1568, 0.36]]; // Hertz, and seconds from the beginning.
const TIMES = 3;
const PAUSE_S = 1.2;
const VIBRATION_MS = [400, 200, 400, 200, 400];

let audio = null;

export function isOn() {
  return audio !== null;
}

/** To be called by a tap. Switching it on lets one hear it once. */
export function toggleBell() {
  if (audio) {
    audio.close();
    audio = null;
  } else {
    switchOn();
    chime(0);
    navigator.vibrate?.(VIBRATION_MS[0]);
  }
  keep(KEPT, isOn());
}

/** To be called by another tap: without a sound, if it was on for the last order. */
export function switchOnAsBefore() {
  if (!audio && load(KEPT, false)) {
    switchOn();
  }
}

export function ring() {
  if (!audio) {
    return;
  }
  navigator.vibrate?.(VIBRATION_MS);
  audio.resume(); // A page that was not seen may have been paused.
  for (let time = 0; time < TIMES; time += 1) {
    chime(time * PAUSE_S);
  }
}

function switchOn() {
  audio = new AudioContext();
}

function chime(delay) {
  for (const [pitch, after] of NOTES) {
    playTone(audio, pitch, audio.currentTime + delay + after, 0.5, 0.4);
  }
}
