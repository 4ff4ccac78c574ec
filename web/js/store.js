// Everything the page knows, in one value, and how it changes: `reduce` is pure.
import { applied, estimated, withToast } from "./events.js";
import { Words } from "./i18n.js";
import { NOTHING, without } from "./selection.js";

/** @import { Batch, BatchFinished, DatabaseInfo, Estimate, EstimateTotal, Failure, FileRow, Filter, Format, HistoryBatch, ListSummary, Output, Overrides, PlumeEvent, Preferences, Preset, PreviewReady, Settings, Snapshot, Stats, Totals } from "./contract.js" */
/** @import { Step } from "./progress.js" */
/** @import { Selection } from "./selection.js" */

/** @typedef {"compress" | "compare" | "statistics" | "settings"} View */
/** @typedef {{ label: string, deed: "undo" | "reveal" | "retry" | "restore_stats" | "show_failed", batch_id?: number }} ToastAction */
/** @typedef {{ id: number, kind: "done" | "info" | "error", key?: string, facts?: Record<string, unknown>, failure?: Failure, notice?: Failure, actions: ToastAction[] }} Toast */
/**
 * `shown`: the settings of the pixels that are seen, which may be older than `settings`.
 * @typedef {{ file_id: number, settings: Settings, shown: Settings | null, base: PreviewReady | null, part: PreviewReady | null, waiting: boolean, came: PreviewReady[] }} Compare
 */
/** @typedef {"week" | "month" | "year" | "all" | "own"} Period */
/**
 * `from` and `to`: the user's own dates, both within, or "". `shown` is of the days of `shown_span`.
 * @typedef {{ period: Period, from: string, to: string, as_table: boolean, all: Stats | null, month: Totals | null, today: Totals | null, shown: Stats | null,
 *   shown_span: [number | null, number | null], history: HistoryBatch[], history_total: number, loaded: boolean, failure: Failure | null }} Statistics
 */
/**
 * `early` holds rows that were told before they were fetched, the newest ones. `order` holds the rows that were fetched, by place; `stale` counts what makes them old. `total` counts rows under the filter.
 * @typedef {{ phase: "loading" | "ready" | "broken", view: View, words: Words, version: string,
 *   preferences: Preferences | null, formats: Format[], presets: Preset[], database: DatabaseInfo | null,
 *   settings: Settings, output: Output, overrides: Overrides, more: boolean, panel_open: boolean,
 *   list: ListSummary, total: number, sort: string, filter: Filter, stale: number,
 *   order: ReadonlyMap<number, number>, files: ReadonlyMap<number, FileRow>, early: ReadonlyMap<number, FileRow>, steps: ReadonlyMap<number, Step>,
 *   selection: Selection, estimate: EstimateTotal | null, estimates_stale: number,
 *   batch: Batch | null, starting: boolean, result: BatchFinished | null,
 *   scan: { found: number, ignored: number, running: boolean } | null,
 *   compare: Compare | null, statistics: Statistics, statistics_stale: number,
 *   toasts: Toast[], next_toast: number, closing: number | null, dragging: boolean }} State
 */
/**
 * @typedef {{ type: "set", values: Partial<State> }
 *   | { type: "snapshot", snapshot: Snapshot }
 *   | { type: "events", events: PlumeEvent[], now: number }
 *   | { type: "rows", offset: number, rows: FileRow[], total: number, list: ListSummary, stale: number }
 *   | { type: "ordered", sort?: string, filter?: Filter }
 *   | { type: "removed", ids: ReadonlySet<number> | null, list: ListSummary }
 *   | { type: "estimated", files: Estimate[], total: EstimateTotal }
 *   | { type: "toast", toast: Omit<Toast, "id"> }
 *   | { type: "toast_gone", id: number }} Action
 */

const MOST_ROWS = 3000; // kept in the page; the rest is asked for again

/** @type {Settings} */
export const DEFAULT_SETTINGS = Object.freeze({ output_format: "keep", quality: 80, lossless: false, effort: "balanced", metadata: "safe", min_savings_percent: 0, allow_losses: [] });
/** @type {Filter} */
export const NO_FILTER = Object.freeze({ text: "", state: "all" });
const EMPTY_LIST = Object.freeze({ files: 0, original_size: 0, waiting: 0, active: 0, written: 0, kept: 0, failed: 0, cancelled: 0 });

/** @type {Statistics} */
const NO_STATISTICS = { period: "month", from: "", to: "", as_table: false, all: null, month: null, today: null, shown: null, shown_span: [null, null], history: [], history_total: 0, loaded: false, failure: null };

