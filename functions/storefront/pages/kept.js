// What this device keeps for the page, or with TAB this tab; where the browser keeps nothing, or has no
// room, until the page is left. Shops may be paths of one host, so its name has the shop's path in it.

const SHOP = new URL("..", import.meta.url).pathname;
const memory = new Map();
const DEVICE = () => localStorage;
export const TAB = () => sessionStorage;

/** What the browser calls it. */
export function inBrowser(name) {
  return name + SHOP;
}

export function load(name, fallback, storage = DEVICE) {
  if (memory.has(name)) {
    return memory.get(name); // What is stored is older.
  }
  try {
    return JSON.parse(storage().getItem(inBrowser(name))) ?? fallback;
  } catch {
    return fallback;
  }
}

export function keep(name, value, storage = DEVICE) {
  try {
    storage().setItem(inBrowser(name), JSON.stringify(value));
    memory.delete(name);
  } catch {
    memory.set(name, value);
  }
}
