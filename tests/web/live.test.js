import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Words } from "../../web/js/i18n.js";
import { undone } from "../../web/js/live.js";

const words = new Words("en", JSON.parse(readFileSync(new URL("../../web/locales/en.json", import.meta.url), "utf8")));
const said = (report) => {
  const { kind, key, facts } = undone({ left: [], ...report }, words);
  return [kind, words.t(key, facts)];
};

test("a picture that was converted in place and is back counts once", () => {
  assert.deepEqual(said({ restored: 3, removed: 3 }), ["done", "Undone: 3 files are as before."]);
  assert.deepEqual(said({ restored: 3, removed: 1 }), ["done", "Undone: 3 files are as before."]);
  assert.deepEqual(said({ restored: 0, removed: 1 }), ["done", "Undone: 1 file is as before."]);
});

test("what an undo had to leave is told with its own reasons, each once", () => {
  const left = ["target_unwritable", "changed_since", "target_unwritable"].map((code) => ({ path: "/a", code }));
  assert.deepEqual(said({ restored: 2, removed: 0, left }), ["error", "Undone: 2 files are as before; 3 left alone (cannot write there, changed since)."]);
});

test("an undo that found nothing says so", () => {
  assert.deepEqual(said({ restored: 0, removed: 0 }), ["done", "There was nothing to take back."]);
});
