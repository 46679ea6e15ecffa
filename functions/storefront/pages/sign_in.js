// Signing in: the authorization code flow with PKCE. Tokens never come here; the server keeps them in
// cookies that no script can read.

import { ask, base64url, random } from "./page.js";
import { SESSION } from "./session.js";
import { text } from "./texts.js";

const KEPT = "sign-in";

/** Send the browser to the provider, which sends it back: to the counter, and that to this page. Raises Error. */
export async function leave({ authorizationEndpoint, clientId }) {
  if (!isSecureContext) {
    throw new Error(text("oddRequest")); // It has no crypto.subtle.
  }
  const kept = { verifier: random(32), state: random(32), nonce: random(32), from: location.href };
  useSiteData((storage) => storage.setItem(KEPT, JSON.stringify(kept)));
  const url = new URL(authorizationEndpoint);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(kept.verifier));
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: counter(),
    scope: "openid profile",
    prompt: "login", // The tablet is everybody's: who signs in says who they are.
    state: kept.state,
    nonce: kept.nonce,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, value);
  }
  location.assign(url);
}

/**
 * End a sign-in, if the provider has just sent the browser back: that is the result. `change` is called
 * before somebody else may be signed in. Raises Error.
 */
export async function comeBack(change) {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state")) {
    return false;
  }
  history.replaceState(null, "", counter()); // The code is used up, and a reload begins anew.
  const kept = JSON.parse(useSiteData((storage) => storage.getItem(KEPT)) ?? "{}");
  useSiteData((storage) => storage.removeItem(KEPT));
  if (answer.get("state") !== kept.state) {
    throw new Error(text("begunElsewhere"));
  }
  if (!answer.has("code")) {
    throw new Error(answer.get("error_description") ?? answer.get("error") ?? text("begunElsewhere"));
  }
  const body = { code: answer.get("code"), verifier: kept.verifier, nonce: kept.nonce, redirectUri: counter() };
  change();
  await ask("POST", "session", SESSION, { body });
  if (kept.from !== counter()) {
    location.replace(kept.from);
  }
  return true;
}

/** Send the browser to the provider, to end its session there too; it sends it back to this page. */
export function endSession(endSessionUrl) {
  const url = new URL(endSessionUrl);
  url.searchParams.set("post_logout_redirect_uri", counter());
  url.searchParams.set("logout_uri", counter()); // What Cognito calls it.
  location.assign(url);
}

function useSiteData(use) {
  try {
    return use(sessionStorage);
  } catch {
    throw new Error(text("noSiteData"));
  }
}

/** The page that the provider knows: one for all of the staff's. */
function counter() {
  return new URL("counter", location).href;
}
