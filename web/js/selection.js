// Which rows are chosen: ids, a cursor and an anchor. Pure.

/** @typedef {{ ids: ReadonlySet<number>, cursor: number, anchor: number }} Selection */

/** @type {Selection} */
export const NOTHING = Object.freeze({ ids: new Set(), cursor: -1, anchor: -1 });

/** Only this row. @param {number} index @param {number} id @returns {Selection} */
export function only(index, id) {
  return { ids: new Set([id]), cursor: index, anchor: index };
}

/** This row in or out. @param {Selection} selection @param {number} index @param {number} id @returns {Selection} */
export function toggled(selection, index, id) {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, cursor: index, anchor: index };
}

/** Everything from the anchor to here, whose ids are given. @param {Selection} selection @param {number} index @param {Iterable<number>} ids @returns {Selection} */
export function ranged(selection, index, ids) {
  return { ids: new Set(ids), cursor: index, anchor: selection.anchor < 0 ? index : selection.anchor };
}

/** The cursor moved; what is chosen stays. @param {Selection} selection @param {number} index @returns {Selection} */
export function moved(selection, index) {
  return { ...selection, cursor: index };
}

/** Without the rows that left; the cursor stays inside the list. @param {Selection} selection @param {ReadonlySet<number> | null} gone @param {number} total @returns {Selection} */
export function without(selection, gone, total) {
  const ids = new Set(gone === null ? [] : [...selection.ids].filter((id) => !gone.has(id)));
  const cursor = Math.min(selection.cursor, total - 1);
  return { ids, cursor, anchor: Math.min(selection.anchor, total - 1) };
}
