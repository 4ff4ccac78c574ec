// Sentences by language: the same files, keys and rules as Python's `sentences.py`. Pure but for `load`.
import { number, plural, size } from "./format.js";

/** @typedef {Record<string, Record<string, string>>} Texts */
/** @typedef {{ code: string, facts?: Record<string, unknown> }} Told */

export const LANGUAGES = Object.freeze({ en: "English", fr: "Français" });
const FACT = /\{(\w+)(?:\|(\w+))?\}/g;

/** One language, from `locales/`. @param {string} language @returns {Promise<Texts>} */
export async function load(language) {
  return (await fetch(`locales/${language}.json`)).json();
}

/** The language to show: the chosen one, or the system's where there is a file of it. @param {string} chosen @param {string} system */
export function resolve(chosen, system) {
  const wanted = chosen === "system" ? system.slice(0, 2).toLowerCase() : chosen;
  return wanted in LANGUAGES ? wanted : "en";
}

/** Everything a view needs to speak. */
export class Words {
  /** @param {string} language @param {Texts} texts */
  constructor(language, texts) {
    this.language = language;
    this.texts = texts;
  }

  /** A sentence of the page; a number in `count` chooses the plural form. @param {string} key @param {Record<string, unknown>} [facts] */
  t(key, facts = {}) {
    const texts = this.texts.ui ?? {};
    const form = typeof facts.count === "number" ? texts[`${key}.${plural(facts.count, this.language)}`] ?? texts[`${key}.other`] : undefined;
    const text = form ?? texts[key];
    return text === undefined ? key : this.filled(text, facts);
  }

  /** What happened, for an error code. @param {Told} failure */
  error(failure) {
    return this.told("errors", failure.code, failure.facts ?? {});
  }

  /** Why a file was kept. @param {string} reason @param {string[]} losses */
  reason(reason, losses) {
    return this.told("reasons", reason, losses.length > 0 ? { losses: losses.map((name) => this.trait(name)).join(", ") } : {});
  }

  /** @param {string} name */
  trait(name) {
    return this.told("traits", name, {});
  }

  /** Something to know; one that is an expected failure has that failure's sentence, one that has a cause says it as `{why}`. @param {Told} notice */
  notice({ code, facts = {} }) {
    const why = typeof facts.code === "string" ? { why: this.error({ code: facts.code, facts: { what: facts.cause } }) } : {};
    const errors = this.texts.errors ?? {};
    return this.told(code in errors || `${code}.plain` in errors ? "errors" : "notices", code, { ...facts, ...why });
  }

  /** @param {string} section @param {string} code @param {Record<string, unknown>} facts */
  told(section, code, facts) {
    const texts = this.texts[section] ?? {};
    for (const key of [`${code}.${facts.what ?? ""}`, code, `${code}.plain`]) {
      const text = texts[key];
      if (text !== undefined && factsIn(text).every((name) => name in facts)) return this.filled(text, facts);
    }
    return code;
  }

  /** @param {string} text @param {Record<string, unknown>} facts */
  filled(text, facts) {
    return text.replace(FACT, (_, name, form) => this.shown(facts[name], form));
  }

  /** @param {unknown} value @param {string | undefined} form */
  shown(value, form) {
    if (typeof value === "number") return form === "bytes" ? size(value, this.language) : number(value, this.language);
    return String(value);
  }
}

/** The names of the facts that a sentence needs. @param {string} text */
export function factsIn(text) {
  return [...text.matchAll(FACT)].map((match) => match[1]);
}
