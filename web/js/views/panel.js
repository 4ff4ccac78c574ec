// The panel on the right: how the next batch is compressed. The rest folds under More.
import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { icon } from "../icon.js";
import { mainFields, metadataField, moreFields, outputFields, presetField } from "./choices.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { State } from "../store.js" */

/** @param {State} state @param {Deeds} deeds */
export function panel(state, deeds) {
  const { words, formats, presets, settings, output, more, batch, panel_open, preferences } = state;
  const fields = { words, formats, name: "panel", settings, adjust: (/** @type {any} */ change) => deeds.adjust(change) };
  const defaults = preferences && preferences.settings === settings && preferences.output === output;
  const overridden = Object.keys(state.overrides).length;
  return html`
    <aside id="panel" class=${panel_open ? "panel open" : "panel"} aria-label=${words.t("compression_settings")}>
      ${presetField({ words, presets, settings, pick: (chosen) => deeds.adjust(chosen) })}
      ${mainFields(fields)}
      ${metadataField(fields)}
      ${outputFields({ words, output, place: (change) => deeds.place(change) })}
      ${overridden > 0 ? html`<p class="note">${words.t("overridden", { count: overridden })}
        <button class="link" @click=${() => deeds.store.set({ overrides: {} })}>${words.t("forget")}</button></p>` : nothing}
      ${more ? html`<div class="more">
        ${moreFields(fields)}
        ${output.policy === "suffix" ? suffix(state, deeds) : nothing}
        <button class="btn small" ?disabled=${defaults} @click=${() => deeds.prefer({ settings, output })}>${words.t("save_as_default")}</button>
      </div>` : nothing}
      ${batch ? html`<p class="note">${words.t("next_batch_note")}</p>` : nothing}
      <button class="fold" aria-expanded=${more} @click=${() => unfold(deeds, !more)}>
        ${words.t(more ? "less" : "more")}${icon(more ? "chevron-down" : "chevron-right")}</button>
    </aside>`;
}

/** @param {State} state @param {Deeds} deeds */
function suffix({ words, output }, deeds) {
  return html`<label class="field"><span class="label">${words.t("suffix")}</span>
    <input type="text" class="text" maxlength="40" spellcheck="false" autocomplete="off" .value=${output.suffix}
      @change=${(/** @type {any} */ event) => deeds.place({ suffix: event.target.value || "_compressed" })}></label>`;
}


/** Open or close the rest; what opened is brought into sight. @param {Deeds} deeds @param {boolean} more */
function unfold(deeds, more) {
  deeds.store.set({ more });
  if (more) setTimeout(() => document.querySelector("#panel .more")?.scrollIntoView({ block: "start" }), 50); // drawn in the next frame
}
