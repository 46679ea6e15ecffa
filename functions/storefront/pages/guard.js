// No control takes a tap in the second after it has come to its place, because
// something above it came or went, or what lay over it is gone. The finger meant what was there before.
// Keys go where the focus is, so only those that are held down are ignored.

const REST_MS = 1000;
const CONTROLS = "a, button, input, label, select, summary";

const places = new WeakMap(); // By control: where it is, and until when it rests.
let [end, scrolled, jumps] = [0, 0, 0]; // How long the page is, and how often the screen jumped when that became less.
let timer;

export function startGuard() {
  const observer = new MutationObserver(() => {
    settle(REST_MS);
    observer.takeRecords(); // That it rests moves nothing.
  });
  observer.observe(document.body, { attributes: true, characterData: true, childList: true, subtree: true });
  addEventListener("resize", () => settle(REST_MS));
  addEventListener("scroll", () => settle(0), { passive: true }); // Whoever scrolls sees what comes.
  addEventListener("keydown", (event) => {
    if (event.repeat && event.target.matches("button, summary") && ["Enter", " "].includes(event.key)) {
      event.preventDefault();
    }
  });
  settle(0);
}

/** Let those rest for so long that have moved, or do something else than before (`data-does`). */
function settle(rest) {
  const now = performance.now();
  const before = { end, scrolled };
  [end, scrolled] = [document.documentElement.scrollHeight, scrollY];
  jumps += Number(end < before.end && scrolled < before.scrolled);
  const dialog = document.querySelector("dialog[open]");
  const notices = [...document.querySelectorAll("#notices .notice:not([hidden])")].map((notice) => notice.getBoundingClientRect());
  const isCovered = (control) => (dialog ? !dialog.contains(control) : lieOver(notices, control));
  const controls = [...document.querySelectorAll(CONTROLS)].map((control) => [control, placeOf(control, isCovered(control))]);
  let last = now;
  for (const [control, place] of controls) {
    const known = places.get(control);
    const until = known?.place === place ? known.until : Math.max(known?.until ?? 0, now + rest);
    places.set(control, { place, until });
    control.classList.toggle("resting", until > now);
    last = Math.max(last, until);
  }
  clearTimeout(timer);
  if (last > now) {
    timer = setTimeout(() => settle(REST_MS), last - now + 1);
  }
}

/** On the page, wherever it is scrolled to, and where an animation ends. */
function placeOf(control, isCovered) {
  let [left, top] = [0, 0];
  for (let one = control; one; one = one.offsetParent) {
    left += one.offsetLeft;
    top += one.offsetTop;
  }
  return [control.dataset.does, left, top, isCovered, jumps].join(" ");
}

function lieOver(notices, control) {
  if (notices.length === 0 || control.closest("#notices")) {
    return false;
  }
  const { left, right, top, bottom } = control.getBoundingClientRect();
  return notices.some((one) => one.left < right && left < one.right && one.top < bottom && top < one.bottom);
}
