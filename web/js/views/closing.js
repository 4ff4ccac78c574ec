// The one question Plume asks: the window is to close while pictures are being compressed.
import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { State } from "../store.js" */

/** @param {HTMLElement} element @param {Deeds} deeds */
export function mount(element, deeds) {
  return (/** @type {State} */ state) => {
    const { words, closing } = state;
    const text = closing !== null && closing > 0 ? words.t("closing_text", { count: closing }) : words.t("closing_plain");
    render(closing === null ? nothing : html`
      <dialog class="ask" aria-labelledby="closing-title" aria-describedby="closing-text" @cancel=${(/** @type {Event} */ event) => { event.preventDefault(); void deeds.answerClose(false); }}>
        <h2 id="closing-title">${words.t("closing_title")}</h2>
        <p id="closing-text" class="muted">${text}</p>
        <div class="choices">
          <button class="btn primary" @click=${() => deeds.answerClose(false)}>${words.t("closing_stay")}</button>
          <button class="btn" @click=${() => deeds.answerClose(true)}>${words.t("closing_quit")}</button>
        </div>
      </dialog>`, element);
    const dialog = element.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  };
}
