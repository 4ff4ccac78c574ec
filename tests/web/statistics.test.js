import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, series, share } from "../../web/js/statistics.js";

const totals = { files: 1, original_size: 100, compressed_size: 40, saved_bytes: 60 };

test("days without work are drawn as nothing saved, not left out", () => {
  const now = new Date("2026-11-22T10:00:00Z");
  const [days, saved] = series([{ day: "2026-11-20", ...totals }, { day: "2026-11-22", ...totals }], new Date("2026-11-19T00:00:00Z"), now);
  assert.deepEqual(saved, [0, 60, 0, 60]);
  assert.equal(days[1] - days[0], 86_400);
});

test("all of it begins with the oldest day", () => {
  const now = new Date("2026-11-22T10:00:00Z");
  assert.equal(series([{ day: "2026-10-23", ...totals }], null, now)[0].length, 31);
  assert.equal(series([], null, now)[1].every((value) => value === 0), true);
});

test("a period ends today and has as many days as it says", () => {
  const now = new Date(2026, 10, 22, 23, 59);
  assert.equal(begin("all", now), null);
  assert.equal(begin("today", now).getDate(), 22);
  assert.equal(begin("week", now).getDate(), 16);
});

test("a share of nothing is unknown", () => {
  assert.equal(share({ ...totals, original_size: 0 }), null);
  assert.equal(share(totals), 60);
});
