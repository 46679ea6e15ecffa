// On the barista's page: what is noticed without looking at it. Sounds, the title, a screen that stays on.

import { stayAwake } from "./awake.js";
import { keep, load } from "./kept.js";
import { at } from "./page.js";
import { playTone } from "./sound.js";
import { text } from "./texts.js";

const SOUND = "sound";
const TONES = { fresh: [659, 880], late: [523, 523, 523], canceled: [587, 392] }; // Hz, one after another.
const TONE_S = 0.16;

let audio = null; // A browser makes no sound before a tap.

export function startAttention() {
  at("sound").addEventListener("click", () => {
    keep(SOUND, !isHeard());
    drawSound();
    wakeAudio()?.then(() => chime("fresh"));
  });
  for (const what of ["pointerdown", "keydown"]) {
    addEventListener(what, wakeAudio, { passive: true });
  }
}

/** Whether the page is to be heard, also while another tab hides it. */
export function isHeard() {
  return load(SOUND, false);
}

export function drawSound() {
  at("sound").ariaPressed = String(isHeard());
  at("sound").ariaLabel = at("sound").title = text("sound");
}

/** Play one of the TONES, if the sound is on. */
export function chime(what) {
  if (!audio || audio.state !== "running" || !isHeard()) {
    return;
  }
  TONES[what].forEach((frequency, index) => {
    playTone(audio, frequency, audio.currentTime + index * TONE_S * 1.25, TONE_S, 0.3);
  });
}

/** Say in the title how many orders there are, and leave the screen on as long as there are some. */
export function showCount(count) {
  const title = count > 0 ? `(${count}) ${text("counter")}` : text("counter");
  if (document.title !== title) {
    document.title = title;
  }
  stayAwake(count > 0);
}

function wakeAudio() {
  if (isHeard()) {
    audio ??= new AudioContext();
    return audio.resume();
  }
  return null;
}
