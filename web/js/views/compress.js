// The Compress view: a bar above, the list and its settings, the totals below.
import { html, render } from "../../vendor/lit-html/lit-html.js";
import { live } from "../../vendor/lit-html/directives/live.js";
import { size } from "../format.js";
import { icon } from "../icon.js";
import { empty } from "./empty.js";
import { footer } from "./footer.js";
import { List } from "./list.js";
import { panel } from "./panel.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { Filter } from "../contract.js" */
/** @import { State } from "../store.js" */

/** @type {Filter["state"][]} */
const STATES = ["all", "waiting", "written", "kept", "failed"];

/** @param {HTMLElement} element @param {Deeds} deeds */
export function mount(element, deeds) {
  const list = new List(deeds);
  let held = false; // while the list is empty its scroll element is not in the page
  return (/** @type {State} */ state) => {
    const some = state.list.files > 0;
    render(some ? full(state, deeds, list) : html`<header class="bar"><h1>Plume</h1></header>${empty(state, deeds)}`, element);
    if (some !== held) {
      held = some;
      if (some) list.attach();
      else list.detach();
    }
    if (some) list.update(state);
  };
}

/** @param {State} state @param {Deeds} deeds @param {List} list */
function full(state, deeds, list) {
  return html`${bar(state, deeds)}
    <div class="split">
      <div class="sheet">${list.element}${chosen(state, deeds)}</div>
      ${panel(state, deeds)}
    </div>
    ${footer(state, deeds)}`;
}

/** @param {State} state @param {Deeds} deeds */
function bar(state, deeds) {
  const { words, list, filter, scan, batch } = state;
  const text = (/** @type {any} */ event) => deeds.filterBy({ text: event.target.value });
  const pick = (/** @type {any} */ event) => deeds.filterBy({ state: event.target.value });
  return html`
    <header class="bar">
      <h1>${words.t("pictures", { count: list.files })}</h1>
      <span class="muted">${size(list.original_size, words.language)}</span>
      ${scan?.running ? html`<span class="muted">${words.t("scanning", { count: scan.found })}</span>` : ""}
      <span class="grow"></span>
      <label class="search">
        ${icon("search")}<span class="unseen">${words.t("filter_label")}</span>
        <input id="filter" type="search" placeholder=${words.t("filter_hint")} .value=${live(filter.text)} @input=${text} autocomplete="off" spellcheck="false">
      </label>
      <label class="pick"><span class="unseen">${words.t("show_label")}</span>
        <select @change=${pick}>
          ${STATES.map((name) => html`<option value=${name} .selected=${name === filter.state}>${words.t(`show_${name}`)}${count(state, name)}</option>`)}
        </select>${icon("chevron-down")}</label>
      <button class="btn" title=${`${words.t("add_files")} (Ctrl+O)`} @click=${deeds.addFiles}>${icon("plus")}<span class="word">${words.t("files")}</span></button>
      <button class="btn" title=${words.t("add_folder")} @click=${deeds.addFolder}>${icon("folder")}<span class="word">${words.t("folder")}</span></button>
      <button class="btn quiet" title=${words.t("clear_title")} ?disabled=${batch !== null} @click=${() => deeds.remove()}>${words.t("clear")}</button>
      <button class="btn drawer" aria-expanded=${state.panel_open} aria-controls="panel" aria-label=${words.t("compression_settings")} title=${words.t("compression_settings")}
        @click=${() => deeds.store.set({ panel_open: !state.panel_open })}>${icon("sliders-horizontal")}</button>
    </header>`;
}

/** @param {State} state @param {Filter["state"]} name */
function count({ list, words }, name) {
  const number = name === "all" ? 0 : list[name];
  return number > 0 ? ` (${words.shown(number, undefined)})` : "";
}

/** What can be done with several chosen rows. @param {State} state @param {Deeds} deeds */
function chosen(state, deeds) {
  const { words, selection, batch, starting } = state;
  const ids = [...selection.ids];
  if (ids.length < 2) return "";
  return html`
    <div class="chosen" role="toolbar" aria-label=${words.t("selected", { count: ids.length })}>
      <span>${words.t("selected", { count: ids.length })}</span>
      <button class="btn small" ?disabled=${batch !== null || starting} @click=${() => deeds.compress(ids)}>${words.t("compress_selected")}</button>
      <button class="btn small" @click=${() => deeds.remove(ids)}>${words.t("remove")}</button>
      <button class="btn small quiet square" aria-label=${words.t("select_none")} title=${words.t("select_none")} @click=${() => deeds.choosing.none()}>${icon("x")}</button>
    </div>`;
}
