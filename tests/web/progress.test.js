import assert from "node:assert/strict";
import { test } from "node:test";
import { predicted, step } from "../../web/js/progress.js";

const told = (progress, next_progress, eta_ms) => ({ progress, next_progress, eta_ms });

test("without a basis nothing is predicted", () => {
  assert.equal(predicted(step(undefined, told(5, null, null), 0), 10_000), 5);
  assert.equal(predicted(step(undefined, told(5, 85, null), 0), 10_000), 5);
});

test("the predicted position never reaches the next real step", () => {
  const one = step(undefined, told(5, 85, 1000), 0);
  assert.ok(predicted(one, 500) > 5);
  assert.ok(predicted(one, 1_000_000) < 85);
});

test("a worse estimate does not take the position back", () => {
  const first = step(undefined, told(5, 85, 1000), 0);
  const shown = predicted(first, 600);
  const second = step(first, told(5, 85, 60_000), 600);
  assert.ok(predicted(second, 600) >= shown);
  assert.ok(predicted(second, 700) >= predicted(second, 600));
});

test("over any course of events it is never backwards and never past the next step", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let run = 0; run < 50; run += 1) {
    let last = 0;
    let now = 0;
    let current;
    for (const [at, next] of [[0, 5], [5, 85], [5, 85], [85, 95], [95, 100]]) {
      current = step(current, told(at, next, random() < 0.2 ? null : random() * 3000), now);
      for (let tick = 0; tick < 6; tick += 1) {
        now += random() * 400;
        const position = predicted(current, now);
        assert.ok(position >= last - 1e-9 && position <= next, `${position} after ${last}, before ${next}`);
        last = position;
      }
    }
  }
});
