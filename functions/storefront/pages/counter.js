// The barista's page: what is on the counter, oldest first, and the store's switch.

import { Refused, Watch, ask, at, reason, show } from "./page.js";
import { drawPast, openHistory, startHistory } from "./history.js";
import { comeBack, endSession, leave } from "./sign_in.js";
import { duration, has, speak, text } from "./texts.js";

const AMBER_SECONDS = 300; // Left before the order times out.
const RED_SECONDS = 120;
const RETRY_MS = 5000;
const DECIDED = [401, 403, 404]; // What the server says of a session; anything else may pass.
const REFUSAL_MS = 30_000; // As long as it says why a click was not done.
const CODES = { minutes: 5, orders: 20 }; // When they are switched on.

let barista = null;
let door = { text: "", signIn: null }; // What is shown while nobody works here.
let store = null;
let orders = [];
let ahead = 0; // How far the server's clock is before this one's, in ms.
let knownOrders = null; // The ids that were announced, null before the first look.
const clicks = new Map(); // By order id: the action, until the order has left the counter.
const reasons = new Map(); // By order id, as long: why it was to be declined, should that fail.
let refusalTimer;
let changes = 0; // Of the store: begun and ended here.
let typing = false; // A capacity that is not set yet.
let typingCodes = false;
let code = null; // What an order on the page needs now.
let renewal = null;
let retryTimer;

const watch = new Watch(look);

at("sign-in").addEventListener("click", () => leave(door.signIn));
at("sign-out").addEventListener("click", async () => {
  let signedOut;
  try {
    signedOut = await ask("DELETE", "session");
  } catch (error) {
    refuse(text("notDone", { reason: reason(error) }));
    return;
  }
  if (signedOut.endSessionUrl) {
    endSession(signedOut.endSessionUrl);
  } else {
    await enter();
  }
});
at("open").addEventListener("click", () => change({ open: !store.open }));
at("capacity").addEventListener("input", () => {
  typing = true;
});
at("capacity-form").addEventListener("submit", (event) => {
  event.preventDefault();
  typing = false;
  change({ capacity: at("capacity").valueAsNumber });
});
at("codes").addEventListener("change", ({ target }) => change({ orderCodes: target.checked && CODES }));
at("codes-form").addEventListener("input", () => {
  typingCodes = true;
});
at("codes-form").addEventListener("submit", (event) => {
  event.preventDefault();
  typingCodes = false;
  change({ orderCodes: { minutes: at("code-minutes").valueAsNumber, orders: at("code-orders").valueAsNumber } });
});
at("keep").addEventListener("click", () => at("decline-dialog").close());
// After the dialog, for while it is open nothing behind it can have the focus.
at("decline-dialog").addEventListener("close", ({ target }) => {
  if (target.returnValue !== "decline") {
    return;
  }
  const order = orders.find(({ orderId }) => orderId === target.dataset.orderId);
  if (order) {
    reasons.set(order.orderId, at("reason").value);
    click(order, "decline", { reason: at("reason").value });
  } else {
    refuse(text("clickNotDone", { order: at("decline-order").textContent, reason: text("conflict") }));
  }
});

startHistory(renewing);
speak("counter", () => {
  draw();
  drawPast();
});
setInterval(drawTimes, 1000);
enter();

async function enter() {
  clearTimeout(retryTimer);
  watch.stop();
  barista = null;
  const failure = await comeBack().catch((error) => error);
  try {
    barista = (await session()).baristaId;
    door = { text: "", signIn: null };
  } catch (error) {
    closeDoor(failure || error, error);
    if (!DECIDED.includes(error.status)) {
      retryTimer = setTimeout(enter, RETRY_MS);
    }
  }
  draw();
  if (barista) {
    watch.start();
  }
}

async function session() {
  return renewing(() => ask("GET", "session"));
}

/** Ask; if the session has run out, renew it and ask once more. */
async function renewing(request) {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) {
      throw error;
    }
    // One renewal for all that wait for it: a refresh token may be good for one use only.
    renewal ??= ask("PUT", "session").finally(() => {
      renewal = null;
    });
    try {
      await renewal;
    } catch (second) {
      throw second instanceof Refused && second.status === 401 ? error : second;
    }
    return request();
  }
}

/** Say why nobody works here, and let them sign in if the server told where. */
function closeDoor(why, answer) {
  const failed = why !== answer; // A sign-in was begun and did not work: that says why.
  const known = { 401: failed ? null : "signInFirst", 403: "notStaff", 404: "noSignIn" }[why.status];
  const told = known ? text(known) : text("signInFailed", { reason: reason(why) });
  door = { text: told, signIn: answer.body?.authorizationEndpoint ? answer.body : null };
}

