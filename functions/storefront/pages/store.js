// On the barista's page: the store's switch, its capacity and its order codes.

import { ages } from "./cards.js";
import { keep } from "./kept.js";
import { refuse } from "./notices.js";
import { secondsLeft, tap, taps, undo } from "./outbox.js";
import { at, like, now, put, reason, show } from "./page.js";
import { askAsStaff } from "./session.js";
import { duration, text } from "./texts.js";

const STORE = like({ open: true, capacity: 0 });
const CODE = like({ code: "", renewedAt: "", qr: [] });
const CODES = { minutes: 2, orders: 4 }; // When they are switched on.

let store = null;
let code = null; // What an order on the page needs now.
let failure = null; // Why the last look at it did not succeed.
let changes = 0; // Begun and ended here.
const typing = new Set(); // The forms with a number that is not saved yet.
let lookAgain;

export function startStore(look) {
  lookAgain = look;
  at("open").addEventListener("click", () => {
    if (closing() || isChanging()) {
      return;
    }
    if (store.open) {
      tap("close", { called: text("store"), body: { open: false } }); // It can be undone for a while.
      at("undo-close").focus();
    } else {
      change({ open: true });
    }
  });
  at("undo-close").addEventListener("click", () => {
    undo();
    at("open").focus();
  });
  for (const [name, minutes] of Object.entries(ages())) {
    at(name).value = minutes;
    at(name).addEventListener("change", ({ target }) => {
      if (target.reportValidity()) {
        keep("ages", { ...ages(), [name]: target.valueAsNumber });
        limitAges();
      }
    });
  }
  limitAges();
  at("codes").addEventListener("change", ({ target }) => change({ orderCodes: target.checked && CODES }));
  const numbers = {
    "capacity-form": () => ({ capacity: at("capacity").valueAsNumber }),
    "codes-form": () => ({ orderCodes: { minutes: at("code-minutes").valueAsNumber, orders: at("code-orders").valueAsNumber } }),
  };
  for (const [form, wanted] of Object.entries(numbers)) {
    at(form).addEventListener("input", () => typing.add(form));
    at(form).addEventListener("submit", (event) => {
      event.preventDefault();
      change(wanted(), form);
    });
  }
}

/** What is red was amber before. */
function limitAges() {
  const { amber, red } = ages();
  at("amber").max = red;
  at("red").min = amber;
}

/** Why something of the store is not as it should be, for staff. */
export function storeProblem() {
  return failure
    ? text("storeUnknown", { reason: reason(failure) })
    : (store?.unreadable ?? []).map((name) => text(`unreadable.${name}`)).join(" ");
}

export function noteFailure(error) {
  failure = error;
}

export async function lookAtStore() {
  const before = changes;
  const seen = await askAsStaff("GET", "store", STORE);
  if (changes === before) {
    store = seen;
  }
  return store;
}

/** Ask for the code only when there is another: then the one that is shown has had its time. */
export async function renewCode() {
  if (!store.orderCodes) {
    return store;
  }
  const { minutes } = store.orderCodes;
  if (code?.minutes !== minutes || now() >= new Date(code.renewedAt)) {
    const page = encodeURIComponent(new URL("order", location.href).href);
    code = { minutes, ...(await askAsStaff("GET", `order-code?page=${page}`, CODE)) };
    drawStore();
  }
  return store;
}

/** What is shown is what the server has: a store that looks closed takes no orders any more. */
async function change(body, form) {
  if (isChanging()) {
    return;
  }
  changes += 1;
  refuse("");
  drawStore();
  try {
    store = await askAsStaff("PUT", "store", STORE, { body });
  } catch (error) {
    refuse(text("notDone", { reason: reason(error) }));
  }
  typing.delete(form);
  changes += 1; // A look that began meanwhile may have seen the store as it was.
  drawStore();
  lookAgain();
}

/** The tap that closes the store, until the store shows it. */
function closing() {
  return store.open && taps().find(({ what }) => what === "close");
}

function isChanging() {
  return changes % 2 === 1;
}

export function drawStore() {
  const tapped = closing();
  at("open").ariaDisabled = String(isChanging() || Boolean(tapped)); // It keeps the focus.
  at("undo-close").hidden = !tapped || tapped.tried;
  at("closing").hidden = !tapped?.tried;
  at("slots").hidden = Boolean(tapped) || store.inUse === undefined;
  put(at("closing"), text("closing"));
  put(at("undo-close"), tapped ? text("undoClose", { s: secondsLeft(tapped) }) : "");
  if (isChanging()) {
    return; // What was clicked and typed stays until the answer is there.
  }
  at("open").ariaChecked = String(store.open);
  at("open").textContent = text(store.open ? "open" : "closed");
  if (!typing.has("capacity-form")) {
    at("capacity").value = store.capacity;
  }
  put(at("slots-used"), text("slots", { used: store.inUse, capacity: store.capacity }));
  show(at("refused"), store.refused > 0 ? text("refusedLately", { n: store.refused }) : "");
  at("slots").style.setProperty("--used", store.inUse / store.capacity);
  drawCode();
}

function drawCode() {
  const rules = store.orderCodes;
  at("codes").checked = Boolean(rules);
  at("codes-form").hidden = !rules;
  if (rules && !typing.has("codes-form")) {
    at("code-minutes").value = rules.minutes;
    at("code-orders").value = rules.orders;
  }
  at("code-shown").hidden = !rules || code?.minutes !== rules.minutes;
  if (at("code-shown").hidden) {
    return;
  }
  show(at("code"), `${code.code.slice(0, 4)}-${code.code.slice(4)}`);
  const dark = code.qr.flatMap((row, y) => [...row].map((module, x) => (module === "1" ? `M${x} ${y}h1v1h-1z` : "")));
  at("qr").setAttribute("viewBox", `-4 -4 ${code.qr.length + 8} ${code.qr.length + 8}`);
  at("qr").setAttribute("aria-label", text("codeLink"));
  at("qr").firstElementChild.setAttribute("d", dark.join(""));
  drawCodeTime();
}

export function drawCodeTime() {
  show(at("code-left"), code ? text("codeLeft", { time: duration((new Date(code.renewedAt) - now()) / 1000) }) : "");
}
