// What the barista's page says about a tap or an order. It lies over the page, so that nothing moves.

import { at } from "./page.js";
import { text } from "./texts.js";

const REFUSAL_MS = 30_000;

/** Say to screen readers what those who look see anyway. */
export function announce(what) {
  at("announcement").textContent = what;
}

/** Show why a click was not done, for a while; with nothing, show no more of these. */
export function refuse(why) {
  for (const shown of at("refusal").querySelectorAll("p:not([data-stays])")) {
    shown.remove();
  }
  if (why) {
    const notice = add(why);
    setTimeout(() => notice.remove(), REFUSAL_MS);
  }
}

/** Show what became of a tap, until it is read: whoever made it may be at the machine. */
export function report(what) {
  add(what).dataset.stays = "";
}

function add(what) {
  const notice = document.createElement("p");
  const close = document.createElement("button");
  notice.className = "notice bad";
  notice.textContent = what;
  close.type = "button";
  close.ariaLabel = text("close");
  notice.append(close);
  close.addEventListener("click", () => notice.remove());
  at("refusal").append(notice);
  return notice;
}
