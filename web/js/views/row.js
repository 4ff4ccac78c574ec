// One row of the list: what it was, what it becomes, what would be lost, what can be done.
import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { change, duration, percent, savedPercent, size } from "../format.js";
import { icon } from "../icon.js";
import { predicted } from "../progress.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { FileRow } from "../contract.js" */
/** @import { State } from "../store.js" */
/** @typedef {{ kind: "ok" | "warn" | "bad" | "plain", text: string, title: string }} Badge */

const MOST_BADGES = 2;
const ACTIVE = new Set(["reading", "encoding", "verifying", "saving"]);

/** Everything that the row at a place is made of: where all of it is the same, so is the row. @param {State} state @param {number} index @param {number} now @returns {unknown[]} */
export function shownBy(state, index, now) {
  const id = state.order.get(index) ?? -1;
  const file = state.files.get(id);
  const { selection, words, formats, settings, overrides, batch, steps } = state;
  const moves = file && ACTIVE.has(file.state) && batch?.state === "running";
  return [index, file, words, selection.ids.has(id), index === selection.cursor, formats, settings, overrides[id], batch === null, steps.get(id), moves ? now : 0];
}

/** @param {State} state @param {Deeds} deeds @param {number} index @param {number} top @param {number} now */
export function row(state, deeds, index, top, now) {
  const id = state.order.get(index);
  const file = id === undefined ? undefined : state.files.get(id);
  const { selection, words } = state;
  const chosen = id !== undefined && selection.ids.has(id);
  const at = `transform:translateY(${top}px)`;
  if (!file) return html`<div class="row blank" role="row" id=${`row-${index}`} aria-rowindex=${index + 2} .style=${at}><span role="gridcell" class="unseen">${words.t("loading")}</span></div>`;
  return html`
    <div class=${`row ${file.state}${chosen ? " sel" : ""}${index === selection.cursor ? " cursor" : ""}`} role="row" id=${`row-${index}`}
      aria-rowindex=${index + 2} aria-selected=${chosen} data-index=${index} data-id=${file.file_id} .style=${at}>
      <span role="gridcell" class="cell-thumb">${file.thumbnail_url ? thumbnail(file.thumbnail_url) : html`<span class="thumb">${icon("image")}</span>`}</span>
      <span role="gridcell" class="cell-name">
        <span class="name" title=${file.name}>${file.name}</span>
        <span class="sub"><span class="where" title=${file.folder}>${nearest(file.folder)}</span><span class="dims">${dimensions(file)}</span>${badges(state, file).map(badge)}</span>
      </span>
      <span role="gridcell" class="cell-picture"><span class="muted">${dimensions(file)}</span><span class="faint">${format(state, file)}</span></span>
      <span role="gridcell" class="cell-size">${sizes(state, file)}</span>
      <span role="gridcell" class="cell-saved">${bar(state, file, now)}${outcome(state, file)}${actions(state, deeds, file)}</span>
    </div>`;
}

/** An element of its own for each picture: one that is given another shows the old one until that has come. @param {string} url */
function thumbnail(url) {
  return repeat([url], (one) => one, (one) => html`<img class="thumb" src=${one} alt="" loading="lazy" decoding="async">`);
}

/** @param {FileRow} file */
function dimensions({ width, height }) {
  return width && height ? `${width} × ${height}` : "\u2014";
}

/** The last two folders of a path: what tells two pictures apart; the whole path is in the title. @param {string} folder */
export function nearest(folder) {
  const parts = folder.split(/[/\\]/).map((part) => part.trim()).filter(Boolean);
  return parts.length > 0 ? parts.slice(-2).join(" / ") : folder;
}

/** @param {State} state @param {FileRow} file */
function format(state, file) {
  const label = (/** @type {string | null} */ name) => state.formats.find((found) => found.name === name)?.label ?? (name ?? "").toUpperCase();
  const to = file.output_format ?? asked(state, file);
  return to && file.input_format && to !== file.input_format ? `${label(file.input_format)} → ${label(to)}` : label(file.input_format);
}

/** @param {State} state @param {FileRow} file */
function sizes(state, file) {
  const { words } = state;
  const before = html`<span class="faint">${size(file.original_size, words.language)}</span>`;
  const arrow = html`<span class="faint" aria-hidden="true">→</span>`;
  if (file.state === "written" && file.compressed_size !== null) return html`${before}${arrow}<span class="to">${size(file.compressed_size, words.language)}</span>`;
  if (file.state === "kept" || willStay(state, file)) return html`${before}${arrow}<span class="guess">${words.t("kept")}</span>`;
  const guess = file.estimate?.compressed_size ?? null;
  if (file.error || guess === null) return html`${before}${arrow}<span class="guess">\u2014</span>`;
  return html`${before}${arrow}<span class="guess" title=${guessTitle(state, file)}>~${size(guess, words.language)}</span>`;
}

