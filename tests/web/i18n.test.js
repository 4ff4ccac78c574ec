import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { factsIn, resolve, Words } from "../../web/js/i18n.js";

const web = new URL("../../web/", import.meta.url);
const locale = (language) => JSON.parse(readFileSync(new URL(`locales/${language}.json`, web), "utf8"));
const en = locale("en");
const fr = locale("fr");

test("both languages have the same keys in every section", () => {
  assert.deepEqual(Object.keys(fr), Object.keys(en));
  for (const section of Object.keys(en)) assert.deepEqual(Object.keys(fr[section]).sort(), Object.keys(en[section]).sort(), section);
});

test("both languages ask for the same facts", () => {
  for (const key of Object.keys(en.ui)) {
    const wanted = new Set(factsIn(en.ui[key]));
    // "one" may do without its number: the word says it.
    wanted.delete("count");
    const found = new Set(factsIn(fr.ui[key]));
    found.delete("count");
    assert.deepEqual([...found].sort(), [...wanted].sort(), key);
  }
});

test("every key that the page names exists", () => {
  const keys = new Set(Object.keys(en.ui).map((key) => key.replace(/\.(one|other)$/, "")));
  for (const file of sources()) {
    for (const [, key] of readFileSync(file, "utf8").matchAll(/words\.t\("([a-z_0-9]+)"/g)) assert.ok(keys.has(key), `${key} in ${file}`);
  }
});

test("every key is used somewhere", () => {
  const text = sources().map((file) => readFileSync(file, "utf8")).join("\n");
  const made = [...text.matchAll(/`([a-z_]*)\$\{/g)].map((match) => match[1]).filter(Boolean);
  const ends = [...text.matchAll(/\$\{[a-z]+\}(_[a-z]+)`/g)].map((match) => match[1]);
  for (const key of Object.keys(en.ui)) {
    const base = key.replace(/\.(one|other)$/, "");
    assert.ok(text.includes(`"${base}"`) || made.some((start) => base.startsWith(start)) || ends.some((end) => base.endsWith(end)), base);
  }
});

test("every error code and reason has a short form for the row", () => {
  for (const section of ["errors", "reasons"]) {
    for (const code of Object.keys(en[section])) {
      const base = code.split(".")[0];
      assert.ok(`short_${base}` in en.ui, base);
    }
  }
});

test("a missing fact falls back to the plain sentence", () => {
  const words = new Words("en", en);
  assert.equal(words.error({ code: "corrupt_image", facts: {} }), en.errors["corrupt_image.plain"]);
  assert.match(words.error({ code: "corrupt_image", facts: { problem: "it ends early" } }), /it ends early/);
  assert.equal(words.error({ code: "never_heard_of" }), "never_heard_of");
});

test("numbers choose the plural form of the language", () => {
  const english = new Words("en", en);
  const french = new Words("fr", fr);
  assert.equal(english.t("pictures", { count: 1 }), "1 picture");
  assert.equal(english.t("pictures", { count: 0 }), "0 pictures");
  assert.equal(french.t("pictures", { count: 0 }), "0 image");
  assert.equal(french.t("pictures", { count: 2 }), "2 images");
});

test("what is filled in is text: braces in a file name do not act", () => {
  const words = new Words("en", en);
  assert.equal(words.t("compare_this", { name: "{count}<b>.png" }), "Compare {count}<b>.png");
});

test("the language is the chosen one, or the system's where there is one", () => {
  assert.equal(resolve("fr", "en"), "fr");
  assert.equal(resolve("system", "fr-CA"), "fr");
  assert.equal(resolve("system", "de_DE"), "en");
});

function sources() {
  const folder = new URL("js/", web);
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js")).map((name) => new URL(name, folder));
}

test("a notice says its cause, and one that is an expected failure has the failure's sentence", () => {
  for (const [language, texts] of Object.entries({ en, fr })) {
    const words = new Words(language, texts);
    const one = words.notice({ code: "not_added", facts: { files: 1, what: "one", name: "a.png", code: "source_missing" } });
    assert.ok(one.includes("a.png") && one.endsWith(words.error({ code: "source_missing" })), one);
    assert.match(words.notice({ code: "not_added", facts: { files: 3, what: "several", name: "a.png", code: "source_unreadable" } }), /^3 .*a\.png/);
    for (const code of Object.keys(texts.errors)) assert.ok(words.notice({ code: code.split(".")[0] }).endsWith("."), code);
    assert.match(words.notice({ code: "list_full", facts: { limit: 500000 } }), /500.000/);
  }
});
