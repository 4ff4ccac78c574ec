// The figures of the Statistics view: cards, formats, how savings spread, how good predictions were, biggest wins.
import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { reveal_file } from "../contract.js";
import { change, number, percent, size } from "../format.js";
import { merged, share } from "../statistics.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { FilesBetween, Stats, Totals, Win } from "../contract.js" */
/** @import { State } from "../store.js" */

const DASH = "\u2014";
const NEAR = 1; // percent: as good as right
const ERROR_EDGES = [-13, -5, -NEAR, NEAR, 5, 13];

/** @param {number | null} value @param {string} language @param {number} [digits] */
const rate = (value, language, digits) => (value === null ? DASH : percent(value, language, digits));

/** How the sizes changed: less is a minus. @param {Pick<Totals, "original_size" | "saved_bytes">} totals @param {string} language */
export function changed(totals, language) {
  const saved = share(totals);
  return saved === null ? DASH : change(saved, language);
}

/** Of all time, whatever the period. @param {State} state */
export function cards({ words, statistics }) {
  const { language } = words;
  const { all, month, today } = statistics;
  if (!all || !month || !today) return nothing;
  const pictures = (/** @type {Totals} */ { files }) => words.t("pictures", { count: files });
  const card = (/** @type {string} */ name, /** @type {string} */ big, /** @type {unknown} */ small, /** @type {unknown} */ more) =>
    html`<div class="card"><h2 class="muted">${words.t(name)}</h2><div class="big">${big}</div><div class="faint">${small}</div><div class="faint">${more}</div></div>`;
  const { totals, prediction_accuracy: accuracy } = all;
  const on_disk = totals.original_disk_size > 0 ? html`<span title=${words.t("on_disk_note")}>${words.t("on_disk", { size: size(totals.saved_disk_bytes, language) })}</span>` : nothing;
  const within = accuracy && accuracy.within_interval_percent !== null ? words.t("within_interval", { percent: percent(accuracy.within_interval_percent, language) }) : nothing;
  return html`<div class="cards">
    ${card("saved_in_all", size(totals.saved_bytes, language), words.t("of_size", { size: size(totals.original_size, language) }), on_disk)}
    ${card("saved_month", size(month.saved_bytes, language), pictures(month), month.files > 0 ? changed(month, language) : nothing)}
    ${card("saved_today", size(today.saved_bytes, language), pictures(today), today.files > 0 ? changed(today, language) : nothing)}
    ${card("mean_saving", rate(share(totals), language), all.median_savings_percent === null ? nothing : words.t("median", { percent: percent(all.median_savings_percent, language) }), pictures(totals))}
    ${card("predictions", accuracy ? `±${percent(accuracy.median_error_percent, language, 1)}` : DASH, accuracy ? words.t("median_error") : words.t("no_predictions"), within)}
  </div>`;
}

/** A bar of 0-100. @param {number} value @param {string} [tone] */
const bar = (value, tone = "done") => html`<span class="meter" aria-hidden="true"><i class=${tone} .style=${`transform:scaleX(${(Math.min(Math.max(value, 0), 100) / 100).toFixed(4)})`}></i></span>`;

