// On the barista's page: of which drink there are how many, and those first.

import { drawList } from "./list.js";
import { at } from "./page.js";
import { parts, text } from "./texts.js";

let chosen = null; // The drink whose orders come first.

export function startTogether(redraw) {
  at("together").addEventListener("click", ({ target }) => {
    const drink = target.closest("button")?.dataset.id;
    if (drink) {
      chosen = drink === chosen ? null : drink;
      redraw();
    }
  });
}

/** The views, those of the chosen drink first. */
export function inOrder(views) {
  const isChosen = ({ order }) => parts(order)[0] === chosen;
  return [...views.filter(isChosen), ...views.filter((view) => !isChosen(view))];
}

export function drawTogether(orders) {
  at("together").ariaLabel = text("together");
  const counts = new Map();
  for (const order of orders) {
    const [drink] = parts(order);
    counts.set(drink, (counts.get(drink) ?? 0) + 1);
  }
  if (!counts.has(chosen)) {
    chosen = null;
  }
  const sorted = [...counts].sort(([one, n], [other, m]) => m - n || one.localeCompare(other));
  drawList(at("together"), sorted, ([drink]) => drink, newButton, (button, [drink, count]) => {
    button.lastElementChild.textContent = count;
    button.ariaPressed = String(drink === chosen);
  });
}

function newButton([drink]) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(Object.assign(document.createElement("span"), { textContent: drink }), " ", document.createElement("b"));
  return button;
}
