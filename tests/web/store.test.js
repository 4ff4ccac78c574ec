import assert from "node:assert/strict";
import { test } from "node:test";
import { initial, reduce } from "../../web/js/store.js";
import { resultToast } from "../../web/js/events.js";

const list = { files: 2, original_size: 300, waiting: 2, active: 0, written: 0, kept: 0, failed: 0, cancelled: 0 };
const row = (file_id) => ({ file_id, name: `${file_id}.png`, folder: "", input_format: "png", width: 1, height: 1, original_size: 100, thumbnail_url: null, traits: [], private: [], state: "waiting", job_id: null, progress: 0, next_progress: null, eta_ms: null, estimate: null, output_format: null, compressed_size: null, savings_percent: null, compression_time_ms: null, reason: null, error: null, losses: [], private_data_kept: false });
const loaded = () => reduce(initial(), { type: "rows", offset: 0, rows: [row(1), row(2)], total: 2, list, stale: 0 });
const events = (state, ...told) => reduce(state, { type: "events", events: told, now: 0 });
const finished = (file_id) => ({ event: "job_finished", job_id: 9, file_id, status: "written", output_format: "png", original_size: 100, compressed_size: 40, savings_percent: 60, compression_time_ms: 5, reason: null, error: null, losses: [], private_data_kept: false });
const ended = (change) => ({ event: "batch_finished", batch_id: 1, state: "finished", files: 2, written: 2, kept: 0, failed: 0, cancelled: 0, original_size: 200, compressed_size: 80, duration_ms: 5, undoable: 2, ...change });

test("reduce leaves the state it was given alone", () => {
  const before = loaded();
  const files = new Map(before.files);
  events(before, { event: "compression_progress", job_id: 9, file_id: 1, stage: "encoding", progress: 5, eta_ms: 100 });
  assert.deepEqual(before.files, files);
});

test("rows that answer an old question are dropped", () => {
  const sorted = reduce(loaded(), { type: "ordered", sort: "name" });
  assert.equal(reduce(sorted, { type: "rows", offset: 0, rows: [row(1)], total: 1, list, stale: 0 }), sorted);
});

test("progress and the end of a job reach their row only", () => {
  let state = events(loaded(), { event: "compression_progress", job_id: 9, file_id: 1, stage: "encoding", progress: 5, eta_ms: 100 });
  assert.equal(state.files.get(1).state, "encoding");
  assert.equal(state.files.get(2).state, "waiting");
  state = events(state, finished(1));
  assert.equal(state.files.get(1).compressed_size, 40);
  assert.equal(state.steps.has(1), false);
});

test("events of rows that are not loaded are harmless", () => {
  const state = events(loaded(), finished(77), { event: "compression_progress", job_id: 1, file_id: 77, stage: "reading", progress: 0, eta_ms: null });
  assert.equal(state.files.has(77), false);
});

test("rows that became known later replace those that are held, and no others", () => {
  const state = events(loaded(), { event: "files_changed", rows: [{ ...row(2), width: 640 }, row(99)] });
  assert.equal(state.files.get(2).width, 640);
  assert.equal(state.files.has(99), false);
});

test("an unknown event is no failure", () => assert.equal(events(loaded(), { event: "from_the_future" }).total, 2));

test("the list stays bounded while a hundred thousand rows pass", () => {
  let state = initial();
  for (let offset = 0; offset < 100_000; offset += 1000) {
    const rows = Array.from({ length: 1000 }, (_, place) => row(offset + place + 1));
    state = reduce(state, { type: "rows", offset, rows, total: 100_000, list, stale: 0 });
  }
  assert.ok(state.files.size <= 4000, String(state.files.size));
  assert.ok(state.order.has(99_999));
});

test("removing everything forgets selection, result and filter", () => {
  let state = reduce(loaded(), { type: "set", values: { filter: { text: "x", state: "all" } } });
  state = reduce(state, { type: "removed", ids: null, list: { ...list, files: 0 } });
  assert.equal(state.total, 0);
  assert.equal(state.filter.text, "");
  assert.equal(state.result, null);
});

test("the end of a batch says what happened and offers the way back", () => {
  const state = events(reduce(loaded(), { type: "set", values: { starting: true } }), ended({}));
  assert.equal(state.batch, null);
  assert.equal(state.starting, false);
  assert.deepEqual(state.toasts[0].actions.map((action) => action.deed), ["undo", "reveal"]);
});

test("nothing written is never told as a success", () => {
  assert.equal(resultToast(ended({ written: 0, kept: 2, undoable: 0 })).key, "result_kept");
  assert.equal(resultToast(ended({ written: 0, failed: 2, undoable: 0 })).key, "result_failed");
  assert.equal(resultToast(ended({ compressed_size: 500 })).key, "result_grown");
  assert.equal(resultToast(ended({ failed: 1 })).kind, "error");
});

test("at most three toasts lie on each other", () => {
  let state = initial();
  for (let count = 0; count < 9; count += 1) state = reduce(state, { type: "toast", toast: { kind: "info", key: "undone_nothing", actions: [] } });
  assert.equal(state.toasts.length, 3);
  assert.equal(state.toasts[2].id, 9);
});

test("what a worker saw is not forgotten for an older answer that comes later", () => {
  const seen = { ...row(1), thumbnail_url: "t/1" };
  const told = reduce(initial(), { type: "events", events: [{ event: "files_changed", rows: [seen] }], now: 0 });
  const fetched = { type: "rows", offset: 0, rows: [row(1), row(2)], total: 2, list: told.list, stale: told.stale };
  const state = reduce(told, fetched);
  assert.equal(state.files.get(1).thumbnail_url, "t/1");
  assert.equal(state.files.get(2).thumbnail_url, null);
  assert.equal(reduce(state, fetched).files.get(1).thumbnail_url, "t/1");
  assert.equal(reduce(state, { ...fetched, rows: [{ ...row(1), state: "queued" }] }).files.get(1).state, "queued");
});

test("a late answer to an old question does not push out a newer preview", () => {
  const preview = (preview_id, exact) => ({ event: "preview_ready", preview_id, exact, file_id: 1 });
  const comparing = reduce(loaded(), { type: "set", values: { compare: { file_id: 1, settings: {}, shown: null, base: null, part: null, waiting: true, came: [] } } });
  const state = events(comparing, preview("new", false), preview("new", true), preview("old", true));
  assert.deepEqual(state.compare.came.map((one) => [one.preview_id, one.exact]), [["new", false], ["new", true], ["old", true]]);
  let many = state;
  for (let turn = 0; turn < 50; turn += 1) many = events(many, preview("old", false));
  assert.ok(many.compare.came.length < 10);
});
