// What just happened, with the way back. They go by themselves unless they are being looked at.
import { html, render } from "../../vendor/lit-html/lit-html.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { icon } from "../icon.js";
import { toastText } from "../live.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { State, Toast } from "../store.js" */

const SHOWN_MS = 20_000;
const PICTURES = { done: "check", info: "info", error: "triangle-alert" };

/** @param {HTMLElement} element @param {Deeds} deeds */
export function mount(element, deeds) {
  /** How long each has been shown without a pointer or the focus on it. @type {Map<number, number>} */
  const ages = new Map();
  element.className = "toasts";
  element.setAttribute("role", "region");
  setInterval(() => {
    const looked = element.matches(":hover") || element.contains(document.activeElement);
    if (looked || document.hidden) return;
    for (const toast of deeds.state.toasts) {
      const age = (ages.get(toast.id) ?? 0) + 1000;
      ages.set(toast.id, age);
      // A failure stays until it was read; how a batch ended is in the footer too.
      if (age >= SHOWN_MS && !toast.failure) gone(toast.id);
    }
  }, 1000);

  /** @param {number} id */
  const gone = (id) => {
    ages.delete(id);
    deeds.store.dispatch({ type: "toast_gone", id });
  };

  return (/** @type {State} */ state) => {
    const { words } = state;
    element.setAttribute("aria-label", words.t("messages"));
    const one = (/** @type {Toast} */ toast) => html`
      <div class=${`toast ${toast.kind}`}>
        ${icon(PICTURES[toast.kind])}<span class="said">${toastText(state, toast)}</span>
        ${toast.actions.map((action) => html`<button class="link" @click=${() => { gone(toast.id); void deeds.act(action); }}>${words.t(action.label)}</button>`)}
        <button class="close" aria-label=${words.t("dismiss")} title=${words.t("dismiss")} @click=${() => gone(toast.id)}>${icon("x")}</button>
      </div>`;
    render(html`${repeat(state.toasts, (toast) => toast.id, one)}`, element);
  };
}
