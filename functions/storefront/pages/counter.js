// The barista's page: who works here, and what is at the counter.

import { drawSound, isHeard, startAttention } from "./attention.js";
import { startDecline } from "./decline.js";
import { startGuard } from "./guard.js";
import { drawHistory, startHistory } from "./history.js";
import { drawMenu, lookAtMenu, startMenu } from "./menu.js";
import { labelEditor } from "./menu_editor.js";
import { announce, refuse } from "./notices.js";
import { emptyOutbox, onSignIn, otherTaps, setOwner, startOutbox, taps, waitsForNetwork } from "./outbox.js";
import { Watch, ask, at, put, reason, show } from "./page.js";
import { drawPast, lookAtPast, startPast } from "./past.js";
import { drawOrders, explain, lookAtOrders, startOrders } from "./queue.js";
import { whoIsHere } from "./session.js";
import { comeBack, endSession, leave } from "./sign_in.js";
import { drawCodeTime, drawStore, lookAtStore, noteFailure, renewCode, startStore, storeProblem } from "./store.js";
import { speak, text } from "./texts.js";

const RETRY_MS = 5000;
const DECIDED = [401, 403, 404]; // What the server says of a session; anything else may pass.
const isSignedOut = ({ endSessionUrl }, status) => status === 204 || typeof endSessionUrl === "string";

let barista = null;
let door = { text: "", signIn: null }; // What is shown while nobody works here.
let retryTimer;
let seen = ""; // The orders at the last look.
const answered = new Set(); // The parts that there was an answer for.

const watch = new Watch(look);
const lookAgain = () => watch.now();

at("sign-in").addEventListener("click", async () => {
  try {
    await leave(door.signIn);
  } catch (error) {
    door.text = text("signInFailed", { reason: reason(error) });
    draw();
  }
});
at("sign-out").addEventListener("click", async () => {
  let signedOut;
  try {
    await emptyOutbox();
    setOwner("");
    signedOut = await ask("DELETE", "session", isSignedOut);
  } catch (error) {
    setOwner(barista);
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
enter();
at("not-started").remove();

async function enter() {
  clearTimeout(retryTimer);
  watch.stop();
  barista = null;
  let cameBack = false;
  let failure = null;
  try {
    cameBack = await comeBack(() => setOwner(""));
  } catch (error) {
    failure = error;
  }
  try {
    barista = await whoIsHere();
    setOwner(barista);
    door = { text: "", signIn: null };
  } catch (error) {
    const isNotKept = cameBack && error.status === 401;
    closeDoor(failure ?? (isNotKept ? new Error(text("notKept")) : error), error);
    if (!DECIDED.includes(error.status)) {
      retryTimer = setTimeout(enter, RETRY_MS);
    }
  }
  draw();
  if (barista) {
    watch.start();
    lookAtMenu();
  }
}

/** Say why nobody works here, and let them sign in if the server told where. */
function closeDoor(why, answer) {
  if (DECIDED.includes(answer.status)) {
    setOwner(""); // Who signs in next may be another.
  }
  const failed = why !== answer; // A sign-in was begun and did not work: that says why.
  const mayNot = why.body?.authorizationEndpoint ? "notStaff" : "oddRequest";
  const known = { 401: failed ? null : "signInFirst", 403: mayNot, 404: "noSignIn" }[why.status];
  const told = known ? text(known) : text("signInFailed", { reason: reason(why) });
  door = { text: told, signIn: answer.body?.authorizationEndpoint ? answer.body : null };
}

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

/** If it is the session that failed, and not the request alone, close the door. */
async function leaveIfOver(error) {
  if (error.status !== 401 && error.status !== 403) {
    return;
  }
  try {
    await whoIsHere();
  } catch (why) {
    if (DECIDED.includes(why.status)) {
      watch.stop();
      barista = null;
      closeDoor(why, why);
      draw();
    }
  }
}

function draw() {
  watch.evenUnseen = isHeard();
  at("door").hidden = Boolean(barista) || !door.text;
  put(at("door-text"), door.text);
  at("sign-in").hidden = !door.signIn;
  at("sign-out").hidden = !barista;
  at("menu").hidden = !barista;
  show(at("who"), barista ? text("signedInAs", { barista }) : "");
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