/** The format that is asked for, by its own settings or those of all. @param {State} state @param {FileRow} file */
function asked(state, file) {
  const { output_format } = state.overrides[file.file_id] ?? state.settings;
  return output_format === "keep" ? file.input_format : output_format;
}

/** Whether nothing is made of it at these settings: its own format is asked for, and that is only read. @param {State} state @param {FileRow} file */
function willStay(state, file) {
  const ahead = (file.state === "waiting" || file.state === "queued") && !file.error;
  return ahead && state.formats.some((found) => found.name === asked(state, file) && !found.can_write);
}

/** What a prediction rests on. @param {State} state @param {FileRow} file */
function guessTitle({ words }, { estimate }) {
  if (!estimate) return "";
  const { low, high, basis, sample_count } = estimate;
  const between = low === null || high === null ? "" : words.t("between", { low: size(low, words.language), high: size(high, words.language) });
  const parts = [between, basis === "measured" ? words.t("basis_measured") : "", sample_count > 0 ? words.t("basis_rows", { count: sample_count }) : ""];
  if (basis === "typical") parts.push(words.t("basis_guess"));
  return parts.filter(Boolean).join(" ");
}

/** @param {State} state @param {FileRow} file @param {number} now */
function bar(state, file, now) {
  if (ACTIVE.has(file.state) || (file.state === "queued" && file.progress > 0)) { // read, and waiting for a worker: it stays where it is
    const step = state.steps.get(file.file_id);
    const real = step?.progress ?? file.progress;
    const ahead = step && state.batch?.state === "running" ? predicted(step, now) : real;
    return html`<span class="meter" role="progressbar" aria-label=${state.words.t("progress_of", { name: file.name })} aria-valuenow=${Math.round(real)} aria-valuemin="0" aria-valuemax="100">
      <i class="ahead" .style=${`transform:scaleX(${(ahead / 100).toFixed(4)})`}></i><i class="run" .style=${`transform:scaleX(${(real / 100).toFixed(4)})`}></i></span>`;
  }
  const saved = file.state === "written" ? file.savings_percent ?? 0 : 0;
  const ahead = file.state === "waiting" || file.state === "queued" ? guessed(state, file) ?? 0 : 0;
  const share = (/** @type {number} */ value) => `transform:scaleX(${(Math.min(Math.max(value, 0), 100) / 100).toFixed(4)})`;
  return html`<span class="meter" aria-hidden="true"><i class="maybe" .style=${share(ahead)}></i><i class="done" .style=${share(saved)}></i></span>`;
}

/** The predicted saving in percent. @param {State} state @param {FileRow} file */
function guessed(state, file) {
  const after = file.error || willStay(state, file) ? null : file.estimate?.compressed_size ?? null; // nothing is promised for what cannot be opened
  return after === null ? null : savedPercent(file.original_size, after);
}

/** @param {State} state @param {FileRow} file */
function outcome(state, file) {
  const { words } = state;
  const { language } = words;
  if (file.state === "written" && file.savings_percent !== null) return html`<span class=${file.savings_percent >= 0 ? "pct" : "pct grew"}>${change(file.savings_percent, language)}</span>`;
  if (ACTIVE.has(file.state)) return html`<span class="pct guess" title=${file.eta_ms ? words.t("left", { time: duration(file.eta_ms, language) }) : ""}>${words.t(`stage_${file.state}`)}</span>`;
  const saved = file.state === "waiting" || file.state === "queued" ? guessed(state, file) : null;
  if (saved !== null) return html`<span class="pct guess">~ ${change(Math.round(saved), language)}</span>`;
  return html`<span class="pct guess">${file.state === "waiting" || file.state === "kept" || willStay(state, file) ? nothing : words.t(`stage_${file.state}`)}</span>`;
}

