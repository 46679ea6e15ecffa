// The page of the live workflow: where the orders are, and the way of one of them.

import { drawDoor, leaveIfOver, startDoor, whoWorksHere } from "./door.js";
import { HISTORY, said, timed } from "./history.js";
import { drawList } from "./list.js";
import { Watch, at, like, put, show } from "./page.js";
import { askAsStaff } from "./session.js";
import { called, drink, speak, text, timeOfDay } from "./texts.js";

const LAST = "customer told how it ended"; // After it, nothing more comes of an order.
const WORKFLOW = like({ states: {}, elsewhere: 0, orders: [] });
const EXECUTION = like({ status: "", entries: [] });

let workflow = null; // As it was at the last look.
let followed = null; // The order that was looked at: {id, order, moments, status, entries}, or only its id.

const watch = new Watch(look);
const states = [...document.querySelectorAll("#graph .state")];

at("frame").addEventListener("focusin", drawAbout);
at("frame").addEventListener("focusout", drawAbout);
addEventListener("hashchange", () => {
  draw();
  watch.now();
});
speak("workflow", draw);
startDoor({
  changed: () => {},
  draw,
  opened: () => watch.start(),
  closed: () => watch.stop(),
});
at("not-started").remove();

/** The id of the order in the link. */
function chosen() {
  return new URLSearchParams(location.hash.slice(1)).get("order");
}

async function look() {
  const before = followed?.id;
  try {
    [workflow, followed] = await Promise.all([askAsStaff("GET", "store/workflow", WORKFLOW), follow(chosen())]);
  } catch (error) {
    await leaveIfOver(error);
    throw error;
  }
  draw();
  if (followed?.id !== before) {
    const last = followed?.entries?.at(-1)?.state;
    states.find(({ dataset }) => dataset.state === last)?.scrollIntoView({ block: "nearest", inline: "center" });
  }
  return [workflow, followed];
}

async function follow(id) {
  const isOver = followed?.status !== "running" && followed?.moments?.some(({ what }) => what === LAST);
  if (!id || (id === followed?.id && isOver)) {
    return id && followed;
  }
  const path = `orders/${encodeURIComponent(id)}`;
  try {
    const [execution, history] = await Promise.all([
      askAsStaff("GET", `${path}/execution`, EXECUTION),
      askAsStaff("GET", `${path}/history`, HISTORY),
    ]);
    return { id, ...execution, ...history };
  } catch (error) {
    if (error.status !== 404 && error.status !== 422) {
      throw error;
    }
    return { id };
  }
}

function draw() {
  drawDoor();
  at("picture").hidden = at("list").hidden = !whoWorksHere();
  at("story").hidden = !whoWorksHere() || !chosen();
  const order = followed?.id === chosen() ? followed : null;
  drawAbout();
  drawGraph(order);
  drawStory(order);
  if (workflow) {
    at("none").hidden = workflow.orders.length > 0;
    show(at("elsewhere"), workflow.elsewhere ? text("flowElsewhere", { n: workflow.elsewhere }) : "");
    drawList(at("orders"), workflow.orders, ({ orderId }) => orderId, () => at("row").content.firstElementChild.cloneNode(true), drawRow);
  }
}

/** What the state is for that has the focus: the definition's own words. */
function drawAbout() {
  const state = document.activeElement?.closest("#graph .state");
  const comment = state?.querySelector("desc").textContent;
  show(at("state"), state?.dataset.state ?? "");
  put(at("comment"), comment ?? text("flowHint"));
  at("comment").lang = comment ? "en" : "";
}

function drawGraph(order) {
  const { status, entries = [] } = order ?? {};
  const names = entries.filter(({ error }) => !error).map(({ state }) => state);
  const last = names.at(-1);
  const whole = last ? ["Start", ...names, ...(status === "succeeded" ? ["End"] : [])] : [];
  const way = whole.flatMap((name, index) => [`${whole[index - 1]} → ${name}`, name]);
  const drawn = at("graph").querySelectorAll(".passed").length;
  at("graph").classList.toggle("following", Boolean(last));
  for (const { classList, dataset, style } of at("graph").querySelectorAll("[data-state], [data-way]")) {
    const step = way.indexOf(dataset.state ?? dataset.way);
    style.setProperty("--step", Math.max(0, step - drawn)); // What is new shows one after the other.
    classList.toggle("passed", step >= 0);
    classList.toggle("now", dataset.state === last && status === "running");
    classList.toggle("stopped", dataset.state === last && !["running", "succeeded"].includes(status));
  }
  for (const state of states) {
    const n = workflow?.states[state.dataset.state];
    state.ariaLabel = n ? text("flowCount", { state: state.dataset.state, n }) : null;
    put(state.querySelector(".count"), String(n ?? ""));
  }
}

function drawStory(order) {
  const { status, entries = [], moments = [] } = order ?? {};
  show(at("story-title"), order?.order ? called(order.order, (whole) => whole) : "");
  put(at("told"), status ? text(`execution.${status}`, { state: entries.at(-1)?.state }) : order ? text("noSuchOrder", order) : "");
  const steps = [
    ...moments.map((one) => ({ at: one.at, kind: "", what: said(one, order.order) })),
    ...entries.map(({ at, state, error }) =>
      error ? { at, kind: "error", what: text("flowError", { error }) } : { at, kind: "entry", what: state }),
  ].sort((one, other) => whenOf(one).localeCompare(whenOf(other)));
  const before = at("steps").children.length;
  drawList(at("steps"), steps, ({ at, what }) => `${at} ${what}`, ({ at, what }) => timed(at, what), (line, { kind }) => {
    line.className = kind;
  });
  if (steps.length !== before) {
    at("steps").scrollTop = at("steps").scrollHeight; // The latest, where not all have room.
  }
}

/** A time that is known to the second comes last in it. */
function whenOf(step) {
  return step.at.replace(".000Z", ".999Z");
}

function drawRow(row, order) {
  const { orderId, status, receivedAt } = order;
  const [number, what, how, time] = row.querySelectorAll(".number, strong, .how, time");
  row.firstElementChild.href = `#order=${encodeURIComponent(orderId)}`;
  row.firstElementChild.ariaCurrent = String(orderId === chosen());
  put(number, String(order.number ?? ""));
  put(what, drink(order) || text("forgottenOrder"));
  put(how, text(status === "rejected" ? "flowRejected" : order.endedAt ? `ended.${status}` : `history.${status}`));
  put(time, timeOfDay(new Date(receivedAt)));
}
