// Days, weeks and months of what was saved. Pure. A day is its number since 1970 on the user's own calendar.

/** @import { DayTotals } from "./contract.js" */
/** @import { Period } from "./store.js" */
/** @typedef {{ period: Period, from: string, to: string }} Chosen */
/** @typedef {{ from: number, to: number, files: number, original_size: number, saved_bytes: number }} Point from its first to its last day */
/** @typedef {{ unit: "day" | "week" | "month", points: Point[] }} Timeline */

const DAY_MS = 86_400_000;
const MOST_DAYS = 62; // more bars than that are too thin to point at
const MOST_WEEKS = 80;
const MONDAY = 4; // 1970-01-05

/** The day of a moment, by the clock on the wall. @param {Date} date */
export function dayOf(date) {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS;
}

/** Where a day begins here. @param {number} day */
export function dateOf(day) {
  const at = new Date(day * DAY_MS);
  return new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
}

/** The number of a day such as `2026-01-31`; null for what is none. @param {string} text */
export function dayOfText(text) {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? null : ms / DAY_MS;
}

/** A day as date fields write it. @param {number} day */
export function textOf(day) {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** First and last day that were chosen, both within; null: no bound. Own dates the wrong way round are turned. @param {Chosen} chosen @param {Date} now @returns {[number | null, number | null]} */
export function span({ period, from, to }, now) {
  const today = dayOf(now);
  if (period === "week") return [today - 6, today];
  if (period === "month") return [today - 29, today];
  if (period === "year") return [Date.UTC(now.getFullYear() - 1, now.getMonth(), now.getDate() + 1) / DAY_MS, today];
  if (period === "all") return [null, null];
  const [first, last] = [dayOfText(from), dayOfText(to)];
  return first !== null && last !== null && first > last ? [last, first] : [first, last];
}

/** The same as moments for Python: from the first midnight to before the one after the last day. @param {[number | null, number | null]} days @param {Date} now */
export function asked([first, last], now) {
  const offset = -Math.round(now.getTimezoneOffset() / 15) * 15; // Python takes quarters of an hour
  return {
    ...(first === null ? {} : { since: dateOf(first).toISOString() }),
    // What is compressed while the page is open belongs to today: no end is set there.
    ...(last === null || last >= dayOf(now) ? {} : { until: dateOf(last + 1).toISOString() }),
    utc_offset_minutes: offset === 0 ? 0 : offset,
  };
}

/** Every day, week or month between, also where nothing was saved; as few as can be told apart. @param {DayTotals[]} days @param {[number | null, number | null]} span @param {Date} now @returns {Timeline} */
export function timeline(days, [first, last], now) {
  const known = days.map((one) => ({ ...one, at: dayOfText(one.day) ?? 0 }));
  const today = dayOf(now);
  const until = Math.min(last ?? today, Math.max(today, ...known.map((one) => one.at)));
  const since = Math.min(first ?? Math.min(until - 6, ...known.map((one) => one.at)), until);
  const length = until - since + 1;
  const unit = length <= MOST_DAYS ? "day" : length <= 7 * MOST_WEEKS ? "week" : "month";
  /** @type {Point[]} */
  const points = [];
  for (let at = since; at <= until; at = next(at, unit)) points.push({ from: at, to: Math.min(next(at, unit) - 1, until), files: 0, original_size: 0, saved_bytes: 0 });
  let place = 0;
  for (const one of known.sort((a, b) => a.at - b.at)) {
    while (place < points.length && points[place].to < one.at) place += 1;
    const point = points[place];
    if (!point || one.at < point.from) continue;
    point.files += one.files;
    point.original_size += one.original_size;
    point.saved_bytes += one.saved_bytes;
  }
  return { unit, points };
}

/** Where the next one begins: weeks on Mondays, months on the first. @param {number} day @param {Timeline["unit"]} unit */
function next(day, unit) {
  if (unit === "day") return day + 1;
  if (unit === "week") return day + 7 - ((((day - MONDAY) % 7) + 7) % 7);
  const at = new Date(day * DAY_MS);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1) / DAY_MS;
}