/** What the row must say, the most urgent first. @param {State} state @param {FileRow} file @returns {Badge[]} */
export function badges(state, file) {
  const { words } = state;
  const settings = state.overrides[file.file_id] ?? state.settings;
  /** @type {Badge[]} */
  const found = [];
  if (file.error) found.push({ kind: "bad", text: words.t(`short_${file.error.code}`), title: words.error(file.error) });
  const wouldLose = file.state === "kept" && file.reason === "would_lose" ? file.losses : [];
  if (file.state === "kept" && file.reason) {
    const text = wouldLose.length > 0 ? words.t("would_lose", { trait: wouldLose.map((trait) => words.trait(trait)).join(", ") }) : words.t(`short_${file.reason}`);
    found.push({ kind: file.reason === "would_lose" || file.reason === "no_encoder" ? "warn" : "ok", text, title: words.reason(file.reason, file.losses) });
  }
  if (willStay(state, file)) found.push({ kind: "warn", text: words.t("short_no_encoder"), title: words.reason("no_encoder", []) });
  if (file.private_data_kept) found.push({ kind: "warn", text: words.t("private_kept"), title: words.t("private_kept_title") });
  const ended = file.state === "written" || file.state === "kept";
  const going = ended ? (file.state === "written" ? file.losses : []) : file.estimate?.losses ?? file.losses;
  const blocking = ended ? [] : file.estimate?.blocking ?? [];
  for (const trait of blocking) found.push({ kind: "warn", text: words.t("would_lose", { trait: words.trait(trait) }), title: words.t("blocked_title", { trait: words.trait(trait) }) });
  for (const trait of going) found.push({ kind: "warn", text: words.t(ended ? "lost" : "loses", { trait: words.trait(trait) }), title: words.t("loses_title", { trait: words.trait(trait) }) });
  if (file.private.includes("gps") && file.state !== "failed" && !file.private_data_kept) {
    if (settings.metadata === "all") found.push({ kind: "warn", text: words.t("gps_stays"), title: words.t("gps_stays_title") });
    else if (file.state === "written") found.push({ kind: "ok", text: words.t("gps_removed"), title: words.t("gps_removed") });
    else if (file.state !== "kept") found.push({ kind: "plain", text: words.t("gps_goes"), title: words.t("gps_goes_title") });
  }
  if (state.overrides[file.file_id]) found.push({ kind: "plain", text: words.t("own_settings"), title: words.t("own_settings_title", { quality: percent(settings.quality, words.language) }) });
  for (const trait of file.traits) if (!going.includes(trait) && !blocking.includes(trait) && !wouldLose.includes(trait)) found.push({ kind: "plain", text: words.trait(trait), title: words.t("trait_title", { trait: words.trait(trait) }) });
  return found.length > MOST_BADGES ? [...found.slice(0, MOST_BADGES), { kind: "plain", text: `+${found.length - MOST_BADGES}`, title: found.slice(MOST_BADGES).map((more) => more.text).join(", ") }] : found;
}

/** @param {Badge} one */
const badge = ({ kind, text, title }) => html`<span class=${`badge ${kind}`} title=${title}>${text}</span>`;

/** @param {State} state @param {Deeds} deeds @param {FileRow} file */
function actions({ words, batch }, deeds, file) {
  const button = (/** @type {string} */ picture, /** @type {string} */ key, /** @type {() => unknown} */ deed) => html`
    <button class="act" tabindex="-1" aria-label=${words.t(`${key}_this`, { name: file.name })} title=${words.t(key)} @click=${deed}>${icon(picture)}</button>`;
  const again = file.state === "failed" || file.state === "cancelled";
  const busy = ACTIVE.has(file.state) || file.state === "queued";
  return html`<span class="actions">
    ${button("square-split-horizontal", "compare", () => deeds.compare(file.file_id))}
    ${again && !batch ? button("rotate-ccw", "retry", () => deeds.compress([file.file_id])) : nothing}
    ${button("folder-open", "reveal", () => deeds.reveal(file.file_id))}
    ${busy ? button("x", "stop", () => deeds.cancelJobs([file.file_id])) : button("trash-2", "remove", () => deeds.remove([file.file_id]))}
  </span>`;
}

/** A key among the buttons of a row: arrows move, Escape and Left of the first return to the list. @param {KeyboardEvent} event @param {HTMLElement} list */
export function amongActions(event, list) {
  const button = /** @type {HTMLElement} */ (event.target);
  if (!button.closest(".actions")) return;
  const { previousElementSibling: before, nextElementSibling: after } = button;
  const goes = (/** @type {Element | null} */ to) => {
    event.preventDefault();
    event.stopPropagation();
    /** @type {HTMLElement | null} */ (to)?.focus();
  };
  if (event.key === "Escape" || (event.key === "ArrowLeft" && !before)) goes(list);
  else if (event.key === "ArrowLeft") goes(before);
  else if (event.key === "ArrowRight") goes(after);
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") list.focus();
}
