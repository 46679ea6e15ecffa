// The customer's page: order, then watch. The order's key is the part of the link after #, which no
// browser sends to a server. So is the code in the link that the counter shows.

import { stayAwake } from "./awake.js";
import { isOn, ring, switchOnAsBefore, toggleBell } from "./bell.js";
import { choose, offer, startChoice, wantedDrink } from "./choice.js";
import { TAB, keep, load } from "./kept.js";
import { drawForm, refuse } from "./form.js";
import { startGuard } from "./guard.js";
import { cancelOrder, hasEnded, isWaiting, key, loadOrder, loadStore, replaceOrder, sendOrder, successor, untilAnswered, wasSentWithin } from "./own_order.js";
import { Watch, at, random, reason, show } from "./page.js";
import { drawOrder, refusal, sign, title } from "./told.js";
import { speak, text } from "./texts.js";

const [PENDING, LAST] = ["pending-order", "last-order"];

let store = null; // As the server showed it last, and so the order.
let order = null;
let wish = null; // What was asked for and is not done: "cancel" or "change".
let changing = false; // Whether the form is for another order in place of this one.
let replacing = false; // Whether that is being sent.
let sending = false;
let pending = load(PENDING, null, TAB); // An order that may or may not have arrived.
let last = load(LAST, null); // What was ordered here last, and its key.

const watch = new Watch(look);

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  send({ name: at("name").value, ...wantedDrink() });
});
at("form").addEventListener("input", () => show(at("problem"), pending ? text("unanswered") : ""));
at("same").addEventListener("click", () => {
  choose(last.body);
  at("name").value ||= last.body.name;
  draw();
  at("form").requestSubmit();
});
at("change").addEventListener("click", async () => {
  show(at("order-problem"), "");
  try {
    await lookAtMenu();
  } catch (error) {
    show(at("order-problem"), text("notDone", { reason: reason(error) }));
    return;
  }
  if (wish || replacing || !isWaiting(order) || order.takenBy) {
    return; // It says why.
  }
  changing = true;
  show(at("problem"), "");
  choose(last?.key === key() ? last.body : {});
  at("name").value = order.name;
  draw();
  at("ordering-title").focus();
  watch.now();
});
at("keep").addEventListener("click", () => {
  changing = false;
  choose({});
  draw();
  at("order-title").focus();
});
at("bell").addEventListener("click", () => {
  toggleBell();
  draw();
});
at("cancel").addEventListener("click", () => at("sure").showModal());
at("sure").addEventListener("close", async ({ target }) => {
  if (wish || target.returnValue !== "cancel") {
    return;
  }
  target.returnValue = "";
  wish = "cancel";
  show(at("order-problem"), "");
  draw();
  try {
    await cancelOrder(key());
  } catch (error) {
    wish = null;
    show(at("order-problem"), error.status === 409 ? text("beingMade") : text("notDone", { reason: reason(error) }));
    draw();
  }
  watch.now();
});
at("again").addEventListener("click", () => {
  location.hash = "";
});
at("look-back").addEventListener("click", () => {
  location.hash = last.key;
});

addEventListener("hashchange", () => {
  begin();
  at(key() ? "order-title" : "ordering-title").focus();
});
startChoice();
startGuard();
at("name").value = last?.body.name ?? "";
speak("coffee", draw);
if (pending?.replaces) {
  history.replaceState(null, "", `#${pending.replaces}`);
  change(true);
}
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
  wish = null;
  changing = false;
  show(at("order-problem"), "");
  if (order && !wasSentWithin(1000)) {
    order = null;
  }
  if (pending) {
    choose(pending.body);
    at("name").value = pending.body.name;
  }
  draw();
  watch.start();
}

async function send(body) {
  if (sending || replacing) {
    return;
  }
  switchOnAsBefore();
  show(at("problem"), "");
  // Kept until there is an answer, also over a reload: the same key once more is no second order.
  const again = Boolean(pending);
  // Not only where one is asked for: that may not be known yet, right after a QR code was scanned.
  const code = at("code").value ? { code: at("code").value } : {};
  const wanted = changing ? { key: successor(key()), replaces: key() } : { key: random(16) };
  remember(pending ?? { ...wanted, body: { ...body, ...code } });
  if (pending.replaces) {
    await change(false);
    return;
  }
  sending = true;
  try {
    taken(await sendOrder(pending, again));
  } catch (error) {
    if (error.final) {
      remember(null); // It was not taken, so something else may be ordered.
      refuse(error);
      watch.now(); // What else there is.
    } else {
      show(at("problem"), text("notSent", { reason: reason(error) }));
    }
  }
  sending = false;
  draw();
}

