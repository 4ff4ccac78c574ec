import assert from "node:assert/strict";
import { test } from "node:test";
import { change, duration, moment, number, percent, savedPercent, size, sizeParts } from "../../web/js/format.js";

const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");

test("sizes are decimal megabytes, in the units of the language", () => {
  assert.equal(plain(size(5_200_000, "en")), "5.2 MB");
  assert.equal(plain(size(5_200_000, "fr")), "5,2 Mo");
  assert.equal(plain(size(412_000, "en")), "412 kB");
  assert.equal(plain(size(999, "en")), "999 B");
  assert.equal(plain(size(0, "fr")), "0 o");
  assert.equal(plain(size(18_400_000_000, "en")), "18.4 GB");
});

test("a size never shows a thousand of its unit", () => {
  for (const bytes of [999, 1000, 999_499, 999_500, 999_949_999, 999_999_999]) {
    assert.ok(!sizeParts(bytes, "en")[0].startsWith("1,000"), String(bytes));
  }
});

test("an unknown size is a dash, not a zero", () => assert.equal(size(null, "en"), "\u2014"));

test("a negative number has a true minus", () => {
  assert.equal(number(-3, "en"), "\u22123");
  assert.equal(plain(size(-2_000_000, "en")), "\u22122.0 MB");
});

test("a saving is shown as less, a growth as more", () => {
  assert.equal(change(64, "en"), "\u221264%");
  assert.equal(change(-12, "en"), "+12%");
  assert.equal(change(0, "en"), "0%");
});

test("a small change is not rounded to nothing, nor a large one to everything", () => {
  assert.equal(change(0.3, "en"), "\u22120.3%");
  assert.equal(change(99.7, "en"), "\u221299%");
});

test("percent follows the language", () => assert.equal(plain(percent(3.1, "fr", 1)), "3,1 %"));

test("nothing of nothing is saved without dividing by zero", () => assert.equal(savedPercent(0, 0), 0));

test("times are coarse and never zero", () => {
  assert.equal(plain(duration(10, "en")), "1 s");
  assert.equal(plain(duration(71 * 60_000, "en")), "71 min");
  assert.equal(plain(duration(125 * 60_000, "en")), "2 h 5 min");
});

test("today and yesterday are words, older moments dates", () => {
  const now = new Date(2026, 10, 22, 15, 0);
  const at = (...parts) => new Date(...parts).toISOString();
  assert.match(moment(at(2026, 10, 22, 14, 2), "en", now), /^Today /);
  assert.match(moment(at(2026, 10, 21, 23, 59), "fr", now), /^Hier /);
  assert.match(moment(at(2025, 10, 21, 12, 0), "en", now), /2025/);
  assert.doesNotMatch(moment(at(2026, 9, 1, 12, 0), "en", now), /2026/);
});
