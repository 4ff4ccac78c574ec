// Statistics: what was saved, in all and lately, by format, by day, and the history with its way back.
import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { export_history, reset_stats } from "../contract.js";
import { moment, number, percent, size } from "../format.js";
import { begin, older, refresh, series, share } from "../statistics.js";
import { presetName, presetOf } from "./choices.js";
import { segments } from "./controls.js";
import { icon } from "../icon.js";

/** @import { Chart } from "./chart.js" */
/** @import { Deeds } from "../deeds.js" */
/** @import { HistoryBatch } from "../contract.js" */
/** @import { Period, State } from "../store.js" */

/** @type {Period[]} */
const PERIODS = ["week", "month", "year", "all"];

/** @param {HTMLElement} element @param {Deeds} deeds */
export function mount(element, deeds) {
  /** @type {Chart | null} */
  let chart = null;
  let asked = "";
  const load = async () => {
    // The chart library is the largest file of the page: only who looks at statistics waits for it.
    chart ??= new (await import("./chart.js")).Chart();
    await refresh(deeds);
  };
  return (/** @type {State} */ state) => {
    const key = `${state.statistics.period} ${state.statistics_stale} ${state.view}`;
    if (key !== asked) {
      asked = key;
      void load();
    }
    const some = (state.statistics.all?.totals.files ?? 0) > 0 || state.statistics.history.length > 0;
    render(html`${bar(state, deeds, some)}
      <div class="stats" tabindex="0" role="region" aria-label=${state.words.t("statistics")}>
        ${some ? full(state, deeds, chart) : state.statistics.loaded ? kindly(state, deeds) : nothing}
      </div>`, element);
    if (some && chart && state.statistics.shown) {
      const now = new Date();
      chart.draw(series(state.statistics.shown.by_day, begin(state.statistics.period, now), now), state.words);
    }
  };
}

