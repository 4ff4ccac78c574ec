import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, NOTHING, only, ranged, toggled, without } from "../../web/js/selection.js";

test("a click chooses one, control adds and takes away", () => {
  const one = only(2, 12);
  assert.deepEqual([...one.ids], [12]);
  const two = toggled(one, 4, 14);
  assert.deepEqual([...two.ids], [12, 14]);
  assert.deepEqual([...toggled(two, 2, 12).ids], [14]);
});

test("a range starts at the anchor, however often it is drawn again", () => {
  const start = only(5, 15);
  const down = ranged(start, 8, [15, 16, 17, 18]);
  assert.equal(down.anchor, 5);
  assert.deepEqual([...ranged(down, 3, [13, 14, 15]).ids], [13, 14, 15]);
  assert.equal(ranged(down, 3, [13, 14, 15]).anchor, 5);
});

test("moving the cursor keeps what is chosen", () => assert.deepEqual([...moved(only(1, 11), 9).ids], [11]));

test("rows that leave are no longer chosen, and the cursor stays inside", () => {
  const left = without(ranged(only(0, 1), 2, [1, 2, 3]), new Set([2, 3]), 1);
  assert.deepEqual([...left.ids], [1]);
  assert.equal(left.cursor, 0);
  assert.equal(without(only(0, 1), null, 0).cursor, -1);
  assert.equal(NOTHING.ids.size, 0);
});
