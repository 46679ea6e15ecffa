// On the customer's page: the requests for one's own order, by its key.

import { ask, like } from "./page.js";

const ENDED = ["ready for pickup", "rejected", "timed out", "canceled", "failed"];
const STATUSES = ["received", "in preparation", ...ENDED];
export const hasEnded = ({ status }) => ENDED.includes(status);
export const isWaiting = ({ status }) => STATUSES.includes(status) && !ENDED.includes(status);
const isOrder = ({ status }) => STATUSES.includes(status);
const isStore = like({ open: true, codeNeeded: true });
const isMenu = like({ items: [], groups: [] });
const PATIENCE_MS = 20_000; // As long as an order that was sent may be unknown yet.
const ARRIVAL_MS = 5000; // As long as one that had no answer is looked for when it is refused.
const PAUSE_MS = 1000;
const FULL = "ERROR-103";

let sentAt = 0;

/** What stands after # in the link. Chat programs add parameters of their own to it. */
export function key() {
  const hash = location.hash.slice(1);
  return /^[\w-]{22}/.exec(hash)?.[0] ?? hash;
}

/** The key of an order in place of the one with this key: the same in each tab, so two make one drink. */
export function successor(replaced) {
  return replaced.slice(1) + replaced[0];
}

/** Whether an order was sent from this page a moment ago. */
export function wasSentWithin(milliseconds) {
  return Date.now() - sentAt < milliseconds;
}

/**
 * Send an order, `again` if that was done before and had no answer. If it `replaces` another, that is
 * canceled first, or stays as it was if this one is refused.
 */
export async function sendOrder({ key, body, replaces }, again) {
  const taken = await put(key, { body, headers: replaces ? { Replaces: replaces } : {} }, again);
  sentAt = Date.now();
  return taken;
}

async function put(key, request, again) {
  try {
    return await askFor("PUT", key, request);
  } catch (error) {
    if (!again || !error.final) {
      throw error;
    }
    // What had no answer may be on its way, and then it counts, not the refusal of the repeat.
    for (const end = Date.now() + ARRIVAL_MS; Date.now() < end; ) {
      await pause();
      const arrived = await askFor("GET", key).catch(() => null);
      if (arrived) {
        return arrived;
      }
    }
    throw error;
  }
}

/**
 * Send an order that replaces another until it is taken or refused; `tell` hears why it is not yet.
 * The first order may be canceled by then, so this goes on while all baristas are busy.
 */
export async function replaceOrder(pending, again, tell) {
  for (let sent = again; ; sent = true) {
    try {
      return await sendOrder(pending, sent);
    } catch (error) {
      if (error.final && error.body?.code !== FULL) {
        throw error;
      }
      tell(error);
    }
    await pause();
  }
}

/** Until the order is known: one that was sent a moment ago may be on its way. */
export async function cancelOrder(key) {
  try {
    await askFor("DELETE", key);
  } catch (error) {
    if (error.status !== 404 || !wasSentWithin(PATIENCE_MS)) {
      throw error;
    }
    await pause();
    await cancelOrder(key);
  }
}

/** The store, with its menu if it has one. */
export function loadStore() {
  return ask("GET", "menu", (answer) => isStore(answer) && (answer.menu === undefined || isMenu(answer.menu)));
}

/** The order with this key; `known` is what is known of one that may be on its way. */
export async function loadOrder(key, known) {
  if (!/^[\w-]{22}$/.test(key)) {
    return { status: "unknown" };
  }
  try {
    return await askFor("GET", key);
  } catch (error) {
    if (error.status === 404 && known && wasSentWithin(PATIENCE_MS)) {
      return known;
    }
    if (error.status === 404 || error.status === 422) {
      return { status: "unknown" };
    }
    throw error;
  }
}

/** What `request` resolves to, once it is answered. */
export async function untilAnswered(request) {
  for (;;) {
    try {
      return await request();
    } catch {
      await pause();
    }
  }
}

function askFor(method, key, { body, headers = {} } = {}) {
  return ask(method, "my-order", isOrder, { body, headers: { "Order-Key": key, ...headers } });
}

function pause() {
  return new Promise((resume) => setTimeout(resume, PAUSE_MS));
}
