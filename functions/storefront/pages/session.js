// The barista's session.

import { Refused, ask, like, now, setClock } from "./page.js";

const RETRY_MS = 30_000;
export const SESSION = like({ baristaId: "", endsAt: "", now: "" });
export const ORDERS = like({ orders: [], now: "" });

let renewal = null;
let renewAt = Infinity;

/** Ask; if the session has run out, renew it and ask once more. */
export async function askAsStaff(method, path, isOurs, options) {
  if (now() >= renewAt) {
    renewAt = now() + RETRY_MS;
    renew().catch(() => {}); // Until the session ends there is time for others.
  }
  try {
    return await ask(method, path, isOurs, options);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) {
      throw error;
    }
    try {
      await renew();
    } catch (second) {
      throw second instanceof Refused && second.status === 401 ? error : second;
    }
    return ask(method, path, isOurs, options);
  }
}

/** The name of the barista who has signed in. */
export async function whoIsHere() {
  return begin(await askAsStaff("GET", "session", SESSION)).baristaId;
}

/** One renewal for all that wait for it: a refresh token may be good for one use only. */
function renew() {
  renewal ??= ask("PUT", "session", SESSION)
    .then(begin)
    .finally(() => {
      renewal = null;
    });
  return renewal;
}

/** Renew it halfway: a renewal that is refused, because much is asked for, can wait then. */
function begin(session) {
  setClock(session.now);
  renewAt = (now() + new Date(session.endsAt).getTime()) / 2;
  return session;
}
