// On the customer's page: what is ordered. With a menu it is tapped, otherwise it is typed.

import { at, show } from "./page.js";
import { text } from "./texts.js";

let menu = null;
let chosen = { drink: "", size: null, extras: [] };
let locked = false;
let lastSize = null; // The same one is chosen for the next drink that has it.

export function startChoice() {
  at("choice").addEventListener("change", ({ target }) => {
    if (target.name === "drink") {
      choose({ ...chosen, drink: target.value });
    } else if (target.name === "size") {
      lastSize = target.value;
      choose({ ...chosen, size: lastSize });
    } else {
      const group = menu.groups.find(({ extras }) => extras.some(({ name }) => name === target.value));
      const instead = group.choose === "one" ? group.extras.map(({ name }) => name) : [target.value];
      const rest = chosen.extras.filter((extra) => !instead.includes(extra));
      choose({ ...chosen, extras: target.checked ? [...rest, target.value] : rest });
    }
  });
}

/** What is chosen, as an order is sent. */
export function wantedDrink() {
  const { drink, size, extras } = chosen;
  return menu ? { drink, ...(size ? { size } : {}), ...(extras.length > 0 ? { extras } : {}) } : { drink: at("drink").value };
}

export function choose({ drink = "", size = null, extras = [] }) {
  at("drink").value = drink;
  chosen = { drink, size, extras };
  drawChoice();
}

/** In the words that the order will have. */
export function inWords({ drink, size, extras = [] }) {
  return [drink, size, ...extras].filter(Boolean).join(", ");
}

/** Whether this can be ordered now. */
export function isOffered({ drink, size = null, extras = [] }) {
  if (!menu) {
    return !size && extras.length === 0;
  }
  const item = menu.items.find(({ name }) => name === drink);
  const known = menu.groups.flatMap((group) => group.extras);
  return Boolean(item) && !item.soldOut
    && (item.sizes.length > 0 ? item.sizes.includes(size) : !size)
    && extras.every((extra) => known.some(({ name, soldOut }) => name === extra && !soldOut));
}

/** Offer this menu, or any drink without one. Whether something chosen is not there any more. */
export function offer(offered) {
  menu = offered ?? null;
  if (!menu) {
    return false;
  }
  const there = (parts, name) => parts.some((part) => part.name === name && !part.soldOut);
  const extras = chosen.extras.filter((extra) => there(menu.groups.flatMap((group) => group.extras), extra));
  const drink = there(menu.items, chosen.drink) ? chosen.drink : "";
  const lost = drink !== chosen.drink || extras.length < chosen.extras.length;
  chosen = { ...chosen, drink, extras };
  return lost;
}

export function drawChoice(lock = locked) {
  locked = lock;
  at("typed").hidden = at("drink").disabled = Boolean(menu);
  at("drink").readOnly = locked;
  at("choice").hidden = !menu;
  if (!menu) {
    at("choice").replaceChildren();
    return;
  }
  const item = menu.items.find(({ name }) => name === chosen.drink);
  const sizes = item?.sizes ?? [];
  // Without sizes, those of another drink keep the room, so that nothing moves under a finger.
  const shownSizes = sizes.length > 0 ? sizes : menu.items.find((other) => other.sizes.length > 0)?.sizes ?? [];
  const size = [chosen.size, lastSize].find((one) => sizes.includes(one));
  chosen.size = size ?? null;
  const groups = [
    { name: "drink", legend: text("drink"), type: "radio", parts: menu.items, has: (name) => name === chosen.drink },
    { name: "size", legend: text("size"), type: "radio", parts: shownSizes.map((name) => ({ name })), has: (name) => name === size, unused: sizes.length === 0 },
    ...menu.groups.map(({ name, choose: how, extras }) => ({
      name: "extras", legend: text(how === "one" ? "oneOf" : "anyOf", { group: name }), type: "checkbox", parts: extras,
      has: (extra) => chosen.extras.includes(extra),
    })),
  ];
  drawGroups(groups.filter(({ parts }) => parts.length > 0));
}

/** In place, so that the focus stays where it is. */
function drawGroups(groups) {
  const shape = JSON.stringify(groups.map(({ name, parts }) => [name, parts.map((part) => part.name)]));
  const before = document.activeElement?.closest?.("#choice") ? document.activeElement : null;
  if (at("choice").dataset.shape !== shape) {
    at("choice").dataset.shape = shape;
    at("choice").replaceChildren(...groups.map(newGroup));
  }
  groups.forEach((group, index) => {
    const fieldset = at("choice").children[index];
    fieldset.disabled = locked || Boolean(group.unused);
    fieldset.style.visibility = group.unused ? "hidden" : "";
    show(fieldset.firstElementChild, group.legend);
    group.parts.forEach(({ name, soldOut }, place) => {
      const input = fieldset.lastElementChild.children[place].firstElementChild;
      input.checked = group.has(name);
      input.disabled = Boolean(soldOut);
      show(input.nextElementSibling.lastElementChild, soldOut ? text("isSoldOut") : "");
    });
  });
  if (before && !before.isConnected) {
    at("choice").querySelector(`[name="${CSS.escape(before.name)}"][value="${CSS.escape(before.value)}"]`)?.focus();
  }
}

function newGroup({ name, type, parts }) {
  const fieldset = document.createElement("fieldset");
  fieldset.className = name === "drink" ? "drinks" : "";
  const legend = document.createElement("legend");
  const list = document.createElement("div");
  list.append(...parts.map((part) => newPart(name, type, part.name)));
  fieldset.append(legend, list);
  return fieldset;
}

function newPart(group, type, name) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type, name: group, value: name, required: type === "radio" });
  const button = document.createElement("span");
  button.append(name, document.createElement("small"));
  label.append(input, button);
  return label;
}
