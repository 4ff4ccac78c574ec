// Statistics: what was saved, in all and lately, by format, over time, how well it was foreseen, and the history.
import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { live } from "../../vendor/lit-html/directives/live.js";
import { export_history, reset_stats } from "../contract.js";
import { number, size, span as spanned } from "../format.js";
import { icon } from "../icon.js";
import { Asking } from "../statistics.js";
import { dateOf, dayOf, dayOfText, textOf, timeline } from "../timeline.js";
import { segments } from "./controls.js";
import { accuracy, cards, changed, pairs, savings, wins } from "./figures.js";
import { past } from "./past.js";

/** @import { Chart } from "./chart.js" */
/** @import { Deeds } from "../deeds.js" */
/** @import { Period, State } from "../store.js" */
/** @import { Point, Timeline } from "../timeline.js" */

/** @type {Period[]} */
const PERIODS = ["week", "month", "year", "all", "own"];
const AFTER_START_MS = 3000;

/** @param {HTMLElement} element @param {Deeds} deeds */
export function mount(element, deeds) {
  /** @type {Chart | null} */
  let chart = null;
  let asked = "";
  const asking = new Asking(deeds);
  const say = (/** @type {Point} */ point) => told(deeds.state, point);
  // The chart library is the largest file of the page: it comes when the start is over, or at the first look.
  setTimeout(() => void import("./chart.js"), AFTER_START_MS);
  const load = async () => {
    const [{ Chart }] = await Promise.all([import("./chart.js"), asking.refresh()]);
    chart ??= new Chart(say);
    deeds.store.set({});
  };
  return (/** @type {State} */ state) => {
    const { period, from, to, shown, shown_span, all, loaded, failure, history, as_table } = state.statistics;
    const key = [period, from, to, state.statistics_stale, state.view].join(" ");
    if (key !== asked) {
      asked = key;
      void load();
    }
    const some = (all?.totals.files ?? 0) > 0 || history.length > 0;
    const line = shown && timeline(shown.by_day, shown_span, new Date());
    const again = () => asking.refresh();
    render(html`${bar(state, deeds, some)}
      <div class="stats" tabindex="0" role="region" aria-label=${state.words.t("statistics")}>
        ${failure ? failed(state, again) : nothing}
        ${some && line ? full(state, deeds, asking, chart, line) : loaded && !failure ? kindly(state, deeds) : nothing}
      </div>`, element);
    if (some && chart && line && !as_table && line.points.some((point) => point.files > 0)) chart.draw(line, state.words);
  };
}

/** @param {State} state @param {Deeds} deeds @param {boolean} some */
function bar({ words, statistics }, deeds, some) {
  const set = (/** @type {Partial<State["statistics"]>} */ change) => deeds.store.set({ statistics: { ...deeds.state.statistics, ...change } });
  const now = new Date();
  const pick = (/** @type {string} */ period) => {
    const month = { from: textOf(dayOf(now) - 29), to: textOf(dayOf(now)) };
    set({ period: /** @type {Period} */ (period), ...(period === "own" && !statistics.from && !statistics.to ? month : {}) });
  };
  const save = (/** @type {"csv" | "json"} */ format) => deeds.attempt(export_history({ format }));
  const date = (/** @type {"from" | "to"} */ name) => html`<label class="date"><span>${words.t(`date_${name}`)}</span>
    <input type="date" class="text" max=${textOf(dayOf(now))} .value=${live(statistics[name])} @change=${(/** @type {any} */ event) => set({ [name]: event.target.value })}></label>`;
  return html`<header class="bar">
    <h1 tabindex="-1" data-first>${words.t("statistics")}</h1><span class="grow"></span>
    ${some ? html`${statistics.period === "own" ? html`<span class="dates" role="group" aria-label=${words.t("period_own")}>${date("from")}${date("to")}</span>` : nothing}
      ${segments({ name: "period", label: words.t("period"), hidden: true, value: statistics.period, pick, choices: PERIODS.map((value) => ({ value, text: words.t(`period_${value}`) })) })}
      <span class="pair" role="group" aria-label=${words.t("export")}>
        <button class="btn" title=${words.t("export_csv")} aria-label=${words.t("export_csv")} @click=${() => save("csv")}>${icon("download")}CSV</button>
        <button class="btn" title=${words.t("export_json")} aria-label=${words.t("export_json")} @click=${() => save("json")}>JSON</button></span>` : nothing}
  </header>`;
}

/** @param {State} state @param {Deeds} deeds */
function kindly({ words }, deeds) {
  return html`<div class="kindly"><span class="sign">${icon("chart-column")}</span><h2>${words.t("stats_empty_title")}</h2><p class="muted">${words.t("stats_empty_text")}</p>
    <button class="btn primary" @click=${() => deeds.go("compress")}>${words.t("stats_empty_go")}</button></div>`;
}

