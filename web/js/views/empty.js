// The calm drop zone of an empty list; while a folder is read, how many pictures were found.
import { html } from "../../vendor/lit-html/lit-html.js";
import { icon } from "../icon.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { State } from "../store.js" */

/** @param {State} state @param {Deeds} deeds */
export function empty(state, deeds) {
  const { words, formats, scan } = state;
  const reading = scan?.running ?? false;
  const names = formats.map((format) => format.label).join(", ");
  return html`
    <div class="empty">
      <div class=${reading ? "zone reading" : "zone"}>
        <span class="sign">${icon("shrink")}</span>
        <h2>${words.t(reading ? "reading_title" : "drop_title")}</h2>
        <p class="muted">${scan && reading ? words.t("found", { count: scan.found }) : words.t("drop_text")}</p>
        <div class="choices">
          <button class="btn primary" data-first @click=${deeds.addFiles}>${words.t("choose_files")}</button>
          <button class="btn" @click=${deeds.addFolder}>${words.t("choose_folder")}</button>
        </div>
        <p class="faint">${names}</p>
      </div>
    </div>`;
}
