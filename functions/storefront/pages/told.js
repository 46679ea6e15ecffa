// On the customer's page: what is said of an order. It is true at every moment: nobody is said to
// make a drink before a barista has said so.

import { isOn } from "./bell.js";
import { hasEnded, isWaiting } from "./own_order.js";
import { at, reason, show } from "./page.js";
import { has, text } from "./texts.js";

const STEPS = { "received": 1, "in preparation": 2 };
const REASON = /\((.*)\)\.$/s; // Why a barista declined, in the message of that end.

/** `wish` is what the customer has asked for: "cancel" or "change", or else null. */
export function drawOrder(order, wish, replacing) {
  const { status, drink, name, number, takenBy } = order;
  const waiting = isWaiting(order);
  at("called").hidden = !number;
  at("number").textContent = number ?? "";
  show(at("what"), drink ?? text("order"));
  at("for").hidden = !drink;
  show(at("whom"), drink ? name : "");
  at("whom").style.setProperty("--letters", Math.max(3, ...(name ?? "").split(/\s+/).map((word) => word.length)));
  drawSteps(takenBy ? 3 : STEPS[status] ?? 0);
  show(at("headline"), replacing ? text("changing") : headline(order));
  show(at("detail"), replacing ? text("changingDetail") : detail(order, wish));
  show(at("wait"), waiting && !replacing ? waitTime(order.wait) : "");
  at("bell").hidden = !waiting;
  at("bell").ariaPressed = String(isOn());
  at("bell-hint").hidden = !waiting || !isOn();
  at("cancel").hidden = at("change").hidden = !waiting || replacing || Boolean(takenBy);
  at("cancel").ariaDisabled = at("change").ariaDisabled = String(wish === "cancel"); // They keep the focus.
  at("hint").hidden = !waiting;
  at("again").hidden = waiting || replacing;
}

function drawSteps(reached) {
  at("steps").hidden = reached === 0;
  [...at("steps").children].forEach((step, index) => {
    step.classList.toggle("reached", index < reached);
    if (index === reached - 1) {
      step.setAttribute("aria-current", "step");
    } else {
      step.removeAttribute("aria-current");
    }
  });
}

function headline({ status, takenBy }) {
  if (status === "in preparation") {
    return takenBy ? text("making", { barista: takenBy }) : text("queued");
  }
  return text(status === "unknown" ? "unknownOrder" : status);
}

function detail(order, wish) {
  const { status, place, takenBy, baristaId, code, message } = order;
  if (status === "unknown") {
    return text("unknownOrderDetail");
  }
  if (!order.drink) {
    return text("forgotten");
  }
  if (wish === "cancel" && !hasEnded(order)) {
    return text("canceling");
  }
  if (status === "in preparation") {
    return takenBy ? text("makingDetail") : ahead(place);
  }
  const values = { barista: baristaId, message, reason: REASON.exec(message ?? "")?.[1] };
  const told = status === "rejected" && has(code) ? text(code, values) : text(`${status}.detail`, values);
  const tooLate = { cancel: "tooLateToCancel", change: "tooLateToChange" }[wish];
  return tooLate && status !== "canceled" ? `${text(tooLate)} ${told}` : told;
}

function ahead(place) {
  return place ? text({ 1: "noneAhead", 2: "oneAhead" }[place] ?? "manyAhead", { ahead: place - 1 }) : "";
}

/** Why an order was not taken. */
export function refusal(error) {
  const known = error.body.errors ? "unseen" : error.body.code;
  return has(known) ? text(known) : reason(error);
}

/** About how long it takes; nothing where too little is known. */
export function waitTime(wait) {
  if (!wait) {
    return "";
  }
  const known = wait.low === wait.high ? "waitAbout" : wait.low < 1 ? "waitUpTo" : "wait";
  return text(known, wait);
}

/** What is written on the cup; other signs are drawn. */
export function sign({ status }) {
  return { "received": "…", "in preparation": "…", "failed": "!", "unknown": "?" }[status] ?? "";
}

/** The page's title, which is read where the page is not seen. */
export function title({ status, number, drink }) {
  const what = number ?? drink;
  const said = text(status === "unknown" ? "unknownOrder" : status === "in preparation" ? "queued" : status);
  return what ? `${what} · ${said}` : said;
}
