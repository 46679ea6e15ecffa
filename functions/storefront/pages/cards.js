// On the barista's page: an order as a card, with what can be done.

import { load } from "./kept.js";
import { drawList } from "./list.js";
import { isSoldOut } from "./menu.js";
import { secondsLeft, waitsForNetwork } from "./outbox.js";
import { at, now, put } from "./page.js";
import { customer, duration, has, named, parts, text } from "./texts.js";

const LATE_SHARE = 1 / 3; // Of the order's whole time: from then on it shows when it times out.

/** After how many minutes an order turns amber and red, as staff have set it on this device. */
export function ages() {
  return { amber: 5, red: 8, ...load("ages", {}) };
}

/** How old an order is for staff: "red", "amber" or empty. */
export function ageOf(order) {
  const minutes = (now() - new Date(order.receivedAt)) / 60_000;
  const { amber, red } = ages();
  return minutes >= red ? "red" : minutes >= amber ? "amber" : "";
}

/**
 * Draw the cards. A view is {order, state, tap, end, barista}: `state` is "open"; "tapped" and "sent",
 * while `tap` is on its way; or "gone", `end` then being the order as it ended, if that is known.
 */
export function drawCards(views, act) {
  drawList(at("orders"), views, ({ order }) => order.orderId, (view) => newCard(view, act), drawCard);
}

function newCard({ order }, act) {
  const card = at("order-template").content.firstElementChild.cloneNode(true);
  card.addEventListener("click", ({ target }) => {
    const button = target.closest("button") ?? card.querySelector(".clear:not([hidden], .resting)");
    if (button && button.ariaDisabled !== "true") {
      act(button.dataset.does, order.orderId);
    }
  });
  return card;
}

function drawCard(card, view) {
  const { order, state } = view;
  const hadFocus = card.contains(document.activeElement) && document.activeElement !== card;
  const [drink, ...others] = parts(order).map((part) => (state === "open" && isSoldOut(part) ? text("partSoldOut", { part }) : part));
  card.dataset.state = state;
  card.dataset.end = state === "gone" ? (view.end?.status ?? "") : "";
  card.dataset.making = String(state === "open" && Boolean(order.takenBy));
  card.dataset.age = state === "gone" ? "" : ageOf(order);
  put(card.querySelector(".number"), String(order.number ?? ""));
  put(card.querySelector(".waited"), clock((now() - new Date(order.receivedAt)) / 1000));
  put(card.querySelector(".drink"), drink);
  const lines = card.querySelector(".parts");
  if (lines.textContent !== others.join("")) {
    lines.replaceChildren(...others.map((part) => Object.assign(document.createElement("li"), { textContent: part })));
  }
  lines.hidden = others.length === 0;
  put(card.querySelector(".customer"), customer(order));
  put(card.querySelector(".note"), noteOf(view));
  drawTimeOut(card, view);
  drawButtons(card, view);
  if (hadFocus && document.activeElement.offsetParent === null) {
    (card.querySelector(".actions button:not([hidden])") ?? card).focus();
  }
}

function noteOf({ order, state, tap, end, barista }) {
  if (state === "gone") {
    const how = `left.${end?.status}`;
    return has(how) ? text(how, { barista: end.baristaId }) : text("left");
  }
  if (state !== "open") {
    const said = waitsForNetwork(tap) ? "notSentYet" : state === "tapped" ? "sendsIn" : "isSent";
    return text(said, { what: text(`did.${tap.what}`), s: secondsLeft(tap) });
  }
  const maker = order.takenBy ? text(order.takenBy === barista ? "youMake" : "makes", { barista: order.takenBy }) : "";
  return maker || (order.againOf ? text("madeAgain") : "");
}

function drawTimeOut(card, { order, state }) {
  const end = new Date(order.timesOutAt);
  const left = (end - now()) / 1000;
  const isLate = state === "open" && (end - now()) / (end - new Date(order.waitingSince)) < LATE_SHARE;
  card.querySelector(".time-out").hidden = !isLate;
  put(card.querySelector(".left"), left > 0 ? text("timesOut", { time: duration(left) }) : text("overdue"));
}

function drawButtons(card, { order, state, barista }) {
  const isMine = order.takenBy === barista;
  const isOthers = Boolean(order.takenBy) && !isMine;
  const isOpen = state === "open";
  const take = isOthers ? "over" : isMine ? "giveBack" : "take";
  const shown = {
    complete: isOpen, take: isOpen, undo: state === "tapped", clear: state === "gone",
    heartbeat: isOpen, decline: isOpen, history: true,
  };
  card.querySelector(".take").dataset.does = take;
  for (const [name, isShown] of Object.entries(shown)) {
    const button = card.querySelector(`.${name}`);
    button.hidden = !isShown;
    put(button, text(button.dataset.does));
    button.ariaLabel = `${text(button.dataset.does)}: ${named(order)}`;
    // The server would refuse it: take it over first.
    button.ariaDisabled = String(isOthers && ["complete", "decline"].includes(name));
  }
}

/** A time that counts up: 4:05. */
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
