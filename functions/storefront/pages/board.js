// The board: the numbers that are called, on a screen that nobody stands in front of. It runs for days,
// with or without a network.

import { stayAwake } from "./awake.js";
import { drawList } from "./list.js";
import { Watch, ask, at, like } from "./page.js";
import { speak } from "./texts.js";

const QUEUE = like({ waiting: [], making: [], ready: [] });
const CALLED_MS = 10 * 60_000; // As long as the server has a number among those that are ready.
const CHECK_MS = 10_000;
const [WIDE, GAP, HIGH] = [1.35, 0.25, 0.88]; // The room of a number, of its font's size.

let queue = { waiting: [], making: [], ready: [] };
const readySince = new Map(); // By number, for without a network nobody says when they leave.

const watch = new Watch(async () => {
  queue = await ask("GET", "queue", QUEUE);
  for (const number of readySince.keys()) {
    if (!queue.ready.includes(number)) {
      readySince.delete(number);
    }
  }
  queue.ready.forEach((number) => readySince.set(number, readySince.get(number) ?? Date.now()));
  draw();
  return queue;
});

speak("board", draw);
addEventListener("resize", draw);
setInterval(draw, CHECK_MS);
stayAwake(true);
watch.start();
at("not-started").remove();

function draw() {
  const { waiting, making, ready } = queue;
  const called = ready.filter((number) => Date.now() - readySince.get(number) < CALLED_MS);
  list("making", making);
  list("ready", [...called].reverse()); // The latest first.
  list("waiting", waiting);
  at("later").hidden = waiting.length === 0;
  fit(at("making"), at("ready"));
}

/** In place, so that a number that stays is not drawn as one that comes. */
function list(id, numbers) {
  const newItem = (number) => Object.assign(document.createElement("li"), { textContent: number });
  drawList(at(id), numbers, String, newItem, () => {});
}

/** The largest size that has room for all, two digits being not much wider than they are high. */
function fit(...lists) {
  const size = Math.min(...lists.map(({ clientWidth, clientHeight, children }) => {
    const count = Math.max(1, children.length);
    const sizes = Array.from({ length: count }, (_, index) =>
      Math.min(clientWidth / ((WIDE + GAP) * (index + 1) - GAP), clientHeight / Math.ceil(count / (index + 1)) / HIGH));
    return Math.max(...sizes);
  }));
  for (const column of lists) {
    column.style.setProperty("--size", `${size}px`);
    column.style.setProperty("--columns", Math.floor((column.clientWidth / size + GAP) / (WIDE + GAP) + 0.01));
  }
}
