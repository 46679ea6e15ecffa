// What the barista's page says about a click or a new order.

import { at, show } from "./page.js";

const REFUSAL_MS = 30_000;

let timer;

/** Say to screen readers what those who look see anyway. */
export function announce(what) {
  at("announcement").textContent = what;
}

/** Show for a while why a click was not done: not in the order's card, which may be gone in a moment. */
export function refuse(why) {
  clearTimeout(timer);
  show(at("refusal"), why);
  if (why) {
    timer = setTimeout(() => show(at("refusal"), ""), REFUSAL_MS);
  }
}
