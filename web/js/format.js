// Numbers, sizes, times and dates as people write them. Pure: the language is a parameter.

const MINUS = "\u2212";
const UNITS = { en: ["B", "kB", "MB", "GB", "TB"], fr: ["o", "ko", "Mo", "Go", "To"] };
/** @type {Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.PluralRules | Intl.RelativeTimeFormat>} */
const kept = new Map();

/** @template T @param {string} key @param {() => T} make @returns {T} */
function once(key, make) {
  let found = /** @type {any} */ (kept.get(key));
  if (!found) kept.set(key, /** @type {any} */ (found = make()));
  return found;
}

/** @param {number} value @param {string} language @param {number} [digits] */
export function number(value, language, digits = 0) {
  const format = once(`n${language}${digits}`, () => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return format.format(value).replace("-", MINUS);
}

/** The number and the unit of bytes: MB of 1,000,000. @param {number} bytes @param {string} language @param {number} [most] digits after the point @returns {[string, string]} */
export function sizeParts(bytes, language, most = 1) {
  const units = language === "fr" ? UNITS.fr : UNITS.en;
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit >= 2 && value < 99.95 ? most : 0;
  return [number(Math.sign(bytes) * value, language, digits), units[unit]];
}

/** Bytes for people. @param {number | null} bytes @param {string} language @param {number} [most] digits after the point */
export function size(bytes, language, most) {
  return bytes === null ? "\u2014" : sizeParts(bytes, language, most).join("\u00a0");
}

/** `percent` is 0-100. @param {number} percent @param {string} language @param {number} [digits] */
export function percent(percent, language, digits = 0) {
  const format = once(`p${language}${digits}`, () => new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return format.format(percent / 100).replace("-", MINUS);
}

/** What a saving of 0-100 % does to the size: less is a minus. @param {number} saved @param {string} language */
export function change(saved, language) {
  // Never round a real change to nothing, nor anything to a whole hundred.
  const small = saved !== 0 && Math.abs(saved) < 0.95;
  const shown = percent(Math.min(Math.abs(saved), saved < 100 && saved > 99 ? 99 : Infinity), language, small ? 1 : 0);
  return saved > 0 ? MINUS + shown : saved < 0 ? `+${shown}` : shown;
}

/** How much smaller, in percent of the original. @param {number} before @param {number} after */
export function savedPercent(before, after) {
  return before > 0 ? (100 * (before - after)) / before : 0;
}

/** A time left or taken, coarse on purpose. @param {number} ms @param {string} language */
export function duration(ms, language) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${number(seconds, language)}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${number(minutes, language)}\u00a0min`;
  return `${number(Math.floor(minutes / 60), language)}\u00a0h\u00a0${number(minutes % 60, language)}\u00a0min`;
}

/** A moment in local time, with "today" and "yesterday" in words. @param {string} iso @param {string} language @param {Date} now */
export function moment(iso, language, now) {
  const then = new Date(iso);
  const days = Math.round((midnight(then) - midnight(now)) / 86_400_000);
  const time = once(`t${language}`, () => new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" })).format(then);
  if (days === 0 || days === -1) {
    const word = once(`r${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: "auto" })).format(days, "day");
    return `${word[0].toLocaleUpperCase(language)}${word.slice(1)} ${time}`;
  }
  const year = then.getFullYear() === now.getFullYear() ? undefined : "numeric";
  const format = once(`d${language}${year}`, () => new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year }));
  return `${format.format(then)} ${time}`;
}

/** A day such as "22 Nov". @param {Date} date @param {string} language */
export function day(date, language) {
  return once(`day${language}`, () => new Intl.DateTimeFormat(language, { day: "numeric", month: "short" })).format(date);
}

/** Which plural form a number takes. @param {number} count @param {string} language */
export function plural(count, language) {
  return once(`u${language}`, () => new Intl.PluralRules(language)).select(count);
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** A day, or what a week or a month is called. With `to`, both ends and the year. @param {Date} from @param {Date | null} to @param {"day" | "week" | "month"} unit @param {string} language */
export function span(from, to, unit, language) {
  const format = (/** @type {Intl.DateTimeFormatOptions} */ how) => /** @type {Intl.DateTimeFormat} */ (once(`s${language}${JSON.stringify(how)}`, () => new Intl.DateTimeFormat(language, how)));
  if (unit === "month") return format(to ? { month: "long", year: "numeric" } : { month: "short", year: "numeric" }).format(from);
  if (!to) return day(from, language);
  if (from.getTime() === to.getTime()) return format({ weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(from);
  return format({ day: "numeric", month: "short", year: "numeric" }).formatRange(from, to);
}
