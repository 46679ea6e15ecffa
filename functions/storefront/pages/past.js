// On the barista's page: "Is mine ready?" The orders that have ended, and to find one, those at the counter.

import { ending, openHistory } from "./history.js";
import { drawList } from "./list.js";
import { refuse } from "./notices.js";
import { tap } from "./outbox.js";
import { at, put, reason, show } from "./page.js";
import { atCounter } from "./queue.js";
import { ORDERS, askAsStaff } from "./session.js";
import { called, customer, dayAndTime, drink, named, text } from "./texts.js";

const PAUSE_MS = 10_000; // Also orders end that were never at the counter.
const READY = "ready for pickup";

let past = null; // The orders that have ended lately, null before they were asked for.
let askedAt = 0;
const again = new Set(); // The ids of those whose drink is to be made again.

export function startPast(look) {
  at("past-details").addEventListener("toggle", ({ target }) => {
    if (target.open) {
      drawPast();
      look();
    }
  });
  at("look-back").addEventListener("click", () => {
    at("past-details").open = true;
    at("lookup").focus();
  });
  at("lookup").addEventListener("input", () => {
    refuse("");
    drawPast();
  });
  at("lookup-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const orders = found();
    if (orders.length < 2) {
      openHistory(orders[0]?.orderId ?? at("lookup").value.trim());
    }
  });
}

/** Look at them while they are to be seen: when an order has left the counter, and now and then. */
export async function lookAtPast(hasChanged) {
  if (!at("past-details").open) {
    askedAt = 0;
    return;
  }
  if (!hasChanged && Date.now() - askedAt < PAUSE_MS) {
    return;
  }
  try {
    past = (await askAsStaff("GET", "orders?status=ended", ORDERS)).orders;
    askedAt = Date.now();
    show(at("past-problem"), "");
  } catch (error) {
    show(at("past-problem"), reason(error));
  }
  drawPast();
}

/** What was typed is a number, an order id, or a part of a name: at the counter, then ready, then others. */
function found() {
  const wanted = at("lookup").value.trim().toLowerCase();
  const ended = past ?? [];
  if (!wanted) {
    return ended;
  }
  const isWanted = (order) =>
    String(order.number) === wanted || order.orderId.toLowerCase() === wanted || customer(order).toLowerCase().includes(wanted);
  const isReady = ({ status }) => status === READY;
  const hasEnded = ({ orderId }) => ended.some((order) => order.orderId === orderId);
  const waiting = atCounter().filter((order) => !hasEnded(order));
  return [...waiting, ...ended.filter(isReady), ...ended.filter((order) => !isReady(order))].filter(isWanted);
}

export function drawPast() {
  if (!at("past-details").open) {
    return;
  }
  const orders = found();
  at("no-past").hidden = past === null || orders.length > 0;
  put(at("no-past"), text(at("lookup").value.trim() ? "noneFound" : "noPastOrders"));
  drawList(at("past-orders"), orders, ({ orderId }) => orderId, newRow, drawRow);
}

function newRow({ orderId }) {
  const row = at("past-template").content.firstElementChild.cloneNode(true);
  row.querySelector(".history").addEventListener("click", () => openHistory(orderId));
  row.querySelector(".again").addEventListener("click", ({ currentTarget }) => {
    if (currentTarget.ariaDisabled === "true") {
      return;
    }
    const order = past.find((one) => one.orderId === orderId);
    again.add(orderId);
    tap("again", { orderId, called: called(order), body: {} });
    drawPast();
  });
  return row;
}

function drawRow(row, order) {
  row.dataset.end = order.status;
  put(row.querySelector(".number"), String(order.number ?? ""));
  put(row.querySelector(".drink"), drink(order));
  put(row.querySelector(".customer"), text("forCustomer", { name: customer(order) }));
  put(row.querySelector(".end"), order.endedAt ? endOf(order) : stateOf(order));
  for (const button of row.querySelectorAll("button")) {
    put(button, text(button.dataset.does));
    button.ariaLabel = `${text(button.dataset.does)}: ${named(order)}`;
  }
  const isOld = !order.drink; // Nobody knows any more what it was.
  row.querySelector(".again").hidden = isOld || !order.endedAt;
  row.querySelector(".again").ariaDisabled = String(again.has(order.orderId));
}

function endOf(order) {
  const maker = order.status === READY && order.baristaId ? text("madeBy", { barista: order.baristaId }) : "";
  return [ending(order), maker, dayAndTime(new Date(order.endedAt))].filter(Boolean).join(" ");
}

function stateOf({ takenBy }) {
  return takenBy ? text("makes", { barista: takenBy }) : text("history.in preparation");
}
