// On the customer's page: the requests for one's own order, by its key.

import { ask } from "./page.js";

export const ENDED = ["ready for pickup", "rejected", "timed out", "canceled", "failed"];
const STATUSES = ["received", "in preparation", ...ENDED];
const isOrder = ({ status }) => STATUSES.includes(status);
const PATIENCE_MS = 20_000; // As long as an order that was sent may be unknown yet.
const ARRIVAL_MS = 5000; // As long as one that had no answer is looked for when it is refused.
const PAUSE_MS = 1000;

let sentAt = 0;

/** Whether an order was sent from this page a moment ago. */
export function wasSentWithin(milliseconds) {
  return Date.now() - sentAt < milliseconds;
}

/** Send an order, `again` if that was done before and had no answer. */
export async function sendOrder({ key, body }, again) {
  const taken = await put(key, body, again);
  sentAt = Date.now();
  return taken;
}

async function put(key, body, again) {
  try {
    return await askFor("PUT", key, { body });
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

function askFor(method, key, { body } = {}) {
  return ask(method, "my-order", isOrder, { body, headers: { "Order-Key": key } });
}

function pause() {
  return new Promise((resume) => setTimeout(resume, PAUSE_MS));
}
