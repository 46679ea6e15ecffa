// On the barista's page: the orders at the counter, oldest first, and what was tapped on them.
//
// A card holds its place: an order that has left is still shown, for a while if a barista ended it, and
// otherwise until somebody has seen that, who may be making it.

import { chime, showCount } from "./attention.js";
import { ageOf, drawCards } from "./cards.js";
import { openDecline } from "./decline.js";
import { openHistory } from "./history.js";
import { announce, report } from "./notices.js";
import { forgetTaps, inContact, me, tap, taps, undo } from "./outbox.js";
import { at, like, reason, setClock } from "./page.js";
import { ORDERS, askAsStaff } from "./session.js";
import { called, has, text } from "./texts.js";
import { drawTogether, inOrder, startTogether } from "./together.js";

const HELD_MS = 5000;
const ENDS = { complete: "ready for pickup", decline: "rejected" }; // Of an order, by a barista's decision.

let orders = [];
let isKnown = false; // Whether they were looked at before.
const gone = new Map(); // By order id: {order, end, until}; `end` is the order as it ended, once known.
const red = new Set(); // The ids of the orders that have been waiting for long.

export function startOrders() {
  startTogether(drawOrders);
}

/** The orders at the counter, as they were at the last look. */
export function atCounter() {
  return orders;
}

export async function lookAtOrders() {
  const counter = await askAsStaff("GET", "orders?status=in%20preparation", ORDERS);
  setClock(counter.now);
  const before = orders;
  orders = counter.orders;
  const ids = new Set(orders.map(({ orderId }) => orderId));
  const known = new Set(before.map(({ orderId }) => orderId));
  before.filter(({ orderId }) => !ids.has(orderId)).forEach(holdPlace);
  forgetTaps((orderId) => ids.has(orderId));
  ids.forEach((orderId) => gone.delete(orderId));
  announceNew(isKnown ? orders.filter(({ orderId }) => !known.has(orderId)) : []);
  isKnown = true;
  await Promise.all([...gone.values()].filter(({ end }) => end === null).map(findEnd));
  inContact();
  return orders;
}

function announceNew(fresh) {
  if (fresh.length > 0) {
    chime("fresh");
    announce(fresh.length === 1 ? text("newOrder", { order: called(fresh[0]) }) : text("newOrders", { n: fresh.length }));
  }
}

/** Keep an order in its place, unless it is this barista's tap that has ended it. */
function holdPlace(order) {
  if (!decisionOn(order.orderId)?.sentAt) {
    gone.set(order.orderId, { order, end: null, until: Infinity });
  }
}

async function findEnd(held) {
  const end = await askAsStaff("GET", path(held.order), like({ status: "" })).catch(() => null);
  if (end === null || !has(`left.${end.status}`)) {
    return; // It is known at the next look.
  }
  held.end = end;
  if (Object.values(ENDS).includes(end.status)) {
    held.until = Date.now() + HELD_MS;
  } else {
    chime("canceled");
    announce(`${called(held.order)}: ${text(`left.${end.status}`)}`);
  }
}

function path({ orderId }) {
  return `orders/${encodeURIComponent(orderId)}`;
}

function find(orderId) {
  return orders.find((order) => order.orderId === orderId) ?? gone.get(orderId)?.order;
}

function decisionOn(orderId) {
  return taps().find((one) => one.orderId === orderId && one.what in ENDS);
}

/** Do what the button of an order's card says. */
function act(what, orderId) {
  const order = find(orderId);
  const about = { orderId, called: called(order), body: {} };
  if (what === "history") {
    openHistory(orderId);
  } else if (what === "undo") {
    undo(orderId);
  } else if (what === "clear") {
    gone.delete(orderId);
    drawOrders();
  } else if (what === "decline") {
    openDecline(order, ({ reason: why, soldOut }) => {
      tap("decline", { ...about, body: { reason: why } });
      soldOut.forEach((name) => tap("soldOut", { ...about, body: { name, soldOut: true } }));
    });
  } else if (what === "giveBack") {
    tap("giveBack", { ...about, body: undefined });
  } else {
    tap(what === "over" ? "take" : what, { ...about, body: what === "over" ? { over: true } : {} });
  }
}

/**
 * Say what became of a tap that was not done; unless what was wanted has happened, as when it was sent
 * twice because the first answer was lost. Resolves to whether that is known: an order that was decided
 * about ends a moment later.
 */
export async function explain({ what, orderId, by, called: order }, error) {
  const end = [409, 410].includes(error?.status) && orderId
    ? await askAsStaff("GET", path({ orderId }), like({ status: "" })).catch(() => ({}))
    : {};
  const maker = end.takenBy === by ? undefined : end.takenBy;
  if (what in ENDS && !maker && end.status === "in preparation") {
    return false;
  }
  if (end.status && end.status === ENDS[what] && (what === "decline" || end.baristaId === by)) {
    return true;
  }
  const known = maker ? "gone.made" : `gone.${end.status}`;
  const why = has(known) ? text(known, { barista: maker ?? end.baristaId }) : error ? reason(error) : text("tooOld");
  report(text("clickNotDone", { order, what: text(what), reason: what === "again" && error?.status === 409 ? text("againAlready") : why }));
  return true;
}

/** The order as it will be when the taps on it have been sent, and whether they have. */
function viewOf(order) {
  const own = taps().filter(({ orderId }) => orderId === order.orderId);
  const decision = own.find(({ what }) => what in ENDS);
  const taken = own.findLast(({ what }) => ["take", "giveBack"].includes(what));
  const takenBy = taken ? { take: me() }[taken.what] : order.takenBy;
  const held = gone.get(order.orderId);
  const state = held ? "gone" : !decision ? "open" : decision.tried ? "sent" : "tapped";
  return { order: { ...order, takenBy }, state, tap: decision ?? taken, end: held?.end, barista: me() };
}

export function drawOrders() {
  for (const [orderId, { until }] of gone) {
    if (Date.now() > until) {
      gone.delete(orderId);
    }
  }
  const views = [...orders, ...[...gone.values()].map(({ order }) => order)].map(viewOf);
  const open = views.filter(({ state }) => state === "open").map(({ order }) => order);
  drawTogether(open);
  views.sort((one, other) => compare(one.order.receivedAt, other.order.receivedAt) || compare(one.order.orderId, other.order.orderId));
  drawCards(inOrder(views), act);
  at("empty").hidden = views.length > 0;
  showCount(open.length);
  noteAges(open);
}

function compare(one, other) {
  return one < other ? -1 : Number(one > other);
}

function noteAges(open) {
  const late = open.filter((order) => ageOf(order) === "red").map(({ orderId }) => orderId);
  if (late.some((orderId) => !red.has(orderId))) {
    chime("late");
  }
  late.forEach((orderId) => red.add(orderId));
}
