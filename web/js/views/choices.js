// The fields of `settings` and `output`, the same in the panel and in the Settings view.
import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { segments, select, slider, check } from "./controls.js";

/** @import { Format, Output, Preset, Settings } from "../contract.js" */
/** @import { Words } from "../i18n.js" */
/** @typedef {{ words: Words, formats: Format[], name: string, settings: Settings, adjust: (change: Partial<Settings>) => unknown }} Fields */

const PROTECTED = ["animation", "bit_depth", "gain_map", "motion_photo", "embedded_pictures"];

/** The preset that these settings are, or "". @param {Preset[]} presets @param {Settings} settings */
export function presetOf(presets, settings) {
  const text = canonical(settings);
  return presets.find((preset) => canonical(preset.settings) === text)?.preset_id ?? "";
}

/** @param {Settings} settings */
function canonical(settings) {
  return JSON.stringify(Object.entries({ ...settings, allow_losses: [...settings.allow_losses].sort() }).sort());
}

/** @param {Words} words @param {Preset} preset */
export function presetName(words, preset) {
  return preset.built_in ? words.t(`preset_${preset.preset_id}`) : preset.name;
}

/** @param {{ words: Words, presets: Preset[], settings: Settings, pick: (settings: Settings) => unknown }} fields */
export function presetField({ words, presets, settings, pick }) {
  const value = presetOf(presets, settings);
  const choices = presets.map((preset) => ({ value: preset.preset_id, text: presetName(words, preset) }));
  return select({
    label: words.t("preset"), value, pick: (id) => {
      const preset = presets.find((found) => found.preset_id === id);
      if (preset) pick(preset.settings);
    },
    choices: value ? choices : [{ value: "", text: words.t("preset_own") }, ...choices],
  });
}

/** The format, the quality and the mode. @param {Fields} fields */
export function mainFields({ words, formats, name, settings, adjust }) {
  const target = formats.find((format) => format.name === settings.output_format);
  const writable = formats.filter((format) => format.can_write);
  return html`
    ${segments({
      name: `${name}-format`, label: words.t("format"), value: settings.output_format, pick: (output_format) => adjust({ output_format }),
      choices: [{ value: "keep", text: words.t("format_keep") }, ...writable.map((format) => ({ value: format.name, text: format.label }))],
    })}
    ${slider({ label: words.t("quality"), value: settings.quality, min: target?.quality_min ?? 1, max: target?.quality_max ?? 100, move: (quality) => adjust({ quality }), disabled: settings.lossless })}
    ${segments({
      name: `${name}-mode`, label: words.t("mode"), value: settings.lossless ? "lossless" : "lossy", pick: (mode) => adjust({ lossless: mode === "lossless" }),
      choices: [{ value: "lossy", text: words.t("lossy") }, { value: "lossless", text: words.t("lossless"), disabled: target ? !target.lossless : false }],
    })}`;
}

/** @param {Fields} fields */
export function metadataField({ words, settings, adjust }) {
  return select({
    label: words.t("metadata"), value: settings.metadata, pick: (metadata) => adjust({ metadata: /** @type {any} */ (metadata) }), note: words.t(`metadata_${settings.metadata}_note`),
    choices: ["safe", "all", "none"].map((value) => ({ value, text: words.t(`metadata_${value}`) })),
  });
}

/** @param {{ words: Words, output: Output, place: (change: Partial<Output>) => unknown }} fields */
export function outputFields({ words, output, place }) {
  return html`
    ${select({
      label: words.t("output"), value: output.policy, pick: (policy) => place({ policy: /** @type {any} */ (policy) }), note: words.t(`output_${output.policy}_note`),
      choices: ["suffix", "folder", "in_place"].map((value) => ({ value, text: words.t(`output_${value}`) })),
    })}
    ${output.policy === "folder" ? html`<div class="folder"><span class="where" title=${output.folder_label ?? ""}>${output.folder_label ?? "\u2014"}</span>
      <button class="btn small" @click=${() => place({ policy: "folder", folder_id: null })}>${words.t("change")}</button></div>` : nothing}`;
}

/** What few people need. @param {Fields} fields */
export function moreFields({ words, name, settings, adjust }) {
  const allow = (/** @type {string} */ trait, /** @type {boolean} */ yes) =>
    adjust({ allow_losses: PROTECTED.filter((other) => (other === trait ? yes : settings.allow_losses.includes(other))) });
  return html`
    ${segments({
      name: `${name}-effort`, label: words.t("effort"), value: settings.effort, pick: (effort) => adjust({ effort: /** @type {any} */ (effort) }),
      choices: ["fast", "balanced", "max"].map((value) => ({ value, text: words.t(`effort_${value}`) })),
    })}
    ${slider({ label: words.t("min_savings"), value: settings.min_savings_percent, min: 0, max: 50, shown: words.t("percent_value", { value: settings.min_savings_percent }), move: (min_savings_percent) => adjust({ min_savings_percent }) })}
    <fieldset class="field"><legend>${words.t("allow_losses")}</legend>
      ${PROTECTED.map((trait) => check({ label: words.trait(trait), value: settings.allow_losses.includes(trait), set: (yes) => allow(trait, yes) }))}
    </fieldset>`;
}
