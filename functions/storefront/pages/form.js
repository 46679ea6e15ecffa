// On the customer's page: the form for an order, or for another one in its place.

import { drawChoice, inWords, isOffered } from "./choice.js";
import { at, show } from "./page.js";
import { refusal, waitTime } from "./told.js";
import { text } from "./texts.js";

const CODE_REFUSED = ["ERROR-106", "ERROR-107", "ERROR-108"];

/**
 * `pending` is an order that may have arrived, `last` what was ordered here last, and `replaces` the
 * order that is changed; each may be null, and so may the store until it is known.
 */
export function drawForm(store, { pending, last, replaces }) {
  if (!store) {
    return;
  }
  at("form").hidden = false;
  show(at("ordering-title"), text(replaces ? "changeTitle" : "orderTitle"));
  show(at("wait-before"), store.open && store.wait && !replaces ? text("waitBefore", { wait: waitTime(store.wait) }) : "");
  at("closed").hidden = store.open;
  show(at("changing"), replaces ? text("changeHint", { drink: replaces.drink }) : "");
  show(at("send"), text(replaces ? "changeOrder" : "order"));
  at("keep").hidden = !replaces;
  at("same").hidden = !last || Boolean(replaces) || Boolean(pending);
  if (last) {
    show(at("same-drink"), inWords(last.body));
    at("same").disabled = !isOffered(last.body);
  }
  drawChoice(Boolean(pending));
  at("name").readOnly = Boolean(pending);
  at("code-field").hidden = at("code").disabled = !store.codeNeeded;
  at("code").required = store.codeNeeded;
}

/** Say why the order was not taken. */
export function refuse(error) {
  show(at("problem"), refusal(error));
  if (CODE_REFUSED.includes(error.body.code)) {
    at("code").select();
  }
}
