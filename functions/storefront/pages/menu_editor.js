// On the barista's page: the fields in which the menu is edited.

import { at } from "./page.js";
import { text } from "./texts.js";

const LISTS = ["menu-items", "menu-groups"];

/** Fill the fields. */
export function drawEditor({ items, groups }) {
  at("menu-items").replaceChildren(...items.map(newItem));
  at("menu-groups").replaceChildren(...groups.map(newGroup));
  for (const [button, list, make] of [["menu-add-item", "menu-items", newItem], ["menu-add-group", "menu-groups", newGroup]]) {
    at(button).onclick = () => {
      const row = make({});
      at(list).append(row);
      labelEditor();
      row.querySelector("input").focus();
    };
  }
  if (items.length === 0) {
    at("menu-add-item").click();
  }
  labelEditor();
}

/** What the fields say, in `typed`, or why that is no menu; the field where it is not is marked. */
export function typedMenu() {
  const items = rows("menu-items")
    .map((row) => ({ name: field(row, "name"), sizes: split(field(row, "sizes")) }))
    .filter(({ name }) => name);
  const groups = rows("menu-groups")
    .map((row) => ({
      name: field(row, "name"), choose: field(row, "choose"), extras: split(field(row, "extras")).map((name) => ({ name })),
    }))
    .filter(({ name }) => name);
  const wrong = mistake();
  for (const input of at("menu-form").querySelectorAll("input")) {
    input.ariaInvalid = String(input === wrong?.input);
  }
  wrong?.input.focus();
  return { typed: { items, groups }, problem: wrong?.why ?? (items.length === 0 ? text("menuEmpty") : "") };
}

/** The first field that can't be as it is, and why. */
function mistake() {
  const names = [];
  for (const input of at("menu-form").querySelectorAll("#menu-items input, [name=extras]")) {
    const isSizes = input.name === "sizes";
    const typed = input.name === "name" ? [input.value.trim()].filter(Boolean) : split(input.value);
    const twice = repeated(isSizes ? typed : [...names, ...typed]);
    if (twice) {
      return { input, why: text(isSizes ? "menuSizeTwice" : "menuTwice", { name: twice }) };
    }
    if (input.name === "name" && input.value.includes(",")) {
      return { input, why: text("menuComma", { name: input.value.trim() }) };
    }
    names.push(...(isSizes ? [] : typed));
  }
  return null;
}

function repeated(names) {
  return names.find((name, index) => names.indexOf(name) !== index);
}

function split(list) {
  return list.split(",").map((name) => name.trim()).filter(Boolean);
}

function rows(list) {
  return [...at(list).children];
}

function field(row, name) {
  return row.querySelector(`[name="${name}"]`).value.trim();
}

function newItem({ name = "", sizes = [] }) {
  return newRow("menu-item-template", { name, sizes: sizes.join(", ") });
}

function newGroup({ name = "", choose = "one", extras = [] }) {
  return newRow("menu-group-template", { name, choose, extras: extras.map((extra) => extra.name).join(", ") });
}

function newRow(template, values) {
  const row = at(template).content.firstElementChild.cloneNode(true);
  for (const [name, value] of Object.entries(values)) {
    row.querySelector(`[name="${name}"]`).value = value;
  }
  const move = (button, to) => row.querySelector(button).addEventListener("click", ({ currentTarget }) => {
    to();
    labelEditor();
    currentTarget.focus(); // An element that is moved loses it.
  });
  move(".up", () => row.previousElementSibling?.before(row));
  move(".down", () => row.nextElementSibling?.after(row));
  row.querySelector(".remove").addEventListener("click", () => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    labelEditor();
    (next?.querySelector("input") ?? at("menu-add-item")).focus();
  });
  row.querySelector('[name="name"]').addEventListener("input", labelEditor);
  return row;
}

/** In the language of the page, and for screen readers with the name of the row. */
export function labelEditor() {
  for (const row of LISTS.flatMap(rows)) {
    const name = field(row, "name");
    for (const [button, words] of [[".up", "menuUp"], [".down", "menuDown"], [".remove", "menuRemove"]]) {
      row.querySelector(button).ariaLabel = text(words, { name });
    }
    for (const labelled of row.querySelectorAll("[data-label]")) {
      labelled.ariaLabel = text(labelled.dataset.label);
      labelled.placeholder = text(labelled.dataset.label);
    }
    for (const option of row.querySelectorAll("option")) {
      option.textContent = text({ one: "menuOne", any: "menuAny" }[option.value]);
    }
  }
}
