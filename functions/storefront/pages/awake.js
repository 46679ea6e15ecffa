// Keeps the screen from going dark, where the browser can: not on pages without https.

let wanted = false;
let lock = null;

document.addEventListener("visibilitychange", hold); // A page that is not seen loses it.

export function stayAwake(yes) {
  if (wanted !== yes) {
    wanted = yes;
    hold();
  }
}

async function hold() {
  try {
    if (!wanted) {
      await lock?.release();
      lock = null;
    } else if (!document.hidden && (!lock || lock.released)) {
      lock = await navigator.wakeLock.request("screen");
    }
  } catch {
    // Refused, as with an empty battery, or not there.
  }
}