async function look() {
  const before = changes;
  try {
    const [counter, nowStore] = await renewing(() =>
      Promise.all([ask("GET", "orders?status=in%20preparation"), ask("GET", "store")]),
    );
    ahead = new Date(counter.now) - Date.now();
    orders = counter.orders;
    if (changes === before) {
      store = nowStore;
    }
  } catch (error) {
    await leaveIfOver(error);
    throw error;
  }
  announce();
  forget();
  draw();
  await renewCode();
}

/** Ask for the code only when there is another: then the one that is shown has had its time. */
async function renewCode() {
  if (!store.orderCodes) {
    return;
  }
  const { minutes } = store.orderCodes;
  if (code?.minutes !== minutes || Date.now() + ahead >= new Date(code.renewedAt)) {
    const page = encodeURIComponent(new URL("order", location.href).href);
    code = { minutes, ...(await renewing(() => ask("GET", `order-code?page=${page}`))) };
    draw();
  }
}

/** If it is the session that failed, and not the request alone, close the door. */
async function leaveIfOver(error) {
  if (error.status !== 401 && error.status !== 403) {
    return;
  }
  try {
    await session();
  } catch (why) {
    if (DECIDED.includes(why.status)) {
      watch.stop();
      barista = null;
      closeDoor(why, why);
      draw();
    }
  }
}

/** Say aloud what is new; not what was there when the page was opened. */
function announce() {
  const fresh = knownOrders ? orders.filter(({ orderId }) => !knownOrders.has(orderId)) : [];
  knownOrders = new Set(orders.map(({ orderId }) => orderId));
  if (fresh.length === 1) {
    say("newOrder", fresh[0]);
  } else if (fresh.length > 1) {
    at("announcement").textContent = text("newOrders", { n: fresh.length });
  }
}

/** Let go of what is known of orders that have left the counter. */
function forget() {
  for (const known of [clicks, reasons]) {
    for (const orderId of known.keys()) {
      if (!orders.some((order) => order.orderId === orderId)) {
        known.delete(orderId);
      }
    }
  }
}

/** Show the click's result at once, and undo that if the server says no. */
async function click(order, action, body = {}) {
  const { orderId } = order;
  if (clicks.has(orderId)) {
    return;
  }
  clicks.set(orderId, action);
  refuse("");
  draw();
  if (action !== "heartbeat") {
    focusNext(orderId);
  }
  try {
    await renewing(() => ask("POST", `${path(orderId)}/${action}`, { body }));
    say("clicked", order, { action: text(action) });
    if (action === "heartbeat") {
      clicks.delete(orderId);
    }
  } catch (error) {
    clicks.delete(orderId);
    refuse(text("clickNotDone", { order: named(order), reason: await whyNot(error, orderId) }));
  }
  draw();
  watch.now();
}

/** Where others cannot be told from the answer alone, the order itself says what became of it. */
async function whyNot(error, orderId) {
  if (error.status === 409 || error.status === 410) {
    const order = await ask("GET", path(orderId)).catch(() => ({}));
    const known = `gone.${order.status}`;
    if (has(known)) {
      return text(known, { barista: order.baristaId });
    }
  }
  return reason(error);
}

/** Say why a click was not done: not in the order's row, which may be gone in a moment. */
function refuse(why) {
  clearTimeout(refusalTimer);
  show(at("refusal"), why);
  if (why) {
    refusalTimer = setTimeout(() => show(at("refusal"), ""), REFUSAL_MS);
  }
}

function path(orderId) {
  return `orders/${encodeURIComponent(orderId)}`;
}

async function change(body) {
  if (at("open").ariaDisabled === "true") {
    return;
  }
  const before = store;
  store = { ...store, ...body };
  changes += 1;
  at("open").ariaDisabled = "true";
  show(at("store-problem"), "");
  draw();
  try {
    store = await renewing(() => ask("PUT", "store", { body }));
  } catch (error) {
    store = before;
    show(at("store-problem"), text("notDone", { reason: reason(error) }));
  }
  changes += 1; // A look that began meanwhile may have seen the store as it was.
  at("open").ariaDisabled = "false";
  draw();
  watch.now();
}

function draw() {
  const working = Boolean(barista && store);
  at("door").hidden = Boolean(barista) || !door.text;
  at("door-text").textContent = door.text;
  at("sign-in").hidden = !door.signIn;
  at("sign-out").hidden = !barista;
  show(at("who"), barista ? text("signedInAs", { barista }) : "");
  at("store").hidden = at("queue").hidden = at("past").hidden = !working;
  if (working) {
    drawStore();
    drawOrders();
  } else {
    at("history-dialog").close();
  }
}