/** The figures could not be read; those that are shown are older. @param {State} state @param {() => unknown} again */
function failed({ words, statistics }, again) {
  const { failure } = statistics;
  const why = failure && failure.code !== "internal_error" ? words.error(failure) : words.t("stats_failed_text");
  return html`<div class="card trouble" role="alert">${icon("triangle-alert")}<div><h2>${words.t("stats_failed_title")}</h2><p>${why}</p>${statistics.all ? html`<p class="muted">${words.t("stats_older")}</p>` : nothing}</div>
    <button class="btn" @click=${again}>${icon("rotate-ccw")}${words.t("try_again")}</button></div>`;
}

/** @param {State} state @param {Deeds} deeds @param {Asking} asking @param {Chart | null} chart @param {Timeline} line */
function full(state, deeds, asking, chart, line) {
  const { words, statistics } = state;
  const shown = /** @type {NonNullable<typeof statistics.shown>} */ (statistics.shown);
  const { totals } = shown;
  const turn = () => deeds.store.set({ statistics: { ...deeds.state.statistics, as_table: !statistics.as_table } });
  const summary = totals.files > 0 ? words.t("period_summary", { pictures: words.t("pictures", { count: totals.files }), size: size(totals.saved_bytes, words.language), change: changed(totals, words.language) }) : words.t("nothing_in_period");
  return html`${cards(state)}
    <p class="range"><b>${named(state, line)}</b> <span class="muted">${summary}</span></p>
    ${totals.files > 0 ? html`<div class="two">
      <section class="card time"><header><h2>${words.t("over_time")}</h2><button class="btn small quiet" aria-pressed=${statistics.as_table} @click=${turn}>${words.t("as_table")}</button></header>
        ${statistics.as_table ? table(state, line) : chart?.element ?? html`<div class="chart"></div>`}</section>
      <section class="card"><h2>${words.t("by_format")}</h2>${pairs(state, shown)}</section>
    </div>
    <div class="three">
      <section class="card"><h2>${words.t("savings_spread")}</h2>${savings(state, shown)}</section>
      <section class="card"><h2>${words.t("accuracy")}</h2>${accuracy(state, shown)}</section>
      <section class="card"><h2>${words.t("biggest_wins")}</h2>${wins(state, shown, deeds)}</section>
    </div>` : nothing}
    <section class="card"><h2>${words.t("history")}</h2>${past(state, deeds, () => asking.older())}</section>
    <p class="clear"><button class="btn quiet" @click=${() => clear(deeds)}>${words.t("clear_stats")}</button><span class="faint">${words.t("clear_stats_note")}</span></p>`;
}

/** The days that are shown, in words. @param {State} state @param {Timeline} line */
function named({ words, statistics }, { points }) {
  const { period, from, to } = statistics;
  if (period === "all" || points.length === 0 || (period === "own" && dayOfText(from) === null && dayOfText(to) === null)) return words.t("all_time");
  return spanned(dateOf(points[0].from), dateOf(points[points.length - 1].to), "day", words.language);
}

/** One bar in words. @param {State} state @param {Point} point */
function told({ words }, point) {
  const { language } = words;
  const when = spanned(dateOf(point.from), dateOf(point.to), "day", language);
  if (point.files === 0) return words.t("point_nothing", { when });
  return words.t("point", { when, size: size(point.saved_bytes, language), change: changed(point, language), pictures: words.t("pictures", { count: point.files }) });
}

/** The bars as rows, newest first; what is empty is left out. @param {State} state @param {Timeline} line */
function table({ words }, { unit, points }) {
  const { language } = words;
  const rows = points.filter((point) => point.files > 0).reverse();
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.t("over_time")}><table>
    <thead><tr><th scope="col">${words.t("when")}</th><th scope="col" class="num">${words.t("column_pictures")}</th><th scope="col" class="num">${words.t("column_saved")}</th><th scope="col" class="num">${words.t("column_share")}</th></tr></thead>
    <tbody>${rows.map((point) => html`<tr><th scope="row">${spanned(dateOf(point.from), dateOf(point.to), unit === "month" ? "month" : "day", language)}</th><td class="num">${number(point.files, language)}</td>
      <td class="num">${size(point.saved_bytes, language)}</td><td class="num">${changed(point, language)}</td></tr>`)}</tbody></table></div>`;
}

/** @param {Deeds} deeds */
async function clear(deeds) {
  if (!(await deeds.attempt(reset_stats({})))) return;
  deeds.store.dispatch({ type: "toast", toast: { kind: "done", key: "stats_cleared", actions: [{ label: "undo", deed: "restore_stats" }] } });
}
