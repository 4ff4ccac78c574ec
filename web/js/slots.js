// Which element shows which row of a long list: one whose row has left the screen is given to a row that arrives. Pure.
// To make a row anew costs several times what it costs to write new words into an old one.

/** `key` names an element for good, `index` is the row it shows. @typedef {{ key: number, index: number }} Slot */

/**
 * The slots for the rows `indices` (ascending), in the order of their elements in the page. An element keeps its row while
 * that is seen. While the list is `moving` no element changes its place, so that none is laid out for it; at rest they stand
 * in the order of the rows, as a screen reader reads them.
 * @param {Slot[]} before @param {number[]} indices @param {boolean} moving @returns {Slot[]}
 */
export function assigned(before, indices, moving) {
  const arriving = new Set(indices);
  const kept = before.map(({ key, index }) => ({ key, index, free: !arriving.delete(index) }));
  const waiting = [...arriving];
  for (const slot of kept) {
    const index = slot.free ? waiting.shift() : undefined;
    if (index !== undefined) Object.assign(slot, { index, free: false });
  }
  let next = Math.max(-1, ...before.map(({ key }) => key)) + 1;
  const slots = kept.filter(({ free }) => !free).map(({ key, index }) => ({ key, index }));
  for (const index of waiting) slots.push({ key: next++, index });
  return moving ? slots : slots.sort((a, b) => a.index - b.index);
}
