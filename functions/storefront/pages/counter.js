// The barista's page: who works here, and what is at the counter.

import { drawSound, isHeard, startAttention } from "./attention.js";
import { startDecline } from "./decline.js";
import { drawDoor, enter, leaveIfOver, startDoor, whoWorksHere } from "./door.js";
import { startGuard } from "./guard.js";
import { drawHistory, startHistory } from "./history.js";
import { drawMenu, lookAtMenu, startMenu } from "./menu.js";
import { labelEditor } from "./menu_editor.js";
import { announce, refuse } from "./notices.js";
import { emptyOutbox, onSignIn, otherTaps, setOwner, startOutbox, taps, waitsForNetwork } from "./outbox.js";
import { Watch, ask, at, reason, show } from "./page.js";
import { drawPast, lookAtPast, startPast } from "./past.js";
import { drawOrders, explain, lookAtOrders, startOrders } from "./queue.js";
import { endSession } from "./sign_in.js";
import { drawCodeTime, drawStore, lookAtStore, noteFailure, renewCode, startStore, storeProblem } from "./store.js";
import { speak, text } from "./texts.js";

const isSignedOut = ({ endSessionUrl }, status) => status === 204 || typeof endSessionUrl === "string";

let seen = ""; // The orders at the last look.
const answered = new Set(); // The parts that there was an answer for.

const watch = new Watch(look);
const lookAgain = () => watch.now();

at("sign-out").addEventListener("click", async () => {
  let signedOut;
  try {
    await emptyOutbox();
    setOwner("");
    signedOut = await ask("DELETE", "session", isSignedOut);
  } catch (error) {
    setOwner(whoWorksHere());
    refuse(text("notDone", { reason: reason(error) }));
    return;
  }
  if (signedOut.endSessionUrl) {
    endSession(signedOut.endSessionUrl);
  } else {
    await enter();
  }
});
startOutbox({
  changed: draw,
  done: (tap) => {
    announce(text("clicked", { action: text(tap.what), order: tap.called }));
    lookAgain();
    if (tap.what === "soldOut") {
      lookAtMenu();
    }
  },
  refused: explain,
});
startStore(lookAgain);
startOrders();
startDecline();
startHistory();
startPast(lookAgain);
startAttention();
startGuard();
speak("counter", () => {
  drawSound();
  drawHistory();
  labelEditor();
  draw();
});
drawSound();
onSignIn(enter);
setInterval(() => {
  draw();
  drawCodeTime();
}, 1000);
startMenu();
startDoor({
  changed: setOwner,
  draw,
  opened: () => {
    watch.start();
    lookAtMenu();
  },
  closed: () => watch.stop(),
});
at("not-started").remove();

/** Draw each answer when it comes: what the store says must not keep the orders from being seen. */
async function look() {
  const [orders, store] = await Promise.allSettled([
    lookAtOrders().then((seen) => drawPart("queue", seen)),
    lookAtStore().then((seen) => drawPart("store", seen)).then(renewCode),
  ]);
  const failure = orders.reason ?? store.reason;
  if (failure) {
    await leaveIfOver(failure);
  }
  noteFailure(orders.reason ? null : store.reason);
  draw();
  if (orders.reason) {
    throw orders.reason;
  }
  if (orders.value.length > 0) {
    watch.wake(); // Where orders are made, more may come.
  }
  const before = seen;
  seen = JSON.stringify(orders.value.map(({ orderId }) => orderId));
  await lookAtPast(seen !== before);
  return [orders.value, store.value];
}

function drawPart(part, seen) {
  answered.add(part);
  draw();
  return seen;
}

function draw() {
  const barista = whoWorksHere();
  watch.evenUnseen = isHeard();
  drawDoor();
  at("sign-out").hidden = !barista;
  at("menu").hidden = !barista;
  show(at("store-problem"), barista ? storeProblem() : "");
  const waiting = taps().filter(waitsForNetwork);
  const [other] = otherTaps();
  show(at("unsent"), !barista ? "" : waiting.length > 0 ? text("unsent", { n: waiting.length })
    : other ? text("othersUnsent", { barista: other }) : "");
  at("queue").hidden = !barista || !answered.has("queue");
  at("sound").hidden = !barista;
  at("store").hidden = at("store-state").hidden = !barista || !answered.has("store");
  at("past").hidden = at("look-back").hidden = !barista;
  drawMenu();
  drawPast();
  if (!at("store").hidden) {
    drawStore();
  }
  if (!at("queue").hidden) {
    drawOrders();
  }
  if (!barista) {
    document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  }
}
