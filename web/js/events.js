// What Python tells, put into the state. Pure.
import { step } from "./progress.js";

/** @import { BatchFinished, CompressionProgress, Estimate, FileRow, JobFinished, PlumeEvent } from "./contract.js" */
/** @import { State, Toast, ToastAction } from "./store.js" */

/** A list of events, in order, as one change. @param {State} state @param {PlumeEvent[]} events @param {number} now @returns {State} */
export function applied(state, events, now) {
  // One copy for the whole list: thousands of progress events come in one call.
  let next = { ...state, files: new Map(state.files), steps: new Map(state.steps) };
  for (const event of events) next = one(next, event, now);
  return next;
}

const MOST_TOASTS = 3;
const PREVIEWS_KEPT = 8; // between two looks at them: a late answer to an old question must not push out a new one

/** @param {State & { files: Map<number, FileRow> }} state @param {PlumeEvent} event @param {number} now @returns {any} */
function one(state, event, now) {
  switch (event.event) {
    case "files_added":
      return { ...state, list: event.list, total: filtered(state) ? state.total : event.list.files, stale: state.stale + 1, estimates_stale: state.estimates_stale + 1 };
    case "files_changed":
      for (const row of event.rows) if (state.files.has(row.file_id)) state.files.set(row.file_id, row);
      return { ...state, early: early(state.early, event.rows.filter((row) => !state.files.has(row.file_id))) };
    case "scan_progress":
      return { ...state, scan: event };
    case "estimates_changed":
      if (!event.files) return { ...state, estimate: event.total ?? state.estimate, estimates_stale: state.estimates_stale + 1 };
      return { ...state, estimate: event.total ?? state.estimate, files: estimated(state.files, event.files) };
    case "preview_ready":
      return state.compare ? { ...state, compare: { ...state.compare, came: [...state.compare.came, event].slice(-PREVIEWS_KEPT) } } : state;
    case "compression_progress":
      return progressed(state, event, now);
    case "job_finished":
      return finished(state, event);
    case "batch_progress":
      // A late step of a batch that already ended must not bring it back.
      return state.result?.batch_id === event.batch_id ? state : { ...state, batch: event, starting: false };
    case "batch_finished":
      return ended(state, event);
    case "stats_changed":
      return { ...state, statistics_stale: state.statistics_stale + 1 };
    case "close_requested":
      return { ...state, closing: event.files_left };
    case "notice":
      return withToast(state, { kind: event.code === "history_exported" ? "done" : event.code === "export_failed" ? "error" : "info", notice: event, actions: [] });
    default:
      return state;
  }
}

const MOST_EARLY = 300; // three windows of rows: the answers that may be on their way

/** Rows that are not held come with their window; its answer may be older than this. @param {ReadonlyMap<number, FileRow>} known @param {FileRow[]} rows */
function early(known, rows) {
  return rows.length === 0 ? known : new Map([...known, ...rows.map((row) => /** @type {[number, FileRow]} */ ([row.file_id, row]))].slice(-MOST_EARLY));
}

/** @param {any} state @param {CompressionProgress} event @param {number} now */
function progressed(state, event, now) {
  const row = state.files.get(event.file_id);
  if (!row) return state;
  const again = row.job_id !== event.job_id;
  state.files.set(event.file_id, { ...row, state: event.stage, job_id: event.job_id, progress: event.progress, eta_ms: event.eta_ms });
  state.steps.set(event.file_id, step(again ? undefined : state.steps.get(event.file_id), event, now));
  return state;
}

/** @param {any} state @param {JobFinished} event */
function finished(state, event) {
  state.steps.delete(event.file_id);
  const row = state.files.get(event.file_id);
  if (!row) return state;
  const { job_id, status, output_format, compressed_size, savings_percent, compression_time_ms, reason, error, losses, private_data_kept } = event;
  const ended = { job_id, state: status, output_format, compressed_size, savings_percent, compression_time_ms, reason, error, losses, private_data_kept };
  state.files.set(event.file_id, { ...row, ...ended, progress: status === "written" || status === "kept" ? 100 : 0, next_progress: null, eta_ms: null });
  return state;
}

/** @param {State} state @param {BatchFinished} event @returns {State} */
function ended(state, event) {
  const next = { ...state, batch: null, starting: false, result: event, steps: new Map(), estimates_stale: state.estimates_stale + 1 };
  return withToast(next, resultToast(event));
}

/** @param {State} state @param {Omit<Toast, "id">} toast @returns {State} */
export function withToast(state, toast) {
  const toasts = [...state.toasts, { ...toast, id: state.next_toast }].slice(-MOST_TOASTS);
  return { ...state, toasts, next_toast: state.next_toast + 1 };
}

/** @param {ReadonlyMap<number, FileRow>} files @param {Estimate[]} estimates @returns {ReadonlyMap<number, FileRow>} */
export function estimated(files, estimates) {
  const changed = new Map(files);
  for (const estimate of estimates) {
    const row = changed.get(estimate.file_id);
    if (row) changed.set(estimate.file_id, { ...row, estimate });
  }
  return changed;
}

/** The toast that tells how a batch ended. @param {BatchFinished} event @returns {Omit<Toast, "id">} */
export function resultToast(event) {
  /** @type {ToastAction[]} */
  const actions = [];
  if (event.undoable > 0) actions.push({ label: "undo", deed: "undo", batch_id: event.batch_id });
  if (event.written > 0) actions.push({ label: "show_files", deed: "reveal", batch_id: event.batch_id });
  else if (event.failed > 0) actions.push({ label: "retry_failed", deed: "retry", batch_id: event.batch_id });
  const saved = event.original_size - event.compressed_size;
  const facts = { count: event.written, saved: Math.abs(saved), failed: event.failed, cancelled: event.cancelled };
  const key = event.state === "cancelled" ? "result_cancelled" : event.written === 0 ? (event.failed > 0 ? "result_failed" : "result_kept") : saved >= 0 ? "result_saved" : "result_grown";
  return { kind: event.failed > 0 ? "error" : "done", key, facts: event.written === 0 && event.failed > 0 ? { ...facts, count: event.failed } : facts, actions };
}

/** @param {State} state */
function filtered(state) {
  return state.filter.text !== "" || state.filter.state !== "all";
}
