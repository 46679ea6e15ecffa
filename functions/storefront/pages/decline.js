// On the barista's page: declining an order, and marking as sold out what is missing.

import { keep, load } from "./kept.js";
import { available, lookAtMenu } from "./menu.js";
import { at } from "./page.js";
import { called, parts, text } from "./texts.js";

const KEPT = "reasons";
const OFFERED = 5; // The last reasons.
const USUAL = ["reasonMilk", "reasonBeans", "reasonMachine"];

let current; // {order, done}

export function startDecline() {
  at("keep").addEventListener("click", () => at("decline-dialog").close());
  at("reason").addEventListener("input", drawSoldOut);
  at("reasons").addEventListener("click", ({ target }) => {
    if (target.closest("button")) {
      at("reason").value = target.textContent;
      drawSoldOut();
      at("reason").focus();
    }
  });
  // After the dialog, for while it is open nothing behind it can have the focus.
  at("decline-dialog").addEventListener("close", ({ target }) => {
    if (target.returnValue === "decline") {
      const reason = at("reason").value.trim();
      keep(KEPT, [reason, ...lastReasons().filter((one) => one !== reason)].slice(0, OFFERED));
      const chosen = at("sold-out").querySelectorAll("input:checked");
      current.done({ reason, soldOut: [...chosen].map(({ value }) => value) });
    }
  });
}

/** Ask why; `done` gets {reason, soldOut}, the latter names of the menu. */
export async function openDecline(order, done) {
  current = { order, done };
  at("decline-dialog").returnValue = "";
  at("decline-order").textContent = called(order);
  at("reason").value = "";
  drawReasons();
  drawSoldOut();
  at("decline-dialog").showModal();
  await lookAtMenu(); // Somebody else may have changed it.
  if (current.order === order) {
    drawReasons();
    drawSoldOut();
  }
}

/** What is missing of this very drink first, then what was said the last times. */
function drawReasons() {
  const missing = parts(current.order).filter((part) => available().includes(part)).map((name) => text("outOf", { name }));
  const offered = [...new Set([...missing, ...lastReasons(), ...USUAL.map((name) => text(name))])];
  at("reasons").replaceChildren(...offered.map((reason) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: reason });
    return button;
  }));
}

/** Offer to mark what the reason names. */
function drawSoldOut() {
  const reason = at("reason").value.toLowerCase();
  const named = available().filter((name) => reason.includes(name.toLowerCase()));
  const shown = new Map([...at("sold-out").children].map((label) => [label.firstElementChild.value, label]));
  at("sold-out").replaceChildren(...named.map((name) => shown.get(name) ?? newBox(name)));
}

function newBox(name) {
  const label = document.createElement("label");
  label.append(Object.assign(document.createElement("input"), { type: "checkbox", value: name }), text("markSoldOut", { name }));
  return label;
}

function lastReasons() {
  const kept = load(KEPT, []);
  return Array.isArray(kept) ? kept.map(String) : [];
}
