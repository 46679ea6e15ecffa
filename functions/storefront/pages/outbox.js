// On the barista's page: the taps of which the server has not heard yet.
//
// A tap that can be undone waits five seconds, others are sent at once; without a network all wait.
// They are kept on the device, so a reload loses none. Who has tapped is kept with each, and only that
// barista's session sends it. A request may arrive whose answer is lost: it is sent again, for the
// server does nothing twice for the same barista.

import { inBrowser, keep, load } from "./kept.js";
import { Refused, like, random } from "./page.js";
import { askAsStaff } from "./session.js";

const UNDO_MS = 5000;
const RETRY_MS = 2000;
const SEEN_MS = 30_000; // By then the list of orders shows what a tap has done.
const KEPT_MS = 24 * 3600_000; // They name customers. By then each order has ended.
const OLD_MS = 15 * 60_000; // As long as what a tap begins is wanted: who tapped may have gone since.
const DECISIONS = ["complete", "decline"];
const CAN_BE_UNDONE = [...DECISIONS, "soldOut", "close"];
const BEGINS = ["close", "again"];
const SHOWS_LATER = [...DECISIONS, "soldOut", "take", "giveBack", "close"];
const OUTBOX = "outbox";
const BARISTA = "barista"; // Whose session this browser has, for all its tabs.

const own = new Set(); // The ids of the taps on this tab.
const sending = new Set(); // The ids of those that this tab has sent and has no answer for.
let owner = ""; // Who works here, or did last.
let isHere = false;
let isSending = false;
let isOnline = navigator.onLine; // Also false after a request without an answer.
let pausedUntil = 0; // Of performance.now(), which nobody sets.
let timer;
let told; // {changed(), done(tap), refused(tap, error)}; the last says whether that was final.

export function startOutbox(listener) {
  told = listener;
  addEventListener("storage", ({ key }) => key === inBrowser(OUTBOX) && changed());
  addEventListener("online", inContact);
  addEventListener("offline", () => {
    isOnline = false;
    told.changed();
  });
  addEventListener("pagehide", sendAtOnce);
  document.addEventListener("visibilitychange", () => document.hidden && sendAtOnce());
  // Whether it was closed is to be seen; somebody may have opened it again since.
  save(all().filter(({ what, tried, at }) => !(what === "close" && tried) && since(at) < KEPT_MS));
}

/** Say who works here now; nobody, while another may be signing in: then no tab sends anything. */
export function setOwner(name) {
  owner = name || owner;
  isHere = Boolean(name);
  keep(BARISTA, name);
  if (name) {
    changed();
  }
}

export function me() {
  return owner;
}

/** Say when somebody has signed in, in another tab: the session is theirs here, too. */
export function onSignIn(enter) {
  addEventListener("storage", ({ key }) => {
    const name = load(BARISTA, "");
    if (key === inBrowser(BARISTA) && name && !(isHere && name === owner)) {
      enter();
    }
  });
}

/** The taps of whoever works here that the list of orders does not show yet, as they were made. */
export function taps() {
  return all().filter((tap) => tap.by === owner && !isSeen(tap));
}

/** The names of others whose taps are kept here, one for each tap. */
export function otherTaps() {
  return all().filter(({ by, sentAt }) => by !== owner && !sentAt).map(({ by }) => by);
}

export function waitsForNetwork(tap) {
  return !isOnline && !tap.sentAt;
}

/** Seconds until a tap is sent. */
export function secondsLeft(tap) {
  return Math.max(1, Math.ceil(wait(tap) / 1000));
}

/** Send this when it is due. `called` names the order, should it be refused when it has left. */
export function tap(what, { orderId, body, called } = {}) {
  const last = taps().findLast((one) => one.orderId === orderId && !one.sentAt);
  if (last?.what === what && what !== "soldOut") {
    return;
  }
  const id = random(9);
  own.add(id);
  save([...all(), { id, by: owner, what, orderId, body, called, at: Date.now() }]);
  changed();
}

/** Take back what can be undone of an order, or of the store, as long as it was not sent. */
export function undo(orderId) {
  const isMeant = (one) => one.by === owner && one.orderId === orderId && CAN_BE_UNDONE.includes(one.what) && !one.tried;
  save(all().filter((one) => !isMeant(one)));
  changed();
}

/** The server has answered: whatever the browser thinks, there is a network. */
export function inContact() {
  if (!isOnline) {
    isOnline = true;
    pausedUntil = 0;
  }
  changed();
}

/** Before the barista signs out: send all that waits, and wait for the answers. */
export async function emptyOutbox() {
  await navigator.locks.request(inBrowser(OUTBOX), () => sendAll(() => true));
}

/** Let go of what was sent for orders that have left the counter since. */
export function forgetTaps(isThere) {
  const kept = all().filter((tap) => !isSeen(tap) && (!tap.sentAt || !DECISIONS.includes(tap.what) || isThere(tap.orderId)));
  if (kept.length < all().length) {
    save(kept);
  }
}