function drawStore() {
  at("open").setAttribute("aria-checked", String(store.open));
  at("open").textContent = text(store.open ? "open" : "closed");
  if (!typing) {
    at("capacity").value = store.capacity;
  }
  show(at("slots"), store.inUse === undefined ? "" : text("slots", { used: store.inUse, capacity: store.capacity }));
  drawCode();
  at("reasons").replaceChildren(...["reasonMilk", "reasonBeans", "reasonMachine"].map((name) => new Option(text(name))));
}

function drawCode() {
  const rules = store.orderCodes;
  at("codes").checked = Boolean(rules);
  at("codes-form").hidden = !rules;
  if (rules && !typingCodes) {
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
}

function drawOrders() {
  const list = at("orders");
  const rows = new Map([...list.children].map((row) => [row.dataset.orderId, row]));
  // In place, so that the focus stays where it is.
  orders.forEach((order, index) => {
    const row = rows.get(order.orderId) ?? newRow(order);
    rows.delete(order.orderId);
    if (list.children[index] !== row) {
      list.insertBefore(row, list.children[index] ?? null);
    }
    drawRow(row, order);
  });
  rows.forEach((row) => row.remove());
  at("empty").hidden = orders.length > 0;
  drawTimes();
}

function newRow(order) {
  const row = at("order-template").content.firstElementChild.cloneNode(true);
  row.dataset.orderId = order.orderId;
  const current = () => orders.find(({ orderId }) => orderId === order.orderId) ?? order;
  row.querySelector(".complete").addEventListener("click", () => click(current(), "complete"));
  row.querySelector(".heartbeat").addEventListener("click", () => click(current(), "heartbeat"));
  row.querySelector(".decline").addEventListener("click", () => {
    if (clicks.has(order.orderId)) {
      return;
    }
    at("decline-dialog").returnValue = "";
    at("decline-dialog").dataset.orderId = order.orderId;
    at("decline-order").textContent = named(current());
    at("reason").value = reasons.get(order.orderId) ?? "";
    at("decline-dialog").showModal();
  });
  row.querySelector(".history").addEventListener("click", () => openHistory(order.orderId));
  return row;
}

function drawRow(row, order) {
  const clicked = clicks.get(order.orderId);
  row.classList.toggle("leaving", clicked === "complete" || clicked === "decline");
  row.querySelector(".drink").textContent = order.drink;
  row.querySelector(".customer").textContent = text("forCustomer", { name: customer(order) });
  for (const action of ["complete", "heartbeat", "decline"]) {
    const button = row.querySelector(`.${action}`);
    button.textContent = text(action);
    button.setAttribute("aria-label", `${text(action)}: ${named(order)}`);
    button.setAttribute("aria-disabled", String(clicked !== undefined)); // It keeps the focus.
  }
  row.querySelector(".history").textContent = text("history");
  row.querySelector(".history").setAttribute("aria-label", `${text("history")}: ${named(order)}`);
}

function drawTimes() {
  const now = Date.now() + ahead;
  show(at("code-left"), code ? text("codeLeft", { time: duration((new Date(code.renewedAt) - now) / 1000) }) : "");
  for (const row of at("orders").children) {
    const order = orders.find(({ orderId }) => orderId === row.dataset.orderId);
    if (!order) {
      continue;
    }
    const left = (new Date(order.timesOutAt) - now) / 1000;
    row.classList.toggle("red", left < RED_SECONDS);
    row.classList.toggle("amber", left >= RED_SECONDS && left < AMBER_SECONDS);
    const waited = (now - new Date(order.receivedAt)) / 1000;
    row.querySelector(".waited").textContent = text("waited", { time: duration(waited) });
    row.querySelector(".left").textContent = left > 0 ? text("left", { time: duration(left) }) : text("overdue");
  }
}

/** After a click whose row is about to go, the next order has the focus; not its button, for a key
 * that is held down would complete one after the other. */
function focusNext(orderId) {
  const row = [...at("orders").children].find((one) => one.dataset.orderId === orderId);
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  next?.focus();
}

function say(name, order, values = {}) {
  at("announcement").textContent = text(name, { drink: order.drink, name: customer(order), ...values });
}

function named(order) {
  return text("yourOrder", { drink: order.drink, name: customer(order) });
}

function customer(order) {
  return order.name ?? order.userId;
}
