// Settings: what a new list starts with, presets, the machine, how Plume looks, and what is stored where.
import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { get_database_info } from "../contract.js";
import { number, size } from "../format.js";
import { LANGUAGES } from "../i18n.js";
import { icon } from "../icon.js";
import { mainFields, metadataField, moreFields, outputFields, presetField, presetName } from "./choices.js";
import { segments, select } from "./controls.js";
import { choose_output_folder } from "../contract.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { Output, Preferences, Settings } from "../contract.js" */
/** @import { State } from "../store.js" */

const GB = 1_000_000_000;
const UNDO_DAYS = [1, 7, 30, 90, 365];
const UNDO_LIMITS = [1, 2, 5, 10, 20, 50, 100];
const SAVE_WAIT_MS = 300;

/** @param {HTMLElement} element @param {Deeds} deeds */
export function mount(element, deeds) {
  let asked = "";
  return (/** @type {State} */ state) => {
    const key = `${state.statistics_stale} ${state.view}`;
    if (key !== asked) {
      asked = key;
      void deeds.attempt(get_database_info()).then((database) => database && deeds.store.set({ database }));
    }
    if (state.preferences) render(page(state, state.preferences, deeds), element);
  };
}

/** @param {State} state @param {Preferences} preferences @param {Deeds} deeds */
function page(state, preferences, deeds) {
  const { words } = state;
  return html`
    <header class="bar"><h1 tabindex="-1" data-first>${words.t("settings")}</h1></header>
    <div class="prefs" tabindex="0" role="region" aria-label=${words.t("settings")}>
      ${look(state, preferences, deeds)}${defaults(state, preferences, deeds)}${presets(state, preferences, deeds)}${machine(state, preferences, deeds)}${stored(state)}
    </div>`;
}

/** @param {State} state @param {Preferences} preferences @param {Deeds} deeds */
function look({ words }, preferences, deeds) {
  return html`<section class="card"><h2>${words.t("look")}</h2><div class="grid">
    ${segments({ name: "theme", label: words.t("theme"), value: preferences.theme, pick: (theme) => deeds.prefer({ theme: /** @type {any} */ (theme) }), choices: ["system", "light", "dark"].map((value) => ({ value, text: words.t(`theme_${value}`) })) })}
    ${select({ label: words.t("language"), value: preferences.language, pick: (language) => deeds.prefer({ language: /** @type {any} */ (language) }), choices: [{ value: "system", text: words.t("language_system") }, ...Object.entries(LANGUAGES).map(([value, text]) => ({ value, text }))] })}
    ${select({ label: words.t("text_size"), value: String(preferences.text_percent), pick: (value) => deeds.prefer({ text_percent: Number(value) }), choices: [100, 125, 150, 175, 200].map((value) => ({ value: String(value), text: words.t("percent_value", { value }) })) })}
  </div></section>`;
}

/** Sliders tell many values in a row: only the last is saved. @type {ReturnType<typeof setTimeout> | undefined} */
let saving;

/** @param {Deeds} deeds @param {Settings} settings */
function keep(deeds, settings) {
  const { preferences } = deeds.state;
  if (!preferences) return;
  deeds.store.set({ preferences: { ...preferences, settings }, settings });
  clearTimeout(saving);
  saving = setTimeout(() => deeds.prefer({ settings }), SAVE_WAIT_MS);
}

/** @param {State} state @param {Preferences} preferences @param {Deeds} deeds */
function defaults({ words, formats, presets: all }, preferences, deeds) {
  const { settings, output } = preferences;
  const fields = { words, formats, name: "default", settings, adjust: (/** @type {Partial<Settings>} */ change) => keep(deeds, { ...settings, ...change }) };
  const place = async (/** @type {Partial<Output>} */ change) => {
    let next = { ...output, ...change };
    if (next.policy === "folder" && (change.policy || !next.folder_id)) {
      const chosen = await deeds.attempt(choose_output_folder());
      if (!chosen?.folder_id) return deeds.store.set({ preferences: { ...preferences } });
      next = { ...next, folder_id: chosen.folder_id, folder_label: chosen.label };
    }
    deeds.store.set({ output: next });
    return deeds.prefer({ output: next });
  };
  return html`<section class="card"><h2>${words.t("defaults")}</h2><p class="note">${words.t("defaults_note")}</p><div class="grid">
    ${presetField({ words, presets: all, settings, pick: (chosen) => keep(deeds, chosen) })}${mainFields(fields)}${metadataField(fields)}${outputFields({ words, output, place })}${moreFields(fields)}
  </div></section>`;
}

