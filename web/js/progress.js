// Where a bar may stand between two real steps. Pure: the time is a parameter.

const SHARE = 0.96; // a prediction that reached the next step would look like one taken

/** @typedef {{ progress: number, next: number | null, eta_ms: number | null, since: number, floor: number }} Step */

/** The step just told, which never takes the predicted position back. @param {Step | undefined} before @param {{ progress: number, next_progress?: number | null, eta_ms: number | null }} told @param {number} now @returns {Step} */
export function step(before, told, now) {
  const progress = Math.max(told.progress, before?.progress ?? 0);
  const next = told.next_progress ?? null;
  const shown = before ? predicted(before, now) : progress;
  const floor = Math.max(progress, next === null ? progress : Math.min(shown, next));
  return { progress, next, eta_ms: told.eta_ms, since: now, floor };
}

/** The predicted position, 0-100: not before the last, never past the next real step. @param {Step} step @param {number} now */
export function predicted(step, now) {
  if (step.next === null || step.eta_ms === null || step.eta_ms <= 0) return step.floor;
  const most = step.progress + (step.next - step.progress) * SHARE;
  const pace = (100 - step.progress) / step.eta_ms;
  return Math.max(step.floor, Math.min(most, step.floor + (now - step.since) * pace));
}
