// The questions of the Statistics view, and its arithmetic.
import { get_history, get_stats } from "./contract.js";

/** @import { Deeds } from "./deeds.js" */
/** @import { Stats, Totals } from "./contract.js" */
/** @import { Period } from "./store.js" */

const PAGE = 20;

/** Where a period begins, in local time; null for all. @param {Period | "today"} period @param {Date} now */
export function begin(period, now) {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (period === "today") return day;
  if (period === "week") return new Date(day.getFullYear(), day.getMonth(), day.getDate() - 6);
  if (period === "month") return new Date(day.getFullYear(), day.getMonth(), day.getDate() - 29);
  if (period === "year") return new Date(day.getFullYear() - 1, day.getMonth(), day.getDate() + 1);
  return null;
}

/** Bytes saved on every day, those with nothing too: seconds since 1970 (UTC midnight) and bytes. @param {Stats["by_day"]} days @param {Date | null} since @param {Date} now @returns {[number[], number[]]} */
export function series(days, since, now) {
  const day = 86_400;
  const saved = new Map(days.map((one) => [Date.parse(`${one.day}T00:00:00Z`) / 1000, one.saved_bytes]));
  const last = Math.floor(now.getTime() / 1000 / day) * day;
  const first = since ? Math.floor(since.getTime() / 1000 / day) * day : Math.min(last - 6 * day, ...saved.keys());
  /** @type {[number[], number[]]} */
  const points = [[], []];
  for (let at = first; at <= last; at += day) {
    points[0].push(at);
    points[1].push(saved.get(at) ?? 0);
  }
  return points;
}

/** Saved in percent of what there was, or null without files. @param {Totals} totals */
export function share(totals) {
  return totals.original_size > 0 ? (100 * totals.saved_bytes) / totals.original_size : null;
}

/** Ask for everything the view shows. @param {Deeds} deeds */
export async function refresh(deeds) {
  const now = new Date();
  const { period } = deeds.state.statistics;
  const ask = (/** @type {Date | null} */ since) => get_stats(since ? { since: since.toISOString() } : {});
  const monthStart = new Date(now.getFullYear(), now.getMonth(), 1);
  const answers = await deeds.attempt(Promise.all([ask(null), ask(monthStart), ask(begin("today", now)), ask(begin(period, now)), get_history({ offset: 0, limit: Math.max(PAGE, deeds.state.statistics.history.length) })]));
  if (!answers) return;
  const [all, month, today, shown, { batches, total }] = answers;
  deeds.store.set({ statistics: { ...deeds.state.statistics, all, month, today, shown, history: batches, history_total: total, loaded: true } });
}

/** The next batches of the history. @param {Deeds} deeds */
export async function older(deeds) {
  const { statistics } = deeds.state;
  const answer = await deeds.attempt(get_history({ offset: statistics.history.length, limit: PAGE }));
  if (answer) deeds.store.set({ statistics: { ...deeds.state.statistics, history: [...statistics.history, ...answer.batches], history_total: answer.total } });
}