/** @param {State} state @param {Preferences} preferences @param {Deeds} deeds */
function presets({ words, presets: all }, preferences, deeds) {
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.target).elements.namedItem("preset"));
    const name = field.value.trim();
    if (!name) return field.focus();
    field.value = "";
    return void deeds.savePreset(name, preferences.settings);
  };
  return html`<section class="card"><h2>${words.t("presets")}</h2><p class="note">${words.t("presets_note")}</p>
    <ul class="names">${all.map((preset) => html`<li><span>${presetName(words, preset)}</span><span class="faint">${preset.built_in ? words.t("built_in") : nothing}</span>
      ${preset.built_in ? nothing : html`<button class="btn small quiet square" aria-label=${words.t("delete_preset", { name: preset.name })} title=${words.t("delete_preset", { name: preset.name })} @click=${() => deeds.deletePreset(preset.preset_id)}>${icon("trash-2")}</button>`}</li>`)}</ul>
    <form class="naming" @submit=${save}><label><span class="unseen">${words.t("preset_name")}</span><input class="text" name="preset" type="text" maxlength="60" autocomplete="off" placeholder=${words.t("preset_name")}></label>
      <button class="btn" type="submit">${words.t("save_preset")}</button></form>
  </section>`;
}

/** @param {State} state @param {Preferences} preferences @param {Deeds} deeds */
function machine({ words }, preferences, deeds) {
  const { language } = words;
  const counts = Array.from({ length: Math.max(preferences.processors, preferences.workers ?? 1) }, (_, index) => index + 1);
  const listed = (/** @type {number[]} */ some, /** @type {number} */ value) => [...new Set([...some, value])].sort((a, b) => a - b);
  return html`<section class="card"><h2>${words.t("machine")}</h2><div class="grid">
    ${select({ label: words.t("workers"), value: String(preferences.workers ?? ""), note: words.t("workers_note"), pick: (value) => deeds.prefer({ workers: value === "" ? null : Number(value) }), choices: [{ value: "", text: words.t("workers_auto", { count: preferences.processors }) }, ...counts.map((count) => ({ value: String(count), text: number(count, language) }))] })}
    ${select({ label: words.t("undo_days"), value: String(preferences.undo_days), note: words.t("undo_note"), pick: (value) => deeds.prefer({ undo_days: Number(value) }), choices: listed(UNDO_DAYS, preferences.undo_days).map((count) => ({ value: String(count), text: words.t("days", { count }) })) })}
    ${select({ label: words.t("undo_limit"), value: String(preferences.undo_limit), pick: (value) => deeds.prefer({ undo_limit: Number(value) }), choices: listed(UNDO_LIMITS.map((count) => count * GB), preferences.undo_limit).map((bytes) => ({ value: String(bytes), text: size(bytes, language, 0) })) })}
  </div></section>`;
}

/** @param {State} state */
function stored({ words, database, version }) {
  const { language } = words;
  const line = (/** @type {string} */ name, /** @type {string} */ path, /** @type {string} */ facts) => html`<dt>${words.t(name)}</dt><dd><code>${path}</code><span class="faint">${facts}</span></dd>`;
  return html`<section class="card"><h2>${words.t("stored")}</h2><p class="note">${words.t("stored_note")}</p>
    ${database ? html`<dl>
      ${line("stored_history", database.path, words.t("stored_rows", { count: database.rows, size: size(database.size, language), version: database.schema_version }))}
      ${line("stored_originals", database.undo_path, words.t("stored_files", { count: database.undo_files, size: size(database.undo_size, language) }))}
      ${line("stored_log", database.log_path, "")}
    </dl>` : nothing}<p class="faint">Plume ${version}</p></section>`;
}
