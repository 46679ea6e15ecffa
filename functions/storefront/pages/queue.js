// On the barista's page: the orders at the counter, oldest first.

import { openHistory } from "./history.js";
import { announce, refuse } from "./notices.js";
import { at, like, now, reason, setClock } from "./page.js";
import { ORDERS, askAsStaff } from "./session.js";
import { customer, drink, duration, has, named, text } from "./texts.js";

const AMBER_SHARE = 1 / 3; // Of the order's whole time, left before it times out.
const RED_SHARE = 2 / 15;
const REASONS = ["reasonMilk", "reasonBeans", "reasonMachine"];

let orders = [];
let knownOrders = null; // The ids that were announced, null before the first look.
const clicks = new Map(); // By order id: the action, until the order has left the counter.
const reasons = new Map(); // By order id, as long: why it was to be declined, should that fail.
let lookAgain;

export function startOrders(look) {
  lookAgain = look;
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
}

export async function lookAtOrders() {
  const counter = await askAsStaff("GET", "orders?status=in%20preparation", ORDERS);
  setClock(counter.now);
  orders = counter.orders;
  announceNew();
  forget();
  return orders;
}

/** Say what is new; not what was there when the page was opened. */
function announceNew() {
  const fresh = knownOrders ? orders.filter(({ orderId }) => !knownOrders.has(orderId)) : [];
  knownOrders = new Set(orders.map(({ orderId }) => orderId));
  if (fresh.length === 1) {
    announce(text("newOrder", { drink: drink(fresh[0]), name: customer(fresh[0]) }));
  } else if (fresh.length > 1) {
    announce(text("newOrders", { n: fresh.length }));
  }
}

/** Let go of what is known of orders that have left the counter. */
function forget() {
  for (const known of [clicks, reasons]) {
    for (const orderId of known.keys()) {
      if (!knownOrders.has(orderId)) {
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
  drawOrders();
  if (action !== "heartbeat") {
    focusNext(orderId);
  }
  try {
    await askAsStaff("POST", `${path(orderId)}/${action}`, (done) => done.orderId === orderId, { body });
    announce(text("clicked", { action: text(action), drink: drink(order), name: customer(order) }));
    if (action === "heartbeat") {
      clicks.delete(orderId);
    }
  } catch (error) {
    clicks.delete(orderId);
    refuse(text("clickNotDone", { order: named(order), reason: await whyNot(error, orderId) }));
  }
  drawOrders();
  lookAgain();
}

/** Where others cannot be told from the answer alone, the order itself says what became of it. */
async function whyNot(error, orderId) {
  if (error.status === 409 || error.status === 410) {
    const order = await askAsStaff("GET", path(orderId), like({ status: "" })).catch(() => ({}));
    const known = `gone.${order.status}`;
    if (has(known)) {
      return text(known, { barista: order.baristaId });
    }
  }
  return reason(error);
}

function path(orderId) {
  return `orders/${encodeURIComponent(orderId)}`;
}

export function drawOrders() {
  const list = at("orders");
  const cards = new Map([...list.children].map((card) => [card.dataset.orderId, card]));
  // In place, so that the focus stays where it is.
  orders.forEach((order, index) => {
    const card = cards.get(order.orderId) ?? newCard(order);
    cards.delete(order.orderId);
    if (list.children[index] !== card) {
      list.insertBefore(card, list.children[index] ?? null);
    }
    drawCard(card, order);
  });
  cards.forEach((card) => card.remove());
  at("empty").hidden = orders.length > 0;
  drawTimes();
}

function newCard(order) {
  const card = at("order-template").content.firstElementChild.cloneNode(true);
  card.dataset.orderId = order.orderId;
  const current = () => orders.find(({ orderId }) => orderId === order.orderId) ?? order;
  card.querySelector(".complete").addEventListener("click", () => click(current(), "complete"));
  card.querySelector(".heartbeat").addEventListener("click", () => click(current(), "heartbeat"));
  card.querySelector(".decline").addEventListener("click", () => {
    if (!clicks.has(order.orderId)) {
      openDecline(current());
    }
  });
  card.querySelector(".history").addEventListener("click", () => openHistory(order.orderId));
  return card;
}

function openDecline(order) {
  at("decline-dialog").returnValue = "";
  at("decline-dialog").dataset.orderId = order.orderId;
  at("decline-order").textContent = named(order);
  at("reasons").replaceChildren(...REASONS.map((name) => new Option(text(name))));
  at("reason").value = reasons.get(order.orderId) ?? "";
  at("decline-dialog").showModal();
}

function drawCard(card, order) {
  const clicked = clicks.get(order.orderId);
  card.classList.toggle("leaving", clicked === "complete" || clicked === "decline");
  card.querySelector(".drink").textContent = drink(order);
  card.querySelector(".customer").textContent = text("forCustomer", { name: customer(order) });
  for (const action of ["complete", "heartbeat", "decline", "history"]) {
    const button = card.querySelector(`.${action}`);
    button.textContent = text(action);
    button.ariaLabel = `${text(action)}: ${named(order)}`;
    button.ariaDisabled = String(clicked !== undefined && action !== "history"); // It keeps the focus.
  }
}

export function drawTimes() {
  for (const card of at("orders").children) {
    const order = orders.find(({ orderId }) => orderId === card.dataset.orderId);
    if (!order) {
      continue;
    }
    const end = new Date(order.timesOutAt);
    const left = (end - now()) / 1000;
    const share = (end - now()) / (end - new Date(order.waitingSince));
    card.classList.toggle("red", share < RED_SHARE);
    card.classList.toggle("amber", share >= RED_SHARE && share < AMBER_SHARE);
    card.style.setProperty("--left", Math.min(1, Math.max(0, share)));
    card.querySelector(".dial text").textContent = share < RED_SHARE ? "!" : Math.floor(left / 60);
    const waited = (now() - new Date(order.receivedAt)) / 1000;
    card.querySelector(".waited").textContent = text("waited", { time: duration(waited) });
    card.querySelector(".left").textContent = left > 0 ? text("left", { time: duration(left) }) : text("overdue");
  }
}

/** After a click whose card is about to go, the next order has the focus; not its button, for a key
 * that is held down would complete one after the other. */
function focusNext(orderId) {
  const card = [...at("orders").children].find((one) => one.dataset.orderId === orderId);
  const next = card?.nextElementSibling ?? card?.previousElementSibling;
  next?.focus();
}