/** What is known before Python has answered. @returns {State} */
export function initial() {
  return {
    phase: "loading", view: "compress", words: new Words("en", {}), version: "",
    preferences: null, formats: [], presets: [], database: null,
    settings: DEFAULT_SETTINGS, output: { policy: "suffix", suffix: "_compressed", folder_id: null }, overrides: {}, more: false, panel_open: false,
    list: EMPTY_LIST, total: 0, sort: "added", filter: NO_FILTER, stale: 0,
    order: new Map(), files: new Map(), early: new Map(), steps: new Map(),
    selection: NOTHING, estimate: null, estimates_stale: 0,
    batch: null, starting: false, result: null, scan: null,
    compare: null, statistics: NO_STATISTICS, statistics_stale: 0,
    toasts: [], next_toast: 1, closing: null, dragging: false,
  };
}

/** @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
  switch (action.type) {
    case "set":
      return { ...state, ...action.values };
    case "snapshot":
      return started(state, action.snapshot);
    case "events":
      return applied(state, action.events, action.now);
    case "rows":
      return action.stale === state.stale ? withRows(state, action) : state;
    case "ordered":
      return { ...state, sort: action.sort ?? state.sort, filter: action.filter ?? state.filter, order: new Map(), stale: state.stale + 1, selection: NOTHING };
    case "removed":
      return removed(state, action.ids, action.list);
    case "estimated":
      return { ...state, estimate: action.total, files: estimated(state.files, action.files) };
    case "toast":
      return withToast(state, action.toast);
    case "toast_gone":
      return { ...state, toasts: state.toasts.filter((toast) => toast.id !== action.id) };
  }
}

/** @param {State} state @param {Snapshot} snapshot @returns {State} */
function started(state, snapshot) {
  const { version, preferences, formats, presets, list, batch, scan, overrides } = snapshot;
  const at_work = batch?.state === "running" || batch?.state === "paused"; // else the last one, whose end was told
  return {
    ...state, phase: "ready", version, preferences, formats, presets, list, batch: at_work ? batch : null, scan, overrides, total: list.files,
    settings: preferences.settings, output: preferences.output, stale: state.stale + 1,
  };
}

/** What a worker saw of a waiting picture may be told while an older answer is on its way: then it is not forgotten. @param {FileRow} row @param {FileRow | undefined} told @returns {FileRow} */
function newest(row, told) {
  const older = told && row.state === "waiting" && told.state === "waiting" && row.thumbnail_url === null && row.error === null && (told.thumbnail_url !== null || told.error !== null);
  return older ? { ...told, estimate: row.estimate ?? told.estimate } : row;
}

/** @param {State} state @param {{ offset: number, rows: FileRow[], total: number, list: ListSummary }} fetched @returns {State} */
function withRows(state, { offset, rows, total, list }) {
  let order = new Map(state.order);
  let files = new Map(state.files);
  rows.forEach((row, place) => {
    order.set(offset + place, row.file_id);
    files.set(row.file_id, newest(row, state.files.get(row.file_id) ?? state.early.get(row.file_id)));
  });
  if (order.size > MOST_ROWS) {
    order = new Map([...order].filter(([index]) => Math.abs(index - offset) < MOST_ROWS / 3));
    files = new Map([...order.values()].map((id) => [id, /** @type {FileRow} */ (files.get(id))]));
  }
  const compared = state.compare && state.files.get(state.compare.file_id);
  if (compared && !files.has(compared.file_id)) files.set(compared.file_id, compared);
  return { ...state, order, files, total, list };
}

/** @param {State} state @param {ReadonlySet<number> | null} ids @param {ListSummary} list @returns {State} */
function removed(state, ids, list) {
  const total = ids === null ? list.files : Math.max(0, state.total - ids.size);
  const overrides = ids === null ? {} : Object.fromEntries(Object.entries(state.overrides).filter(([id]) => !ids.has(Number(id))));
  return {
    ...state, list, total, overrides, stale: state.stale + 1, order: new Map(),
    selection: without(state.selection, ids, total), result: list.files === 0 ? null : state.result,
    estimate: list.files === 0 ? null : state.estimate, filter: list.files === 0 ? NO_FILTER : state.filter,
  };
}

/** Holds the state; tells its listeners of every change. */
export class Store {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
  }

  /** @param {Action} action */
  dispatch(action) {
    const next = reduce(this.state, action);
    if (next === this.state) return;
    this.state = next;
    for (const listener of this.listeners) listener();
  }

  /** @param {Partial<State>} values */
  set(values) {
    this.dispatch({ type: "set", values });
  }
}
