// One picture of the sprite, hidden from screen readers: the words stand beside it.
import { html } from "../vendor/lit-html/lit-html.js";

/** @param {string} name */
export function icon(name) {
  return html`<svg class="icon" aria-hidden="true" focusable="false"><use href="vendor/lucide/sprite.svg#${name}"></use></svg>`;
}
