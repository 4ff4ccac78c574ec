// The slim rail on the left: the three places.
import { html, render } from "../../vendor/lit-html/lit-html.js";
import { icon } from "../icon.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { State, View } from "../store.js" */

/** @type {{ view: View, picture: string, key: string }[]} */
const PLACES = [
  { view: "compress", picture: "shrink", key: "1" },
  { view: "statistics", picture: "chart-column", key: "2" },
  { view: "settings", picture: "settings", key: "3" },
];

/** @param {HTMLElement} element @param {Deeds} deeds */
export function mount(element, deeds) {
  return (/** @type {State} */ state) => {
    element.setAttribute("aria-label", state.words.t("places"));
    const here = state.view === "compare" ? "compress" : state.view;
    const place = (/** @type {typeof PLACES[number]} */ { view, picture, key }) => html`
      <button class="place" data-view=${view} aria-current=${view === here ? "page" : "false"} aria-label=${state.words.t(view)}
        aria-keyshortcuts=${`Control+${key}`} title=${`${state.words.t(view)} (Ctrl+${key})`} @click=${() => deeds.go(view)}>
        ${icon(picture)}${view === "compress" && state.batch && here !== "compress" ? html`<span class="dot"></span>` : ""}
      </button>`;
    render(html`<span class="logo">${icon("feather")}</span>${PLACES.map(place)}`, element);
  };
}
