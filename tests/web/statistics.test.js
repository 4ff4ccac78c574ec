import assert from "node:assert/strict";
import { test } from "node:test";
import { merged, share, together, whole } from "../../web/js/statistics.js";
import { asked, dateOf, dayOf, dayOfText, span, textOf, timeline } from "../../web/js/timeline.js";

const totals = { files: 1, original_size: 100, compressed_size: 40, saved_bytes: 60, original_disk_size: 4096, compressed_disk_size: 4096, saved_disk_bytes: 0 };
const now = new Date(2026, 10, 22, 23, 59);
const on = (day) => ({ day, ...totals });

test("days without work are drawn as nothing saved, not left out", () => {
  const { unit, points } = timeline([on("2026-11-20"), on("2026-11-22")], [dayOfText("2026-11-19"), dayOfText("2026-11-22")], now);
  assert.equal(unit, "day");
  assert.deepEqual(points.map((point) => point.saved_bytes), [0, 60, 0, 60]);
});

test("all of it begins with the oldest day, and of nothing a week is shown", () => {
  assert.equal(timeline([on("2026-10-23")], [null, null], now).points.length, 31);
  assert.equal(timeline([], [null, null], now).points.length, 7);
});

test("a year is told in weeks that begin on Mondays, many years in months, and no day is lost", () => {
  const weeks = timeline([on("2026-11-16"), on("2026-11-22")], span({ period: "year", from: "", to: "" }, now), now);
  assert.equal(weeks.unit, "week");
  assert.ok(weeks.points.slice(1).every((point) => dateOf(point.from).getDay() === 1));
  assert.equal(weeks.points.at(-1).saved_bytes, 120);
  const months = timeline([on("2021-02-28"), on("2021-03-01"), on("2026-11-22")], [null, null], now);
  assert.equal(months.unit, "month");
  assert.equal(months.points.reduce((sum, point) => sum + point.files, 0), 3);
  assert.ok(months.points.slice(1).every((point) => textOf(point.from).endsWith("-01")));
});

test("a period ends today and has as many days as it says", () => {
  const days = (period) => span({ period, from: "", to: "" }, now);
  assert.deepEqual(days("all"), [null, null]);
  assert.deepEqual(days("week"), [dayOf(now) - 6, dayOf(now)]);
  assert.equal(textOf(days("month")[0]), "2026-10-24");
  assert.equal(textOf(days("year")[0]), "2025-11-23");
});

test("own dates count both ends, may be turned round, and one of them is enough", () => {
  const own = (from, to) => span({ period: "own", from, to }, now).map((day) => day && textOf(day));
  assert.deepEqual(own("2026-03-01", "2026-02-01"), ["2026-02-01", "2026-03-01"]);
  assert.deepEqual(own("", "2026-02-01"), [null, "2026-02-01"]);
  assert.deepEqual(own("2026-02-01", "nonsense"), ["2026-02-01", null]);
});

test("what is asked ends before the midnight after the last day, and today has no end", () => {
  const request = asked([dayOfText("2026-02-01"), dayOfText("2026-02-28")], now);
  assert.equal(request.since, new Date(2026, 1, 1).toISOString());
  assert.equal(request.until, new Date(2026, 2, 1).toISOString());
  assert.equal(Math.abs(request.utc_offset_minutes) % 15, 0);
  assert.equal("until" in asked([dayOf(now), dayOf(now)], now), false);
});

test("a share of nothing is unknown", () => {
  assert.equal(share({ ...totals, original_size: 0 }), null);
  assert.equal(share(totals), 60);
});

test("buckets that are put together lose no file", () => {
  const fine = [[null, -21], [-21, -1], [-1, 1], [1, 3], [3, 21], [21, null]].map(([from_percent, to_percent]) => ({ from_percent, to_percent, files: 2 }));
  const coarse = merged(fine, [-1, 1, 21]);
  assert.deepEqual(coarse.map((bucket) => bucket.files), [4, 2, 4, 2]);
});

test("sums of days are sums of every field", () => {
  assert.deepEqual(together([totals, totals]).saved_bytes, 120);
  assert.equal(together([]).files, 0);
});

test("a batch of an older Plume has every setting that is known now", () => {
  assert.deepEqual(whole({ settings: { quality: 60 } }).settings.allow_losses, []);
  assert.equal(whole({ settings: { quality: 60 } }).settings.quality, 60);
});