/** @param {State} state @param {Deeds} deeds @param {boolean} some */
function bar({ words, statistics }, deeds, some) {
  const pick = (/** @type {string} */ period) => deeds.store.set({ statistics: { ...statistics, period: /** @type {Period} */ (period) } });
  const save = (/** @type {"csv" | "json"} */ format) => deeds.attempt(export_history({ format }));
  return html`<header class="bar">
    <h1 tabindex="-1" data-first>${words.t("statistics")}</h1><span class="grow"></span>
    ${some ? html`${segments({ name: "period", label: words.t("period"), hidden: true, value: statistics.period, pick, choices: PERIODS.map((value) => ({ value, text: words.t(`period_${value}`) })) })}
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

/** @param {State} state @param {Deeds} deeds @param {Chart | null} chart */
function full(state, deeds, chart) {
  const { words } = state;
  return html`${cards(state)}
    <div class="two">
      <section class="card"><h2>${words.t("over_time")}</h2>${chart?.element ?? nothing}</section>
      <section class="card"><h2>${words.t("by_format")}</h2>${pairs(state)}</section>
    </div>
    <section class="card"><h2>${words.t("history")}</h2>${history(state, deeds)}</section>
    <p class="clear"><button class="btn quiet" @click=${() => clear(deeds)}>${words.t("clear_stats")}</button><span class="faint">${words.t("clear_stats_note")}</span></p>`;
}

/** @param {Deeds} deeds */
async function clear(deeds) {
  if (!(await deeds.attempt(reset_stats({})))) return;
  deeds.store.dispatch({ type: "toast", toast: { kind: "done", key: "stats_cleared", actions: [{ label: "undo", deed: "restore_stats" }] } });
}

/** @param {State} state */
function cards({ words, statistics }) {
  const { language } = words;
  const { all, month, today } = statistics;
  if (!all || !month || !today) return nothing;
  const mean = share(all.totals);
  const median = all.median_savings_percent ?? null;
  const accuracy = all.prediction_accuracy ?? null;
  const card = (/** @type {string} */ name, /** @type {string} */ big, /** @type {string} */ small) => html`<div class="card"><div class="muted">${words.t(name)}</div><div class="big">${big}</div><div class="faint">${small}</div></div>`;
  return html`<div class="cards">
    ${card("saved_in_all", size(all.totals.saved_bytes, language), words.t("of_size", { size: size(all.totals.original_size, language) }))}
    ${card("saved_month", size(month.totals.saved_bytes, language), words.t("today_saved", { size: size(today.totals.saved_bytes, language) }))}
    ${card("mean_saving", mean === null ? "\u2014" : percent(mean, language), median === null ? words.t("pictures", { count: all.totals.files }) : words.t("median", { percent: percent(median, language), count: number(all.totals.files, language) }))}
    ${card("predictions", accuracy ? `±${percent(accuracy.median_error_percent, language, 1)}` : "\u2014", accuracy ? words.t("median_error", { count: accuracy.files }) : words.t("no_predictions"))}
  </div>`;
}

/** @param {State} state */
function pairs({ words, statistics, formats }) {
  const { language } = words;
  const label = (/** @type {string} */ name) => formats.find((format) => format.name === name)?.label ?? name.toUpperCase();
  const rows = statistics.shown?.by_format_pair ?? [];
  if (rows.length === 0) return html`<p class="muted none">${words.t("nothing_in_period")}</p>`;
  return html`<table class="pairs">
    <thead><tr><th scope="col">${words.t("from_to")}</th><th scope="col" class="num">${words.t("column_pictures")}</th><th scope="col" class="num">${words.t("column_saved")}</th><th scope="col" class="num">${words.t("column_share")}</th></tr></thead>
    <tbody>${rows.map((pair) => html`<tr><td>${label(pair.input_format)} → ${label(pair.output_format)}</td><td class="num">${number(pair.files, language)}</td>
      <td class="num">${size(pair.saved_bytes, language)}</td><td class="num">${share(pair) === null ? "\u2014" : percent(share(pair) ?? 0, language)}</td></tr>`)}</tbody></table>`;
}

/** @param {State} state @param {Deeds} deeds */
function history(state, deeds) {
  const { words, statistics } = state;
  const { language } = words;
  const now = new Date();
  const row = (/** @type {HistoryBatch} */ batch) => {
    const saved = batch.original_size !== null && batch.compressed_size !== null ? size(batch.original_size - batch.compressed_size, language) : "\u2014";
    const failed = batch.failed > 0 ? html` <span class="badge bad">${words.t("failed_count", { count: batch.failed })}</span>` : nothing;
    return html`<tr><td>${moment(batch.created_at, language, now)}</td><td class="num">${number(batch.files, language)}</td>
      <td class="muted">${described(state, batch)}${failed}</td><td class="num">${saved}</td>
      <td class="num deeds">${batch.resumable > 0 ? html`<button class="link" @click=${() => deeds.goOn(batch.batch_id)}>${words.t("resume")}</button>` : nothing}
        ${batch.undoable > 0 ? html`<button class="link" @click=${() => deeds.undo(batch.batch_id)}>${words.t("undo")}</button>` : nothing}
        ${batch.written > 0 ? html`<button class="link" @click=${() => deeds.act({ label: "", deed: "reveal", batch_id: batch.batch_id })}>${words.t("show_files")}</button>` : nothing}</td></tr>`;
  };
  if (statistics.history.length === 0) return html`<p class="muted none">${words.t("no_history")}</p>`;
  return html`<table class="past">
    <thead><tr><th scope="col">${words.t("when")}</th><th scope="col" class="num">${words.t("column_pictures")}</th><th scope="col">${words.t("column_settings")}</th><th scope="col" class="num">${words.t("column_saved")}</th><th scope="col"><span class="unseen">${words.t("column_deeds")}</span></th></tr></thead>
    <tbody>${statistics.history.map(row)}</tbody></table>
    ${statistics.history.length < statistics.history_total ? html`<button class="btn small older" @click=${() => older(deeds)}>${words.t("older")}</button>` : nothing}`;
}

/** The settings of a batch in a few words. @param {State} state @param {HistoryBatch} batch */
function described({ words, presets, formats }, { settings }) {
  const id = presetOf(presets, settings);
  const preset = presets.find((found) => found.preset_id === id);
  const parts = [preset ? presetName(words, preset) : null, settings.output_format === "keep" ? null : formats.find((format) => format.name === settings.output_format)?.label ?? settings.output_format];
  parts.push(settings.lossless ? words.t("lossless") : words.t("quality_value", { value: settings.quality }));
  return parts.filter(Boolean).join(" · ");
}
