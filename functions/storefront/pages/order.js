// The customer's page: order, then watch. The order's key is the part of the link after #, which no
// browser sends to a server. So is the code in the link that the counter shows.

import { ENDED, cancelOrder, loadOrder, sendOrder, wasSentWithin } from "./own_order.js";
import { Watch, ask, at, like, random, reason, show } from "./page.js";
import { has, speak, text } from "./texts.js";

const STEPS = { "received": 1, "in preparation": 2, "ready for pickup": 3 };
const REASON = /\((.*)\)\.$/s; // Why a barista declined, in the message of that end.
const KEPT = "pending-order";
const MENU = like({ open: true, menu: [], codeNeeded: true });

let store = { open: true, menu: [], codeNeeded: false };
let order = null; // As the server showed it last.
let canceling = false;
let sending = false;
let pending = remembered(); // An order that may or may not have arrived.

const watch = new Watch(look);

at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) {
    return;
  }
  sending = true;
  show(at("problem"), "");
  // Kept until there is an answer, also over a reload: the same key once more is no second order.
  const again = Boolean(pending);
  pending ??= { key: random(16), body: wanted() };
  remember(pending);
  const { key } = pending;
  try {
    order = await sendOrder(pending, again);
    pending = null;
    location.hash = key;
  } catch (error) {
    if (error.final) {
      pending = null; // It was not taken, so something else may be ordered.
      show(at("problem"), refusal(error));
    } else {
      show(at("problem"), text("notSent", { reason: reason(error) }));
    }
  }
  sending = false;
  remember(pending);
  draw();
});

at("cancel").addEventListener("click", async () => {
  if (canceling) {
    return;
  }
  canceling = true;
  show(at("order-problem"), "");
  draw();
  try {
    await cancelOrder(key());
  } catch (error) {
    canceling = false;
    show(at("order-problem"), text("notDone", { reason: reason(error) }));
    draw();
  }
  watch.now();
});

at("again").addEventListener("click", () => {
  location.hash = "";
});

addEventListener("hashchange", () => {
  begin();
  at(key() ? "order-title" : "name").focus();
});
speak("coffee", draw);
begin();
at("not-started").remove();

function begin() {
  const scanned = /^#code=(\w+)/.exec(location.hash);
  if (scanned) {
    at("code").value = scanned[1];
    history.replaceState(null, "", location.pathname);
  } else if (location.hash.slice(1) !== key()) {
    history.replaceState(null, "", `${location.pathname}#${key()}`); // To share, and to bookmark.
  }
  canceling = false;
  show(at("order-problem"), "");
  if (order && !wasSentWithin(1000)) {
    order = null;
  }
  draw();
  watch.start();
}

function refusal(error) {
  const known = error.body.errors ? "unseen" : error.body.code;
  return has(known) ? text(known) : reason(error);
}

async function look() {
  const watched = key();
  if (!watched) {
    store = await ask("GET", "menu", MENU);
  } else {
    const seen = await loadOrder(watched, order);
    if (watched !== key()) {
      return;
    }
    order = seen;
  }
  draw();
  if (order && ENDED.includes(order.status)) {
    watch.stop();
  }
  return watched ? order : store;
}

function draw() {
  const watching = Boolean(key());
  at("ordering").hidden = watching;
  at("order").hidden = !watching || !order;
  document.body.dataset.state = watching ? order?.status ?? "unseen" : store.open ? "open" : "closed";
  at("sign").textContent = watching && order ? sign() : "";
  if (!watching) {
    drawForm();
  } else if (order) {
    drawOrder();
  }
}

function drawForm() {
  if (pending) {
    at("name").value = pending.body.name;
    at("drink").value = at("menu").value = pending.body.drink;
  }
  at("name").readOnly = at("drink").readOnly = Boolean(pending);
  if (pending && !sending && at("problem").hidden) {
    show(at("problem"), text("unanswered"));
  }
  at("closed").hidden = store.open;
  const menu = at("menu");
  const hasMenu = store.menu.length > 0;
  const drinks = ["", ...store.menu];
  if (menu.dataset.drinks !== JSON.stringify(drinks)) {
    menu.dataset.drinks = JSON.stringify(drinks);
    menu.replaceChildren(...drinks.map((drink) => new Option(drink, drink)));
  }
  menu.options[0].textContent = text("chooseDrink");
  for (const [field, used] of [[menu, hasMenu], [at("drink"), !hasMenu]]) {
    field.hidden = field.disabled = !used;
    field.required = used;
  }
  menu.disabled ||= Boolean(pending);
  const label = document.querySelector("label[for=code]");
  at("code").hidden = at("code").disabled = label.hidden = !store.codeNeeded;
  at("code").required = store.codeNeeded;
  document.querySelector("label[data-text=drink]").htmlFor = hasMenu ? "menu" : "drink";
}

function drawOrder() {
  const { status, drink, name } = order;
  const waiting = ["received", "in preparation"].includes(status);
  show(at("what"), drink ?? text("order"));
  at("for").hidden = !drink;
  show(at("whom"), drink ? name : "");
  at("whom").style.setProperty("--letters", Math.max(3, ...(name ?? "").split(/\s+/).map((word) => word.length)));
  const reached = STEPS[status] ?? 0;
  at("steps").hidden = reached === 0;
  [...at("steps").children].forEach((step, index) => {
    step.classList.toggle("reached", index < reached);
    if (index === reached - 1) {
      step.setAttribute("aria-current", "step");
    } else {
      step.removeAttribute("aria-current");
    }
  });
  show(at("headline"), headline());
  show(at("detail"), detail());
  at("cancel").hidden = !waiting;
  at("cancel").ariaDisabled = String(canceling); // It keeps the focus.
  at("hint").hidden = !waiting;
  at("again").hidden = waiting;
}

/** What is written on the cup; other signs are drawn. */
function sign() {
  return { "received": "…", "in preparation": String(order.place ?? "…"), "failed": "!", "unknown": "?" }[order.status] ?? "";
}

function headline() {
  const { status, place } = order;
  if (status === "in preparation") {
    return place === 1 ? text("next") : text(place ? "queued" : "queuedSomewhere", { place });
  }
  return text(status === "unknown" ? "unknownOrder" : status);
}

function detail() {
  const { status, place, baristaId, code, message } = order;
  if (status === "unknown") {
    return text("unknownOrderDetail");
  }
  if (!order.drink) {
    return text("forgotten");
  }
  if (canceling && !ENDED.includes(status)) {
    return text("canceling");
  }
  if (status === "in preparation") {
    return ahead(place);
  }
  const values = { barista: baristaId, message, reason: REASON.exec(message ?? "")?.[1] };
  const told = status === "rejected" && has(code) ? text(code, values) : text(`${status}.detail`, values);
  const late = canceling && status === "ready for pickup" ? `${text("tooLateToCancel")} ` : "";
  return late + told;
}

function ahead(place) {
  return place ? text({ 1: "nextDetail", 2: "oneAhead" }[place] ?? "manyAhead", { ahead: place - 1 }) : "";
}

function wanted() {
  const drink = store.menu.length > 0 ? at("menu").value : at("drink").value;
  // Not only where one is asked for: that may not be known yet, right after a QR code was scanned.
  const code = at("code").value ? { code: at("code").value } : {};
  return { name: at("name").value, drink, ...code };
}

/** Chat programs take what stands behind a link for a part of it, and add parameters of their own. */
function key() {
  const hash = location.hash.slice(1);
  return /^[\w-]{22}/.exec(hash)?.[0] ?? hash;
}

function remember(kept) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // Then it lasts as long as the page.
  }
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}
