// The history of batches: what was done, and the way back or again.
import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { moment, number, size } from "../format.js";
import { presetName, presetOf } from "./choices.js";
import { changed } from "./figures.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { HistoryBatch } from "../contract.js" */
/** @import { State } from "../store.js" */

/** @param {State} state @param {Deeds} deeds @param {() => unknown} older */
export function past(state, deeds, older) {
  const { words, statistics } = state;
  const { history, history_total } = statistics;
  const now = new Date();
  if (history.length === 0) return html`<p class="muted none">${words.t("no_history")}</p>`;
  return html`<table class="past">
    <thead><tr><th scope="col">${words.t("when")}</th><th scope="col" class="num">${words.t("column_pictures")}</th><th scope="col" class="how">${words.t("column_settings")}</th><th scope="col" class="num">${words.t("column_saved")}</th><th scope="col"><span class="unseen">${words.t("column_deeds")}</span></th></tr></thead>
    <tbody>${repeat(history, (batch) => batch.batch_id, (batch) => row(state, deeds, batch, now))}</tbody></table>
    ${history.length < history_total ? html`<button class="btn small older" @click=${older}>${words.t("older")}</button><span class="faint left">${words.t("batches_shown", { shown: history.length, count: history_total })}</span>` : nothing}`;
}

/** @param {State} state @param {Deeds} deeds @param {HistoryBatch} batch @param {Date} now */
function row(state, deeds, batch, now) {
  const { words } = state;
  const { language } = words;
  const when = moment(batch.created_at, language, now);
  const named = (/** @type {string} */ deed) => `${words.t(deed)}, ${when}`;
  const { original_size, compressed_size } = batch;
  const totals = original_size === null || compressed_size === null || batch.written === 0 ? null : { original_size, saved_bytes: original_size - compressed_size };
  return html`<tr><td>${when}${ended(state, batch)}</td><td class="num">${number(batch.files, language)}</td>
    <td class="muted how">${described(state, batch)}</td><td class="num">${totals ? html`${size(totals.saved_bytes, language)} <span class="faint change">${changed(totals, language)}</span>` : "\u2014"}</td>
    <td class="num deeds">${batch.resumable > 0 ? html`<button class="link" aria-label=${named("resume")} @click=${() => deeds.goOn(batch.batch_id)}>${words.t("resume")}</button>` : nothing}
      ${batch.undoable > 0 ? html`<button class="link" aria-label=${named("undo")} @click=${() => deeds.undo(batch.batch_id)}>${words.t("undo")}</button>` : nothing}
      ${batch.written > 0 ? html`<button class="link quiet" aria-label=${named("show_files")} @click=${() => deeds.act({ label: "", deed: "reveal", batch_id: batch.batch_id })}>${words.t("show_files")}</button>` : nothing}
      <button class="link quiet" aria-label=${named("repeat_settings")} title=${words.t("repeat_settings")} @click=${() => deeds.repeat(batch)}>${words.t("repeat_settings_short")}</button></td></tr>`;
}

/** What did not go well, or is under way. @param {State} state @param {HistoryBatch} batch */
function ended({ words }, batch) {
  const failed = batch.failed > 0 ? html` <span class="badge bad">${words.t("failed_count", { count: batch.failed })}</span>` : nothing;
  const other = batch.state === "finished" ? nothing : html` <span class="badge plain">${words.t(`batch_${batch.state}`)}</span>`;
  return html`${other}${failed}`;
}

/** The settings of a batch in a few words. @param {State} state @param {HistoryBatch} batch */
function described({ words, presets, formats }, { settings }) {
  const id = presetOf(presets, settings);
  const preset = presets.find((found) => found.preset_id === id);
  const parts = [preset ? presetName(words, preset) : null, settings.output_format === "keep" ? null : formats.find((format) => format.name === settings.output_format)?.label ?? settings.output_format];
  parts.push(settings.lossless ? words.t("lossless") : words.t("quality_value", { value: settings.quality }));
  return parts.filter(Boolean).join(" · ");
}
