// The door of the staff's pages: who works here, or why nobody does.

import { at, put, reason, show } from "./page.js";
import { whoIsHere } from "./session.js";
import { comeBack, leave } from "./sign_in.js";
import { text } from "./texts.js";

const RETRY_MS = 5000;
const DECIDED = [401, 403, 404]; // What the server says of a session; anything else may pass.

let page = null;
let barista = null;
let door = null; // {why, answer}: why nobody works here, and what the server answered.
let retryTimer;

/** `page` has: changed(barista, or "" if another may sign in next), draw(), opened() and closed(). */
export function startDoor(of) {
  page = of;
  at("sign-in").addEventListener("click", () => leave(door.answer.body).catch((why) => {
    door.why = why;
    page.draw();
  }));
  enter();
}

export function whoWorksHere() {
  return barista;
}

export async function enter() {
  clearTimeout(retryTimer);
  page.closed();
  barista = null;
  let cameBack = false;
  let failure = null;
  try {
    cameBack = await comeBack(() => page.changed(""));
  } catch (error) {
    failure = error;
  }
  try {
    barista = await whoIsHere();
    door = null;
    page.changed(barista);
  } catch (error) {
    const isNotKept = cameBack && error.status === 401;
    close(failure ?? (isNotKept ? new Error(text("notKept")) : error), error);
  }
  page.draw();
  if (barista) {
    page.opened();
  }
}

function close(why, answer) {
  page.closed();
  barista = null;
  door = { why, answer };
  if (DECIDED.includes(answer.status)) {
    page.changed("");
  } else {
    retryTimer = setTimeout(enter, RETRY_MS);
  }
}

/** If it is the session that failed, and not the request alone, close the door. */
export async function leaveIfOver(error) {
  if (error.status !== 401 && error.status !== 403) {
    return;
  }
  try {
    await whoIsHere();
  } catch (why) {
    if (DECIDED.includes(why.status)) {
      close(why, why);
      page.draw();
    }
  }
}

export function drawDoor() {
  show(at("who"), barista ? text("signedInAs", { barista }) : "");
  at("door").hidden = !door;
  if (door) {
    put(at("door-text"), whyClosed(door));
    at("sign-in").hidden = !door.answer.body?.authorizationEndpoint;
  }
}

function whyClosed({ why, answer }) {
  const failed = why !== answer; // A sign-in was begun and did not work: that says why.
  const mayNot = why.body?.authorizationEndpoint ? "notStaff" : "oddRequest";
  const known = { 401: failed ? null : "signInFirst", 403: mayNot, 404: "noSignIn" }[why.status];
  return known ? text(known) : text("signInFailed", { reason: reason(why) });
}
