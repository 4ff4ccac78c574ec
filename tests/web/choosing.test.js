import assert from "node:assert/strict";
import { test } from "node:test";
import { Choosing } from "../../web/js/choosing.js";
import { initial, Store } from "../../web/js/store.js";

/** A list of ten rows whose id is ten times their place; of `held` ones the page knows that. */
function room(held) {
  const store = new Store(initial());
  store.set({ total: 10, list: { ...store.state.list, files: 10 } });
  const asked = [];
  const places = (from, to) => Array.from({ length: Math.abs(to - from) + 1 }, (_, step) => 10 * (Math.min(from, to) + step));
  const rows = {
    known: (from, to) => (places(from, to).every((id) => held.includes(id / 10)) ? places(from, to) : null),
    ids: (from, to) => new Promise((done, fail) => asked.push({ answer: () => done(places(from, to)), fail })),
  };
  const choosing = new Choosing(store, rows, (promise) => promise.catch(() => undefined));
  return { store, choosing, asked, chosen: () => [...store.state.selection.ids] };
}
const press = { shift: false, control: false };

test("rows that are held are chosen at once, before the next key", () => {
  const { choosing, chosen } = room([2, 3, 4]);
  void choosing.row(2, press);
  assert.deepEqual(chosen(), [20]);
  void choosing.row(4, { ...press, shift: true });
  assert.deepEqual(chosen(), [20, 30, 40]);
});

test("of two questions only the newer one is answered, whichever answer comes first", async () => {
  const { choosing, asked, chosen } = room([]);
  const both = [choosing.row(2, press), choosing.row(7, press)];
  asked[1].answer();
  asked[0].answer();
  await Promise.all(both);
  assert.deepEqual(chosen(), [70]);
});

test("an answer about a list that is ordered in another way by now chooses nothing", async () => {
  const { store, choosing, asked, chosen } = room([]);
  const waiting = choosing.row(2, press);
  store.dispatch({ type: "ordered", sort: "name" });
  asked[0].answer();
  await waiting;
  assert.deepEqual(chosen(), []);
});

test("choosing nothing also forgets what is still being asked for", async () => {
  const { choosing, asked, chosen } = room([]);
  const waiting = choosing.all();
  choosing.none();
  asked[0].answer();
  await waiting;
  assert.deepEqual(chosen(), []);
});

test("the cursor goes back where the rows of a range cannot be told", async () => {
  const { store, choosing, asked } = room([2]);
  await choosing.row(2, press);
  const waiting = choosing.to(9);
  assert.equal(store.state.selection.cursor, 9);
  asked[0].fail(new Error("no answer"));
  await waiting;
  assert.equal(store.state.selection.cursor, 2);
});

test("the row under the cursor is told once what is being chosen is known", async () => {
  const { choosing, asked } = room([]);
  void choosing.row(3, press);
  const here = choosing.here();
  asked[0].answer();
  await new Promise((done) => setTimeout(done));
  asked[1].answer();
  assert.equal(await here, 30);
});
