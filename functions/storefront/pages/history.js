// On the barista's page: who did what with an order when.

import { refuse } from "./notices.js";
import { at, like, reason } from "./page.js";
import { askAsStaff } from "./session.js";
import { called, dayAndTime, has, text } from "./texts.js";

export const HISTORY = like({ order: {}, moments: [] });

let shown = null; // The history in the dialog.

export function startHistory() {
  at("history-close").addEventListener("click", () => at("history-dialog").close());
}

/** Show who did what with an order when. */
export async function openHistory(orderId) {
  refuse("");
  try {
    shown = await askAsStaff("GET", `orders/${encodeURIComponent(orderId)}/history`, HISTORY);
  } catch (error) {
    refuse(error.status === 404 ? text("noSuchOrder", { id: orderId }) : reason(error));
    return;
  }
  drawHistory();
  at("history-dialog").showModal();
}

/** In the language of the page. */
export function drawHistory() {
  if (!shown) {
    return;
  }
  const { order, moments } = shown;
  at("history-order").textContent = called(order, (whole) => whole);
  at("history-workflow").href = `workflow#order=${encodeURIComponent(order.orderId)}`;
  at("history-id").textContent = `${text("orderId")}: ${order.orderId}`;
  at("history").replaceChildren(...moments.map((one) => line(one, order)));
}

function line(one, order) {
  return timed(one.at, said(one, order));
}

/** A line of a list: when, and what. */
export function timed(at, what) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = dayAndTime(new Date(at));
  item.append(time, ` ${what}`);
  return item;
}

/** One of the moments of a history, in words. */
export function said(one, order) {
  if (one.what === "ended") {
    return ending(order);
  }
  const name = `history.${one.what}`;
  return text(one.by || !has(`${name}.`) ? name : `${name}.`, { barista: one.by, reason: one.reason });
}

/** How an order has ended. */
export function ending(order) {
  const why = `refused.${order.code}`;
  return has(why) ? text(why) : text(`ended.${order.status}`);
}
