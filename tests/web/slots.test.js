// Elements of rows that left are given to rows that arrive.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assigned } from "../../web/js/slots.js";

const run = (/** @type {number} */ from, /** @type {number} */ to) => Array.from({ length: to - from + 1 }, (_, place) => from + place);
const indices = (/** @type {import("../../web/js/slots.js").Slot[]} */ slots) => slots.map(({ index }) => index);

test("a row keeps its element while it is seen, and one that leaves gives its element away in its place", () => {
  const before = assigned([], run(0, 4), true);
  const after = assigned(before, run(2, 6), true);
  assert.deepEqual(after, [{ key: 0, index: 5 }, { key: 1, index: 6 }, { key: 2, index: 2 }, { key: 3, index: 3 }, { key: 4, index: 4 }]);
});

test("at rest the elements stand in the order of the rows", () => {
  const moving = assigned(assigned([], run(0, 4), true), run(2, 6), true);
  assert.deepEqual(indices(assigned(moving, run(2, 6), false)), run(2, 6));
});

test("a jump keeps no row and every element", () => {
  const before = assigned([], run(0, 20), false);
  const after = assigned(before, run(5000, 5020), true);
  assert.deepEqual(after.map(({ key }) => key), before.map(({ key }) => key));
  assert.deepEqual(indices(after), run(5000, 5020));
});

test("more rows get more elements and fewer rows fewer, none twice", () => {
  const more = assigned(assigned([], run(0, 4), false), run(0, 9), false);
  assert.equal(new Set(more.map(({ key }) => key)).size, 10);
  const fewer = assigned(more, run(3, 5), false);
  assert.deepEqual(fewer, more.filter(({ index }) => index >= 3 && index <= 5));
  assert.deepEqual(assigned(fewer, [], false), []);
});

test("what was assigned before is not changed", () => {
  const before = assigned([], run(0, 2), false);
  const copy = structuredClone(before);
  assigned(before, run(2, 4), true);
  assert.deepEqual(before, copy);
});
