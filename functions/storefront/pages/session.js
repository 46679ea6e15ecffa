// The barista's session.

import { Refused, ask } from "./page.js";

let renewal = null;

/** Ask; if the session has run out, renew it and ask once more. */
export async function askAsStaff(method, path, options) {
  try {
    return await ask(method, path, options);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) {
      throw error;
    }
    // One renewal for all that wait for it: a refresh token may be good for one use only.
    renewal ??= ask("PUT", "session").finally(() => {
      renewal = null;
    });
    try {
      await renewal;
    } catch (second) {
      throw second instanceof Refused && second.status === 401 ? error : second;
    }
    return ask(method, path, options);
  }
}
