// The footer: the total, predicted and then real, how far it is, and the one primary button.
import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { change, duration, savedPercent, size, sizeParts } from "../format.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { State } from "../store.js" */
/** @typedef {{ total: string, detail: string, done: number | null, failed: number, batch_id: number }} Sum */

/** @param {State} state @param {Deeds} deeds */
export function footer(state, deeds) {
  const { words, batch, starting, list } = state;
  const sum = summed(state);
  const share = sum.done === null ? 0 : sum.done;
  const busy = batch !== null || starting;
  return html`
    <footer class="foot">
      <div class="sum">
        <div class="total"><b>${sum.total}</b><span class="muted">${sum.detail}</span>
          ${sum.failed > 0 && !busy ? html`<button class="link bad" @click=${() => deeds.filterBy({ text: "", state: "failed" })}>${words.t("failed_count", { count: sum.failed })}</button>
            <button class="link" @click=${() => deeds.retry(sum.batch_id)}>${words.t("retry_failed")}</button>` : nothing}
        </div>
        ${sum.done === null ? html`<div class="meter wide" aria-hidden="true"></div>` : html`<div class="meter wide" role="progressbar" aria-label=${words.t("batch_progress")} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(share)}>
          <i class=${batch ? "run" : "done"} .style=${`transform:scaleX(${(share / 100).toFixed(4)})`}></i></div>`}
      </div>
      <div class="deeds">
        ${batch ? html`<button class="btn quiet" @click=${() => deeds.cancel()}>${words.t("cancel")}</button>` : nothing}
        ${!batch ? html`<button class="btn primary" title="Ctrl+Enter" ?disabled=${starting || list.files === 0} @click=${() => deeds.compress()}>${words.t("compress_verb")}</button>` : nothing}
        ${batch?.state === "paused" ? html`<button class="btn primary" @click=${() => deeds.resume()}>${words.t("resume")}</button>` : nothing}
        ${batch && batch.state !== "paused" ? html`<button class="btn primary" @click=${() => deeds.pause()}>${words.t("pause")}</button>` : nothing}
      </div>
    </footer>`;
}

/** What the footer says now. @param {State} state @returns {Sum} */
export function summed(state) {
  const { words, batch, result, estimate, list } = state;
  const { language } = words;
  if (batch) {
    const whole = batch.predicted_size === null && batch.total === list.files ? estimate : null;
    const before = whole?.original_size ?? batch.total_size ?? list.original_size;
    const after = batch.predicted_size ?? whole?.compressed_size ?? null;
    const parts = [batch.total > 0 ? words.t("done_of", { done: batch.done, total: batch.total }) : words.t("loading")]; // files of an earlier session are looked at first
    if (batch.original_size > batch.compressed_size) parts.push(words.t("saved_so_far", { size: size(batch.original_size - batch.compressed_size, language) }));
    if (batch.state === "paused") parts.push(words.t("paused"));
    else if (batch.eta_ms !== null) parts.push(words.t("left", { time: duration(batch.eta_ms, language) }));
    const done = batch.total > 0 ? (100 * batch.done) / batch.total : 0;
    return { total: fromTo(state, before, after, after !== null), detail: parts.join(" · "), done, failed: 0, batch_id: batch.batch_id };
  }
  if (result) {
    const saved = result.original_size - result.compressed_size;
    const percent = change(savedPercent(result.original_size, result.compressed_size), language);
    const parts = [result.written > 0 ? words.t(saved >= 0 ? "saved_size" : "grown_size", { size: size(Math.abs(saved), language), change: percent }) : words.t("nothing_written")];
    if (result.kept > 0) parts.push(words.t("kept_count", { count: result.kept }));
    if (result.cancelled > 0) parts.push(words.t("cancelled_count", { count: result.cancelled }));
    const done = result.files > 0 ? (100 * (result.files - result.cancelled)) / result.files : 0;
    return { total: fromTo(state, result.original_size, result.compressed_size, false), detail: parts.join(" · "), done, failed: result.failed, batch_id: result.batch_id };
  }
  const after = estimate?.compressed_size ?? null;
  return { total: fromTo(state, estimate?.original_size ?? list.original_size, after, true), detail: promised(state, after), done: null, failed: 0, batch_id: 0 };
}

/** @param {State} state @param {number | null} after */
function promised({ words, estimate, list }, after) {
  const { language } = words;
  if (after === null || !estimate) return words.t("estimating");
  const parts = [];
  const before = estimate.original_size ?? list.original_size;
  const saves = before - after;
  const { low, high } = estimate;
  if (low === null || high === null || low === high) parts.push(words.t(saves >= 0 ? "saves" : "grows", { size: size(Math.abs(saves), language) }));
  else parts.push(words.t(saves >= 0 ? "saves_between" : "grows_between", { size: size(Math.abs(saves), language), low: size(before - high, language), high: size(before - low, language) }));
  if (estimate.time_ms !== null) parts.push(words.t("takes", { time: duration(estimate.time_ms, language) }));
  return parts.join(" · ");
}

/** "43.6 → about 19.1 MB": the unit once where it is the same. @param {State} state @param {number} before @param {number | null} after @param {boolean} guess */
function fromTo({ words }, before, after, guess) {
  const { language } = words;
  if (after === null) return size(before, language);
  const [number, unit] = sizeParts(before, language);
  const to = sizeParts(after, language);
  const first = unit === to[1] ? number : `${number}\u00a0${unit}`;
  return `${first} → ${guess ? words.t("about", { size: to.join("\u00a0") }) : to.join("\u00a0")}`;
}
