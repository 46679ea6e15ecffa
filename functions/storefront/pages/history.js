// On the barista's page: orders that have ended, and who did what with an order when.

import { at, like, reason, show } from "./page.js";
import { ORDERS, askAsStaff } from "./session.js";
import { customer, dayAndTime, drink, has, named, text } from "./texts.js";

const HISTORY = like({ order: {}, moments: [] });

let past = null; // The orders that have ended lately, null before they were asked for.
let shown = null; // The history in the dialog.

export function startHistory() {
  at("past-details").addEventListener("toggle", ({ target }) => {
    if (target.open) {
      lookBack();
    }
  });
  at("lookup-form").addEventListener("submit", (event) => {
    event.preventDefault();
    openHistory(at("lookup").value);
  });
  at("history-close").addEventListener("click", () => at("history-dialog").close());
}

/** Show who did what with an order when. */
export async function openHistory(orderId) {
  show(at("past-problem"), "");
  try {
    shown = await askAsStaff("GET", `orders/${encodeURIComponent(orderId)}/history`, HISTORY);
  } catch (error) {
    refuse(error, orderId);
    return;
  }
  drawHistory();
  at("history-dialog").showModal();
}

async function lookBack() {
  show(at("past-problem"), "");
  try {
    past = (await askAsStaff("GET", "orders?status=ended", ORDERS)).orders;
  } catch (error) {
    refuse(error);
  }
  drawPast();
}

function refuse(error, orderId) {
  at("past-details").open = true;
  show(at("past-problem"), error.status === 404 ? text("noSuchOrder", { id: orderId }) : reason(error));
}

/** In the language of the page. */
export function drawPast() {
  at("no-past").hidden = past === null || past.length > 0;
  at("past-orders").replaceChildren(...(past ?? []).map(row));
  if (shown) {
    drawHistory();
  }
}

function row(order) {
  const item = at("past-template").content.firstElementChild.cloneNode(true);
  item.querySelector(".drink").textContent = drink(order);
  item.querySelector(".customer").textContent = text("forCustomer", { name: customer(order) });
  item.querySelector(".end").textContent = `${ending(order)} ${dayAndTime(new Date(order.endedAt))}`;
  item.dataset.end = order.status;
  const button = item.querySelector(".history");
  button.textContent = text("history");
  button.setAttribute("aria-label", `${text("history")}: ${named(order)}`);
  button.addEventListener("click", () => openHistory(order.orderId));
  return item;
}

function drawHistory() {
  const { order, moments } = shown;
  at("history-order").textContent = named(order, (whole) => whole);
  at("history-id").textContent = `${text("orderId")}: ${order.orderId}`;
  at("history").replaceChildren(...moments.map((one) => line(one, order)));
}

function line(one, order) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = one.at;
  time.textContent = dayAndTime(new Date(one.at));
  item.append(time, ` ${said(one, order)}`);
  return item;
}

function said(one, order) {
  if (one.what === "ended") {
    return ending(order);
  }
  const name = `history.${one.what}`;
  return text(one.by || !has(`${name}.`) ? name : `${name}.`, { barista: one.by, reason: one.reason });
}

function ending(order) {
  const why = `refused.${order.code}`;
  return has(why) ? text(why) : text(`ended.${order.status}`);
}
