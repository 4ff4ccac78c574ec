// The questions of the Statistics view, and its arithmetic.
import { CommandError } from "./bridge.js";
import { get_history, get_stats } from "./contract.js";
import { DEFAULT_SETTINGS } from "./store.js";
import { asked, dayOf, span, textOf } from "./timeline.js";

/** @import { Deeds } from "./deeds.js" */
/** @import { FilesBetween, HistoryBatch, Totals } from "./contract.js" */
/** @import { Statistics } from "./store.js" */

const PAGE = 20;
const MOST_BATCHES = 500; // Python gives no more at once
const PAUSE_MS = 250; // between two askings while a batch runs

/** Saved in percent of what there was, or null without files. @param {Pick<Totals, "original_size" | "saved_bytes">} totals */
export function share(totals) {
  return totals.original_size > 0 ? (100 * totals.saved_bytes) / totals.original_size : null;
}

/** The sums of several days. @param {Totals[]} days @returns {Totals} */
export function together(days) {
  const sum = (/** @type {keyof Totals} */ name) => days.reduce((so_far, one) => so_far + one[name], 0);
  return {
    files: sum("files"), original_size: sum("original_size"), compressed_size: sum("compressed_size"), saved_bytes: sum("saved_bytes"),
    original_disk_size: sum("original_disk_size"), compressed_disk_size: sum("compressed_disk_size"), saved_disk_bytes: sum("saved_disk_bytes"),
  };
}

/** Fewer buckets: all that lie between two of these edges together. @param {FilesBetween[]} buckets @param {number[]} edges @returns {FilesBetween[]} */
export function merged(buckets, edges) {
  const ends = [null, ...edges, null];
  return ends.slice(1).map((to_percent, place) => {
    const from_percent = ends[place];
    const inside = buckets.filter((one) => (from_percent === null || (one.from_percent !== null && one.from_percent >= from_percent)) && (to_percent === null || (one.to_percent !== null && one.to_percent <= to_percent)));
    return { from_percent, to_percent, files: inside.reduce((sum, one) => sum + one.files, 0) };
  });
}

/** Asks for everything that the view shows: one asking at a time, and only the newest one counts. */
export class Asking {
  /** @param {Deeds} deeds */
  constructor(deeds) {
    this.deeds = deeds;
    this.busy = false;
    this.again = false;
  }

  async refresh() {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    do {
      this.again = false;
      await this.once();
      if (this.again) await new Promise((done) => setTimeout(done, this.deeds.state.batch ? PAUSE_MS : 0));
    } while (this.again);
    this.busy = false;
  }

  async once() {
    const { statistics } = this.deeds.state;
    try {
      const found = await answers(statistics, new Date());
      this.set({ ...found, loaded: true, failure: null });
    } catch (error) {
      if (!(error instanceof CommandError)) console.error(error);
      const failure = error instanceof CommandError ? { code: error.code, facts: error.facts } : { code: "internal_error", facts: {} };
      this.set({ loaded: true, failure });
    }
  }

  /** The next batches of the history. */
  async older() {
    const { history } = this.deeds.state.statistics;
    const answer = await this.deeds.attempt(get_history({ offset: history.length, limit: PAGE }));
    if (!answer) return;
    const known = new Set(this.deeds.state.statistics.history.map((batch) => batch.batch_id));
    this.set({ history: [...this.deeds.state.statistics.history, ...answer.batches.filter((batch) => !known.has(batch.batch_id)).map(whole)], history_total: answer.total });
  }

  /** @param {Partial<Statistics>} values */
  set(values) {
    this.deeds.store.set({ statistics: { ...this.deeds.state.statistics, ...values } });
  }
}

/** A batch of an older Plume may lack what was added to the settings since. @param {HistoryBatch} batch @returns {HistoryBatch} */
export function whole(batch) {
  return { ...batch, settings: { ...DEFAULT_SETTINGS, ...batch.settings } };
}

/** @param {Statistics} statistics @param {Date} now @returns {Promise<Partial<Statistics>>} */
async function answers(statistics, now) {
  const shown_span = span(statistics, now);
  const month = dayOf(new Date(now.getFullYear(), now.getMonth(), 1));
  const everything = shown_span[0] === null && shown_span[1] === null;
  const [all, shown, lately, history] = await Promise.all([
    // Years of days are most of an answer: they are asked for where they are drawn.
    get_stats({ ...asked([null, null], now), days: everything }), everything ? null : get_stats(asked(shown_span, now)), get_stats(asked([month, null], now)),
    get_history({ offset: 0, limit: Math.min(MOST_BATCHES, Math.max(PAGE, statistics.history.length)) }),
  ]);
  // Batches beyond one answer stay as they were told.
  const told = new Set(history.batches.map((batch) => batch.batch_id));
  const rest = statistics.history.slice(MOST_BATCHES).filter((batch) => !told.has(batch.batch_id));
  return { all, shown: shown ?? all, shown_span, month: lately.totals, today: together(lately.by_day.filter((one) => one.day === textOf(dayOf(now)))), history: [...history.batches.map(whole), ...rest], history_total: history.total };
}
