import assert from "node:assert/strict";
import { test } from "node:test";

// The window's side of the bridge: pywebview puts its functions in place after the page has begun.
globalThis.location = /** @type {any} */ ({ search: "" });
const target = new EventTarget();
globalThis.addEventListener = target.addEventListener.bind(target);
globalThis.removeEventListener = target.removeEventListener.bind(target);
globalThis.window = /** @type {any} */ (globalThis);
const { CommandError, invoke, listen } = await import("../../web/js/bridge.js");

test("a call waits for the functions, answers with data, and turns failures into CommandError", async () => {
  const asked = [];
  const early = invoke("get_snapshot", {});
  globalThis.pywebview = { api: {} };
  target.dispatchEvent(new Event("pywebviewready")); // the functions come a moment later
  await new Promise((resolve) => setTimeout(resolve, 20));
  globalThis.pywebview.api = {
    get_snapshot: async (request) => (asked.push(request), { ok: true, data: { version: "1" } }),
    undo_batch: async () => ({ ok: false, error: { code: "changed_since", message: "no", facts: { path: "a" } } }),
  };
  assert.deepEqual(await early, { version: "1" });
  assert.deepEqual(asked, [{}]);
  await assert.rejects(invoke("undo_batch", { batch_id: 1 }), (error) => error instanceof CommandError && error.code === "changed_since" && error.facts.path === "a");
});

test("events that came before anyone listened are not lost", () => {
  globalThis.plume_receive([{ event: "stats_changed" }]);
  const heard = [];
  const stop = listen((events) => heard.push(...events));
  globalThis.plume_receive([{ event: "notice", code: "x", facts: {} }]);
  stop();
  globalThis.plume_receive([]);
  assert.deepEqual(heard.map((event) => event.event), ["stats_changed", "notice"]);
});
