// Lists whose rows stay the same elements as long as they are shown.

/** Draw a row for each item; no row is moved that need not be, for that takes its focus and ends a tap. */
export function drawList(list, items, idOf, make, draw) {
  const ids = new Set(items.map(idOf));
  const rows = new Map([...list.children].map((row) => [row.dataset.id, row]));
  passFocusOn(list, ids);
  for (const [id, row] of rows) {
    if (!ids.has(id)) {
      row.remove();
    }
  }
  items.forEach((item, index) => {
    const row = rows.get(idOf(item)) ?? make(item);
    row.dataset.id = idOf(item);
    if (list.children[index] !== row) {
      list.insertBefore(row, list.children[index] ?? null);
    }
    draw(row, item);
  });
}

/** If the focus is in a row that leaves, give it to the next; not to its button, which a key that is
 * held down would press. */
function passFocusOn(list, ids) {
  const focused = document.activeElement?.closest("li");
  if (focused?.parentElement === list && !ids.has(focused.dataset.id)) {
    const rows = [...list.children].filter((row) => row === focused || ids.has(row.dataset.id));
    const index = rows.indexOf(focused);
    (rows[index + 1] ?? rows[index - 1] ?? list).focus();
  }
}
