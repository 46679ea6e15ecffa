// On the barista's page: the menu. What is sold out is one tap; the rest is edited and saved as a whole.

import { drawEditor, typedMenu } from "./menu_editor.js";
import { refuse } from "./notices.js";
import { taps } from "./outbox.js";
import { at, like, reason, show } from "./page.js";
import { askAsStaff } from "./session.js";
import { text } from "./texts.js";

const SAVED_MS = 10_000; // For so long the page says so.
const LOOK_MS = 60_000; // Somebody else may have changed it, which the server knows at once.
const isMenu = like({ items: [], groups: [], version: 0 });

let menu = null; // As the server showed it last.
let base = null; // The menu that is being edited, as it was.
let editing = false;
let saving = false;
const asked = new Map(); // By name: what a tap has asked for, until there is an answer.

export function startMenu() {
  at("menu-edit").addEventListener("click", () => edit(menu));
  at("menu-back").addEventListener("click", leaveEditor);
  at("menu-form").addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  at("menu-parts").addEventListener("click", ({ target }) => {
    const name = target.closest("button")?.dataset.name;
    if (name !== undefined) {
      tap(name, target.closest("button").ariaPressed !== "true");
    }
  });
  setInterval(lookAtMenu, LOOK_MS);
}

export async function lookAtMenu() {
  if (at("menu").hidden || document.hidden) {
    return;
  }
  try {
    await load();
  } catch {
    return; // Whether there is contact, the page says elsewhere.
  }
  drawMenu();
}

async function load() {
  const seen = await askAsStaff("GET", "store/menu", isMenu);
  if (!menu || seen.version >= menu.version) {
    menu = seen;
  }
}

/** Show the tap at once, and undo that if the server says no. */
async function tap(name, soldOut) {
  if (asked.has(name)) {
    return;
  }
  asked.set(name, soldOut);
  refuse("");
  drawMenu();
  const body = { name, soldOut };
  const send = () => askAsStaff("PUT", "store/menu/sold-out", isMenu, { body });
  try {
    // Refused if two change the menu at one time, and then the same can be sent again.
    menu = await send().catch((error) => (error.status === 409 ? send() : Promise.reject(error)));
  } catch (error) {
    refuse(text("notDone", { reason: reason(error) }));
  }
  asked.delete(name);
  drawMenu();
}

function edit(shown) {
  editing = true;
  base = shown;
  show(at("menu-problem"), "");
  drawMenu();
  drawEditor(shown);
  at("menu-form").querySelector("input").focus();
}

async function save() {
  if (saving) {
    return;
  }
  const { typed, problem } = typedMenu();
  show(at("menu-problem"), problem);
  if (problem) {
    return;
  }
  saving = true;
  try {
    show(at("menu-problem"), await put(typed));
  } catch (error) {
    show(at("menu-problem"), text("notDone", { reason: reason(error) }));
  }
  saving = false;
  drawMenu();
}

/** Save it, or say what somebody else has saved meanwhile: it replaces that if it is saved again. */
async function put(typed) {
  const before = inWords(base);
  const body = { ...withSoldOut(typed), version: base.version };
  try {
    menu = await askAsStaff("PUT", "store/menu", isMenu, { body });
  } catch (error) {
    if (error.status !== 409) {
      throw error;
    }
    await load();
    base = menu;
    return inWords(menu) === before ? put(typed) : text("menuChanged", { menu: inWords(menu) });
  }
  leaveEditor();
  at("menu-saved").textContent = text("menuSaved");
  setTimeout(() => at("menu-saved").replaceChildren(), SAVED_MS);
  return "";
}

function leaveEditor() {
  editing = false;
  drawMenu();
  at("menu-edit").focus({ preventScroll: true });
  at("menu").scrollIntoView({ block: "nearest" });
}

/** The editor does not say what is sold out: that stays as it is now. */
function withSoldOut({ items, groups }) {
  const soldOut = new Set(parts(menu).filter((part) => part.soldOut).map(({ name }) => name));
  const mark = (part) => ({ ...part, soldOut: soldOut.has(part.name) });
  return { items: items.map(mark), groups: groups.map((group) => ({ ...group, extras: group.extras.map(mark) })) };
}

function parts({ items, groups }) {
  return [...items, ...groups.flatMap(({ extras }) => extras)];
}

function inWords({ items, groups }) {
  const drinks = items.map(({ name, sizes }) => (sizes.length > 0 ? `${name} (${sizes.join(", ")})` : name));
  const extras = groups.map((group) => `${group.name}: ${group.extras.map(({ name }) => name).join(", ")}`);
  return [drinks.join(", "), ...extras].join("; ");
}

export function drawMenu() {
  at("menu-day").hidden = editing || !menu;
  at("menu-form").hidden = !editing;
  if (!menu) {
    return;
  }
  const isEmpty = menu.items.length === 0;
  show(at("menu-hint"), text(isEmpty ? "noMenu" : "menuHint"));
  const rows = [menu.items, ...menu.groups.map(({ extras }) => extras)];
  const shape = JSON.stringify(rows.map((row) => row.map(({ name }) => name)));
  if (at("menu-parts").dataset.shape !== shape) {
    at("menu-parts").dataset.shape = shape;
    at("menu-parts").replaceChildren(...rows.map(newRow));
  }
  const buttons = at("menu-parts").querySelectorAll("button");
  parts(menu).forEach(({ name }, index) => {
    buttons[index].ariaPressed = String(isSoldOut(name));
    buttons[index].ariaLabel = text("menuSoldOut", { name });
  });
}

/** The names of the drinks and extras that are not sold out. */
export function available() {
  return menu ? parts(menu).map(({ name }) => name).filter((name) => !isSoldOut(name)) : [];
}

/** Whether a part of the menu is sold out, also if the server has not heard of it yet. */
export function isSoldOut(name) {
  const declined = taps().some(({ what, body }) => what === "soldOut" && body.name === name);
  return asked.get(name) ?? (declined || Boolean(menu && parts(menu).some((part) => part.name === name && part.soldOut)));
}

function newRow(row) {
  const list = document.createElement("p");
  list.append(...row.map(({ name }) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
    button.dataset.name = name;
    return button;
  }));
  return list;
}