/** Send the pending order in place of the one that it replaces. */
async function change(again) {
  changing = false;
  replacing = true;
  draw();
  try {
    taken(await replaceOrder(pending, again, (error) => {
      show(at("order-problem"), error.final ? text("changeWaits") : reason(error));
    }));
    replacing = false;
  } catch (error) {
    await notChanged(error, pending.body);
  }
  draw();
}

/** Say why the order was not changed, and let the customer try something else. */
async function notChanged(error, body) {
  const old = await untilAnswered(() => loadOrder(pending.replaces, order));
  replacing = false;
  remember(null);
  if (old.status === "canceled") {
    location.hash = "";
    choose(body);
    show(at("problem"), text("changeRefused", { reason: refusal(error) }));
    return;
  }
  if (!isWaiting(old) || old.takenBy) {
    tooLate(old);
  } else {
    order = old;
    changing = true;
    choose(body);
    show(at("order-problem"), "");
    draw();
    refuse(error);
  }
  watch.start();
}

/** Say that the order can't be changed any more, and show it. */
function tooLate(old) {
  order = old;
  changing = false;
  choose({});
  wish = isWaiting(order) ? null : "change";
  show(at("order-problem"), isWaiting(order) ? text("beingMade") : "");
}

function taken(sent) {
  const { key: its, body: { code, ...body } } = pending;
  last = { key: its, body };
  keep(LAST, last);
  remember(null);
  order = sent;
  choose({});
  location.hash = its;
}

function remember(sent) {
  pending = sent;
  keep(PENDING, pending, TAB);
}

async function look() {
  const watched = key();
  if (!watched || changing) {
    await lookAtMenu();
  }
  if (watched) {
    const seen = await loadOrder(watched, order);
    if (watched !== key()) {
      return null;
    }
    notice(seen);
  }
  draw();
  if (order && hasEnded(order) && order.status !== "ready for pickup" && !replacing) {
    watch.stop(); // What is ready may have to be made again.
  }
  return [store, order];
}

async function lookAtMenu() {
  const wasClosed = store?.open === false;
  store = await loadStore();
  if (wasClosed && store.open) {
    show(at("problem"), "");
  }
  if (offer(store.menu) && !pending) {
    show(at("problem"), text("ERROR-109"));
  }
}

/** Act on what has become of the order since the last look. */
function notice(seen) {
  const isNews = order && !hasEnded(order);
  if (order?.takenBy && !seen.takenBy) {
    show(at("order-problem"), ""); // It can be canceled again.
  }
  order = seen;
  if (replacing) {
    return;
  }
  if (isNews && order.status === "ready for pickup") {
    ring();
  }
  if (changing && (order.takenBy || hasEnded(order))) {
    tooLate(order);
  } else if (hasEnded(order)) {
    show(at("order-problem"), "");
  } else if (order.takenBy && wish) {
    wish = null;
    show(at("order-problem"), text("beingMade"));
  }
}

function draw() {
  const watching = Boolean(key()) && !changing;
  at("ordering").hidden = watching;
  at("look-back").hidden = Boolean(key()) || !last;
  at("order").hidden = !watching || !order;
  const shop = { true: "open", false: "closed" }[store?.open];
  document.body.dataset.state = (watching ? order?.status : shop) ?? "unseen";
  at("sign").textContent = watching && order ? sign(order) : "";
  document.title = watching && order ? title(order) : text("coffee");
  const awaited = watching && isOn() && order && !hasEnded(order);
  watch.evenUnseen = Boolean(awaited); // It is to be heard from another tab, too.
  stayAwake(Boolean(awaited));
  if (!watching) {
    if (pending && !sending && at("problem").hidden) {
      show(at("problem"), text("unanswered"));
    }
    drawForm(store, { pending, last, replaces: changing ? order : null });
  } else if (order) {
    drawOrder(order, wish, replacing);
  }
}