/** @param {State} state @param {Stats} shown */
export function pairs({ words, formats }, shown) {
  const { language } = words;
  const label = (/** @type {string} */ name) => formats.find((format) => format.name === name)?.label ?? name.toUpperCase();
  const rows = [...shown.by_format_pair].sort((one, other) => other.saved_bytes - one.saved_bytes);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.t("by_format")}><table class="pairs">
    <thead><tr><th scope="col">${words.t("from_to")}</th><th scope="col" class="num">${words.t("column_pictures")}</th><th scope="col" class="num">${words.t("column_saved")}</th><th scope="col" class="num">${words.t("column_share")}</th></tr></thead>
    <tbody>${rows.map((pair) => html`<tr><th scope="row">${label(pair.input_format)} → ${label(pair.output_format)}</th><td class="num">${number(pair.files, language)}</td>
      <td class="num">${size(pair.saved_bytes, language)}</td><td class="num share"><span>${bar(share(pair) ?? 0)}${changed(pair, language)}</span></td></tr>`)}</tbody></table></div>`;
}

/** Buckets as bars, the fullest one being the whole width. @param {State} state @param {{ caption: string, name: string, buckets: FilesBetween[], label: (bucket: FilesBetween) => string, tone: (bucket: FilesBetween) => string }} how */
function spread({ words }, { caption, name, buckets, label, tone }) {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.files));
  const total = Math.max(1, buckets.reduce((sum, bucket) => sum + bucket.files, 0));
  return html`<table class="spread"><caption class="unseen">${caption}</caption>
    <thead class="unseen"><tr><th scope="col">${name}</th><th scope="col" colspan="2">${words.t("column_pictures")}</th></tr></thead>
    <tbody>${buckets.map((bucket) => html`<tr title=${words.t("share_of_all", { percent: percent((100 * bucket.files) / total, words.language, 1) })}>
      <th scope="row">${label(bucket)}</th><td class="num">${number(bucket.files, words.language)}</td><td class="bars">${bar((100 * bucket.files) / most, tone(bucket))}</td></tr>`)}</tbody></table>`;
}

/** @param {State} state @param {Stats} shown */
export function savings(state, shown) {
  const { words } = state;
  const { language } = words;
  const label = (/** @type {FilesBetween} */ { from_percent, to_percent }) => (from_percent === null ? words.t("saved_nothing") : words.t("percent_between", { low: from_percent, high: percent(to_percent ?? 100, language) }));
  const middle = shown.median_savings_percent === null ? nothing : html`<p class="faint">${words.t("typical", { percent: percent(shown.median_savings_percent, language) })}</p>`;
  return html`${middle}${spread(state, { caption: words.t("savings_spread"), name: words.t("savings_spread"), buckets: shown.savings_distribution, label, tone: (bucket) => (bucket.from_percent === null ? "plain" : "done") })}`;
}

/** @param {State} state @param {Stats} shown */
export function accuracy(state, shown) {
  const { words } = state;
  const { language } = words;
  const found = shown.prediction_accuracy;
  if (!found) return html`<p class="muted none">${words.t("no_accuracy")}</p>`;
  const away = (/** @type {number} */ edge) => percent(Math.abs(edge), language);
  const label = (/** @type {FilesBetween} */ { from_percent, to_percent }) => {
    if (from_percent === null) return words.t("over_small", { percent: away(to_percent ?? 0) });
    if (to_percent === null) return words.t("over_large", { percent: away(from_percent) });
    if (from_percent === -NEAR) return words.t("within", { percent: away(NEAR) });
    return words.t(to_percent < 0 ? "too_small" : "too_large", { low: Math.min(Math.abs(from_percent), Math.abs(to_percent)), percent: away(Math.max(Math.abs(from_percent), Math.abs(to_percent))) });
  };
  const within = found.within_interval_percent === null ? nothing : html` ${words.t("accuracy_within", { percent: percent(found.within_interval_percent, language) })}`;
  return html`<p class="faint">${words.t("accuracy_said", { count: found.files, percent: percent(found.median_error_percent, language, 1) })}${within}</p>
    ${spread(state, { caption: words.t("accuracy"), name: words.t("prediction_was"), buckets: merged(found.errors, ERROR_EDGES), label, tone: (bucket) => (bucket.from_percent === -NEAR ? "run" : "ahead") })}`;
}

/** @param {State} state @param {Stats} shown @param {Deeds} deeds */
export function wins({ words }, shown, deeds) {
  const { language } = words;
  const one = (/** @type {Win} */ win) => {
    const name = win.name ?? words.t("unnamed");
    const shows = html`${win.job_id === null ? html`<span class="name" title=${name}>${name}</span>` : html`<button class="link name" title=${words.t("show_named", { name })} @click=${() => deeds.attempt(reveal_file({ job_id: win.job_id }))}>${name}</button>`}`;
    return html`<li>${shows}<b>${size(win.saved_bytes, language)}</b>
      <span class="faint">${size(win.original_size, language)} → ${size(win.compressed_size, language)}</span><span class="faint">${changed(win, language)}</span></li>`;
  };
  return shown.biggest_wins.length > 0 ? html`<ol class="wins">${shown.biggest_wins.slice(0, 6).map(one)}</ol>` : html`<p class="muted none">${words.t("no_wins")}</p>`;
}
