import assert from "node:assert/strict";
import { test } from "node:test";
import { clamped, cssScale, placed, visible } from "../../web/js/geometry.js";

const sight = (change = {}) => ({ picture: { width: 4000, height: 3000 }, stage: { width: 1000, height: 600 }, zoom: "fit", centre: { x: 2000, y: 1500 }, ratio: 1, ...change });

test("fit shows the whole picture and never enlarges it", () => {
  assert.equal(cssScale(sight()), 0.2);
  assert.equal(cssScale(sight({ picture: { width: 64, height: 64 } })), 1);
  assert.deepEqual(visible(sight()), { x: 0, y: 0, width: 4000, height: 3000 });
});

test("100 % is one device pixel for each", () => {
  assert.equal(cssScale(sight({ zoom: "100", ratio: 2 })), 0.5);
  assert.equal(cssScale(sight({ zoom: "200", ratio: 2 })), 1);
  assert.deepEqual(visible(sight({ zoom: "100" })), { x: 1500, y: 1200, width: 1000, height: 600 });
  assert.equal(visible(sight({ zoom: "200" })).width, 500);
});

test("a pan stops at the edges", () => {
  assert.deepEqual(clamped(sight({ zoom: "100", centre: { x: -50, y: 9999 } })), { x: 500, y: 2700 });
  const region = visible(sight({ zoom: "100", centre: { x: 9999, y: 9999 } }));
  assert.equal(region.x + region.width, 4000);
  assert.equal(region.y + region.height, 3000);
});

test("a small picture is centred", () => {
  const place = placed(sight({ picture: { width: 100, height: 100 }, zoom: "100" }), { x: 0, y: 0, width: 100, height: 100 });
  assert.deepEqual(place, { left: 450, top: 250, width: 100, height: 100 });
});

test("a part lies exactly where it lies in the whole", () => {
  const at = sight({ zoom: "200", centre: { x: 1234, y: 987 } });
  const whole = placed(at, { x: 0, y: 0, width: 4000, height: 3000 });
  const part = placed(at, { x: 1000, y: 900, width: 100, height: 50 });
  assert.equal(part.left - whole.left, 2000);
  assert.equal(part.top - whole.top, 1800);
});
