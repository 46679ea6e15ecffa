// What all pages need: requests with a time limit, and a loop that knows when it has lost contact.

import { text, timeOfDay } from "./texts.js";

const SOON_MS = 1500; // Between two looks, while something happens,
const LATE_MS = 10_000; // and at most.
const SHARE = 10; // Without news, a look is late by this part of the time since the last.
const LIMIT_MS = 8000;
const FRESH_MS = 5000;
const FINAL = [400, 401, 403, 404, 409, 410, 413, 415, 422]; // What our routes refuse with.
const BUSY = [429, 500, 502, 503, 504]; // Those of AWS WAF have no body.

if (!AbortSignal.timeout || !("ariaChecked" in Element.prototype)) {
  throw new Error("This browser is too old."); // The page says so by itself: #not-started.
}

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
    super(body.message);
    this.status = status;
    this.body = body;
  }

  /** Whether the same would be refused again; else it may pass. */
  get final() {
    return FINAL.includes(this.status);
  }
}

/** Nobody knows what became of the request: there was no answer, or one that is not the server's. */
class NoAnswer extends Error {}

/** For `ask`: whether an answer has these names, with values of these types. */
export const like = (example) => (answer) =>
  Object.entries(example).every(([name, { constructor }]) => answer[name]?.constructor === constructor);

/**
 * The answer, if `isOurs` says so: a proxy's or a Wi-Fi's page comes with 200, too. Raises Refused if
 * the server says no, and otherwise NoAnswer.
 */
export async function ask(method, path, isOurs, { body, headers = {}, keepalive = false } = {}) {
  let answer;
  let content;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error", // Ours never do.
      keepalive, // Also if the page is closed meanwhile.
    });
    content = await answer.text();
  } catch {
    throw new NoAnswer(text("offline"));
  }
  const read = readObject(answer, content);
  if (answer.ok && isOurs(read, answer.status)) {
    return read;
  }
  if (!answer.ok && (typeof read.message === "string" || BUSY.includes(answer.status))) {
    throw new Refused(answer.status, read);
  }
  throw new NoAnswer(text("notOurs"));
}

function readObject(answer, content) {
  if (!/^application\/json\b/i.test(answer.headers.get("Content-Type"))) {
    return {};
  }
  try {
    return Object(JSON.parse(content));
  } catch {
    return {};
  }
}

/** Why something was not done, for a person. */
export function reason(error) {
  if (error instanceof Refused && !error.final) {
    return text("busy");
  }
  return { 409: text("conflict"), 410: text("timedOut") }[error.status] ?? error.message;
}

/** Set a text only if it is another, so that what is read or selected stays. */
export function put(element, content) {
  if (element.textContent !== content) {
    element.textContent = content;
  }
}

export function show(element, content) {
  element.hidden = !content;
  put(element, content);
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
  evenUnseen = false; // Whether to look while nobody sees the page, for it is to be heard.

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

  get #isOpen() {
    return this.evenUnseen || !document.hidden;
  }

  #begin() {
    clearTimeout(this.#timer);
    if (this.#looking) {
      this.#again = true;
    } else if (this.#running && this.#isOpen) {
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
    if (this.#running && this.#isOpen) {
      const pause = Math.min(LATE_MS, Math.max(SOON_MS, (Date.now() - this.#newsAt) / SHARE));
      this.#timer = setTimeout(() => this.#begin(), this.#again ? 0 : pause);
    }
  }
}
