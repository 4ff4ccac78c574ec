// Small controls that several views share.
import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { live } from "../../vendor/lit-html/directives/live.js";
import { icon } from "../icon.js";

/** @typedef {{ value: string, text: string, disabled?: boolean }} Choice */

/** One of few, as a row of segments. @param {{ name: string, label: string, value: string, choices: Choice[], pick: (value: string) => unknown, hidden?: boolean, disabled?: boolean }} field */
export function segments({ name, label, value, choices, pick, hidden, disabled }) {
  return html`
    <fieldset class="field" ?disabled=${disabled}>
      <legend class=${hidden ? "unseen" : ""}>${label}</legend>
      <div class="seg">
        ${choices.map((choice) => html`<label>
          <input type="radio" name=${name} value=${choice.value} .checked=${live(choice.value === value)} ?disabled=${choice.disabled} @change=${() => pick(choice.value)}>
          <span>${choice.text}</span></label>`)}
      </div>
    </fieldset>`;
}

/** One of many. @param {{ label: string, value: string, choices: Choice[], pick: (value: string) => unknown, note?: string, disabled?: boolean }} field */
export function select({ label, value, choices, pick, note, disabled }) {
  return html`
    <label class="field">
      <span class="label">${label}</span>
      <span class="select">
        <select ?disabled=${disabled} @change=${(/** @type {any} */ event) => pick(event.target.value)}>
          ${choices.map((choice) => html`<option value=${choice.value} .selected=${live(choice.value === value)} ?disabled=${choice.disabled}>${choice.text}</option>`)}
        </select>${icon("chevron-down")}</span>
      ${note ? html`<span class="note">${note}</span>` : nothing}
    </label>`;
}

/** A number on a slider, shown beside its name. @param {{ label: string, value: number, min: number, max: number, step?: number, shown?: string, move: (value: number) => unknown, disabled?: boolean }} field */
export function slider({ label, value, min, max, step, shown, move, disabled }) {
  return html`
    <label class="field">
      <span class="label">${label}<b aria-hidden="true">${disabled ? "\u2014" : shown ?? value}</b></span>
      <input type="range" min=${min} max=${max} step=${step ?? 1} .value=${live(String(value))} aria-valuetext=${shown ?? value} ?disabled=${disabled}
        @input=${(/** @type {any} */ event) => move(Number(event.target.value))}>
    </label>`;
}

/** Yes or no. @param {{ label: string, value: boolean, set: (value: boolean) => unknown, note?: string }} field */
export function check({ label, value, set, note }) {
  return html`
    <label class="check"><input type="checkbox" .checked=${live(value)} @change=${(/** @type {any} */ event) => set(event.target.checked)}>
      <span>${label}${note ? html`<span class="note">${note}</span>` : nothing}</span></label>`;
}
