// What both pages need: requests with a time limit, and a loop that knows when it has lost contact.

import { text, timeOfDay } from "./texts.js";

const SOON_MS = 1500; // Between two looks, while something happens,
const LATE_MS = 10_000; // and at most.
const SHARE = 10; // Without news, a look is late by this part of the time since the last.
const LIMIT_MS = 8000;
const FRESH_MS = 5000;

export const at = (id) => document.getElementById(id);

/** So many random bytes, as base64url. */
export function random(bytes) {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

export function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export class Refused extends Error {
  constructor(status, body) {
    super(body.message ?? "");
    this.status = status;
    this.body = body;
  }

  /** Whether the same would be refused again; else it may pass. */
  get final() {
    return this.status < 500 && this.status !== 429;
  }
}

/** Raises Refused if the server says no, and TypeError or a DOMException if it says nothing. */
export async function ask(method, path, { body, headers = {} } = {}) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(LIMIT_MS),
    cache: "no-store",
    credentials: "same-origin",
  });
  const content = await answer.text();
  let read = {};
  try {
    read = content ? JSON.parse(content) : {};
  } catch {
    // A gateway's own page: its status says enough.
  }
  if (!answer.ok) {
    throw new Refused(answer.status, read);
  }
  return read;
}

/** Why something was not done, for a person. */
export function reason(error) {
  if (error instanceof TypeError || error instanceof DOMException) {
    return text("offline"); // What fetch throws without an answer, and after the time limit.
  }
  if (error instanceof Refused && !error.final) {
    return text("busy");
  }
  return { 409: text("conflict"), 410: text("timedOut") }[error.status] ?? error.message;
}

export function show(element, content) {
  element.hidden = !content;
  if (element.textContent !== content) {
    element.textContent = content;
  }
}

let ahead = 0; // How far the server's clock is before this one's, in ms.

/** Take the server's time from an answer. */
export function setClock(time) {
  ahead = new Date(time) - Date.now();
}

/** The server's time, in ms. */
export function now() {
  return Date.now() + ahead;
}

/**
 * Look again and again: soon after a click or news, less often the longer nothing happens, for each
 * look costs money, and not while nobody is watching. Says so when the contact is lost, and until it
 * is back the page is marked as stale.
 */
export class Watch {
  #look;
  #timer;
  #looking = false;
  #again = false;
  #lastSeen = new Date();
  #running = false;
  #seen;
  #newsAt = Date.now();

  /** What `look` resolves to is compared: if it differs from the last time, that is news. */
  constructor(look) {
    this.#look = look;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() - this.#lastSeen > FRESH_MS) {
        document.body.classList.add("stale"); // Until the look that begins now is done.
      }
      this.now();
    });
    addEventListener("online", () => this.now());
  }

  start() {
    this.#running = true;
    this.now();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    show(at("connection"), "");
  }

  /** Look at once; if that is being done, once more after it. */
  now() {
    this.wake();
    this.#begin();
  }

  /** Look often again. */
  wake() {
    this.#newsAt = Date.now();
  }

  #begin() {
    clearTimeout(this.#timer);
    if (this.#looking) {
      this.#again = true;
    } else if (this.#running && !document.hidden) {
      this.#run();
    }
  }

  async #run() {
    this.#looking = true;
    this.#again = false;
    let lost = false;
    try {
      const seen = JSON.stringify(await this.#look());
      if (seen !== this.#seen) {
        this.#seen = seen;
        this.wake();
      }
      this.#lastSeen = new Date();
    } catch {
      lost = true;
    }
    this.#looking = false;
    document.body.classList.toggle("stale", lost);
    show(at("connection"), lost ? text("lost", { time: timeOfDay(this.#lastSeen) }) : "");
    if (this.#running && !document.hidden) {
      const pause = Math.min(LATE_MS, Math.max(SOON_MS, (Date.now() - this.#newsAt) / SHARE));
      this.#timer = setTimeout(() => this.#begin(), this.#again ? 0 : pause);
    }
  }
}