function isSeen({ what, sentAt }) {
  return sentAt !== undefined && since(sentAt) > (DECISIONS.includes(what) ? SEEN_MS : RETRY_MS);
}

/** How long a tap still waits, in ms. What may have been sent already can't be undone, and waits no more. */
function wait({ what, tried, at }) {
  return tried || !CAN_BE_UNDONE.includes(what) ? 0 : UNDO_MS - since(at);
}

/** How far that is from now, in ms: a clock that was set back holds nothing up. */
function since(time) {
  return Math.abs(Date.now() - time);
}

function all() {
  const kept = load(OUTBOX, []);
  return Array.isArray(kept) ? kept : [];
}

function save(kept) {
  keep(OUTBOX, kept);
}

function unsent() {
  return load(BARISTA, "") === owner ? taps().filter(({ sentAt }) => !sentAt) : [];
}

function changed() {
  told.changed();
  clearTimeout(timer);
  const waits = unsent().map(wait);
  if (waits.length > 0 && mayArrive()) {
    timer = setTimeout(sendDue, Math.max(0, Math.min(...waits), pausedUntil - performance.now()));
  }
}

function mayArrive() {
  return isOnline || navigator.onLine;
}

/** Send what is due, one after the other, from one tab only. */
async function sendDue() {
  if (isSending) {
    return;
  }
  isSending = true;
  await navigator.locks.request(inBrowser(OUTBOX), { ifAvailable: true }, async (lock) => {
    if (lock) {
      await sendAll((tap) => wait(tap) <= 0);
    } else {
      pausedUntil = performance.now() + RETRY_MS;
    }
  });
  isSending = false;
  changed();
}

/** In the order in which they were tapped: what has to wait holds up the rest of its order. */
async function sendAll(isDue) {
  const stuck = new Set();
  for (const { id } of unsent()) {
    const tap = find(id); // It may have been undone meanwhile.
    if (tap && !stuck.has(tap.orderId) && isDue(tap)) {
      if (!(await send(tap))) {
        break;
      }
      if (find(id)) {
        stuck.add(tap.orderId);
      }
    }
  }
}

function find(id) {
  return unsent().find((tap) => tap.id === id);
}

/** When this tab is closed or hidden nobody can undo on it any more, and it may never run again. */
function sendAtOnce() {
  if (mayArrive()) {
    unsent().filter(({ id }) => own.has(id)).forEach(send);
  }
}

/** Return whether the next one may be sent. */
async function send(tap) {
  if (sending.has(tap.id)) {
    return false;
  }
  if (BEGINS.includes(tap.what) && since(tap.at) > OLD_MS) {
    remove(tap);
    told.refused(tap, null);
    return true;
  }
  sending.add(tap.id);
  update(tap, { tried: true });
  try {
    const [method, path, isOurs] = request(tap);
    await askAsStaff(method, path, isOurs, { body: tap.body, keepalive: true });
    isOnline = true;
  } catch (error) {
    return await fail(tap, error);
  } finally {
    sending.delete(tap.id);
  }
  finish(tap);
  return true;
}

function finish(tap) {
  if (SHOWS_LATER.includes(tap.what)) {
    update(tap, { sentAt: Date.now() });
  } else {
    remove(tap);
  }
  told.done(tap);
  told.changed();
}

async function fail(tap, error) {
  const { what, tried } = tap;
  const isRefused = error instanceof Refused;
  const mayPass = !isRefused || !error.final || [401, 403].includes(error.status) || (what === "soldOut" && error.status === 409);
  isOnline = isRefused;
  if (error.status === 409 && (what === "giveBack" || (what === "again" && tried))) {
    finish(tap); // It is so already.
  } else if (!mayPass && (await told.refused(tap, error))) {
    remove(tap);
    told.changed();
  } else {
    pausedUntil = performance.now() + RETRY_MS;
    return isRefused && ![401, 403].includes(error.status); // Another request may be served.
  }
  return true;
}

function update({ id }, news) {
  save(all().map((one) => (one.id === id ? { ...one, ...news } : one)));
}

function remove({ id }) {
  save(all().filter((one) => one.id !== id));
}

function request({ what, orderId }) {
  const order = `orders/${encodeURIComponent(orderId)}`;
  const isAboutIt = (answer) => answer.orderId === orderId;
  return {
    complete: ["POST", `${order}/complete`, isAboutIt],
    decline: ["POST", `${order}/decline`, isAboutIt],
    heartbeat: ["POST", `${order}/heartbeat`, isAboutIt],
    take: ["POST", `${order}/take`, isAboutIt],
    giveBack: ["DELETE", `${order}/take`, isAboutIt],
    again: ["POST", `${order}/again`, like({ orderId: "" })],
    soldOut: ["PUT", "store/menu/sold-out", like({ items: [] })],
    close: ["PUT", "store", like({ open: true })],
  }[what];
}
