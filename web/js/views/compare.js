// Compare: two pictures under one split. The pixels come from Python, for the part that is seen.
import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { change, savedPercent, size } from "../format.js";
import { clamped, cssScale, placed } from "../geometry.js";
import { icon } from "../icon.js";
import { Hands } from "./hands.js";
import { Previews } from "../previews.js";
import { segments, slider } from "./controls.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { FileRow, PreviewReady } from "../contract.js" */
/** @import { Point, Sight, Zoom } from "../geometry.js" */
/** @import { State } from "../store.js" */

const PAN_WAIT_MS = 120;

/** @param {HTMLElement} element @param {Deeds} deeds */
export function mount(element, deeds) {
  const view = new CompareView(element, deeds);
  return (/** @type {State} */ state) => view.update(state);
}

/** What is shown; the hands are in `hands.js`. */
export class CompareView {
  /** @param {HTMLElement} element @param {Deeds} deeds */
  constructor(element, deeds) {
    this.element = element;
    this.deeds = deeds;
    this.file_id = -1;
    /** @type {Zoom} */
    this.zoom = "fit";
    /** @type {Point} */
    this.centre = { x: 0, y: 0 };
    this.split = 0.5;
    this.flicker = false;
    this.stage = { width: 1, height: 1 };
    this.previews = new Previews(deeds, (centre) => (this.centre = centre));
    this.hands = new Hands(this);
    new ResizeObserver(() => this.measured()).observe(element);
    addEventListener("keydown", (event) => this.hands.key(event, true));
    addEventListener("keyup", (event) => this.hands.key(event, false));
    addEventListener("blur", () => this.setFlicker(false));
  }

  get state() {
    return this.deeds.state;
  }

  /** @param {State} state */
  update(state) {
    const { compare } = state;
    if (!compare) return;
    if (compare.file_id !== this.file_id) {
      this.file_id = compare.file_id;
      this.zoom = "fit";
      this.split = 0.5;
      this.previews.forget();
      this.centre = { x: this.picture().width / 2, y: this.picture().height / 2 };
    }
    void this.previews.arrived();
    this.draw();
    this.ask();
  }

  picture() {
    const { compare, files } = this.state;
    const row = files.get(compare?.file_id ?? -1);
    return { width: compare?.base?.width || row?.width || 1, height: compare?.base?.height || row?.height || 1 };
  }

  /** @returns {Sight} */
  sight() {
    return { picture: this.picture(), stage: this.stage, zoom: this.zoom, centre: this.centre, ratio: devicePixelRatio || 1 };
  }

  measured() {
    const stage = this.element.querySelector(".stage");
    if (!stage || !this.state.compare) return;
    const { width, height } = stage.getBoundingClientRect();
    if (width === this.stage.width && height === this.stage.height) return;
    this.stage = { width, height };
    this.draw();
    this.ask(PAN_WAIT_MS);
  }

  /** @param {number} [wait] */
  ask(wait = 0) {
    if (this.stage.width > 1) this.previews.ask(this.sight(), wait);
  }

  /** @param {Partial<NonNullable<State["compare"]>>} values */
  change(values) {
    if (this.state.compare) this.deeds.store.set({ compare: { ...this.state.compare, ...values } });
  }

  draw() {
    const { state, hands } = this;
    const { compare, words, files, formats } = state;
    if (!compare) return;
    const row = files.get(compare.file_id);
    const { language } = words;
    const latest = compare.part && this.zoom !== "fit" ? compare.part : compare.base;
    const back = () => this.back();
    // The file's own format is what the last look found: of one that was converted in place, the row tells what it was before.
    const own = (compare.shown?.output_format === "keep" ? latest?.output_format : null) ?? row?.input_format;
    const target = compare.settings.output_format === "keep" ? own : compare.settings.output_format;
    const label = formats.find((format) => format.name === target)?.label ?? "";
    const original = latest?.original_size ?? row?.original_size ?? null;
    // A size belongs to the quality it was made with: none is told while the next one is on its way.
    const current = compare.shown === compare.settings;
    const after = current ? latest?.compressed_size ?? latest?.estimate?.compressed_size ?? null : null;
    const real = latest?.compressed_size !== null && latest?.compressed_size !== undefined;
    const saving = original !== null && after !== null ? ` · ${change(savedPercent(original, after), language)}` : "";
    const quality = compare.settings.lossless ? words.t("lossless") : compare.settings.quality;
    const { width, height } = this.picture();
    render(html`
      <header class="bar">
        <button class="btn quiet" @click=${back}>${icon("chevron-left")}${words.t("back")}</button>
        <h1 class="title" title=${row?.name ?? ""}>${row?.name ?? ""}</h1>
        <span class="muted dims">${width > 1 ? `${width} × ${height}` : ""}</span>
        <span class="grow"></span>
        ${segments({ name: "zoom", label: words.t("zoom"), hidden: true, value: this.zoom, pick: (zoom) => this.setZoom(/** @type {Zoom} */ (zoom)),
          choices: [{ value: "fit", text: words.t("zoom_fit") }, { value: "100", text: words.t("percent_value", { value: 100 }) }, { value: "200", text: words.t("percent_value", { value: 200 }) }] })}
      </header>
      <div class=${`stage ${this.zoom}${this.flicker ? " flicker" : ""}`} tabindex="0" role="group" aria-label=${words.t("compare_label", { name: row?.name ?? "" })}
        @pointerdown=${(/** @type {PointerEvent} */ event) => hands.down(event)} @pointermove=${(/** @type {PointerEvent} */ event) => hands.drag?.(event)}
        @pointerup=${() => hands.release()} @pointercancel=${() => hands.release()} @dblclick=${(/** @type {MouseEvent} */ event) => hands.twice(event)} @wheel=${(/** @type {WheelEvent} */ event) => hands.wheel(event)}>
        ${compare.base?.before_url ? nothing : this.firstSight(row)}${this.layer("before")}${this.layer("after")}
        <div class="knife" role="slider" tabindex="0" data-first aria-label=${words.t("split")} aria-orientation="horizontal" aria-valuemin="0" aria-valuemax="100"
          aria-valuenow=${Math.round(this.split * 100)} .style=${`left:${this.split * 100}%`} @keydown=${(/** @type {KeyboardEvent} */ event) => hands.knife(event)}><span>${icon("chevron-left")}${icon("chevron-right")}</span></div>
        <span class="chip before">${words.t("original")} · ${size(original, language)}</span>
        ${this.flicker ? nothing : html`<span class="chip after">${compare.waiting || !current ? html`<span class="busy">${words.t("encoding")}</span>` : nothing}${label} ${quality}${after === null ? "" : ` · ${real ? "" : "~"}${size(after, language)}`}${saving}</span>`}
        ${this.trouble(latest)}
      </div>
      <footer class="foot">
        <div class="tune">
          ${slider({ label: words.t("quality"), value: compare.settings.quality, min: 1, max: 100, disabled: compare.settings.lossless, move: (value) => this.change({ settings: { ...compare.settings, quality: value } }) })}
          ${segments({ name: "compare-format", label: words.t("format"), hidden: true, value: compare.settings.output_format, pick: (output_format) => this.change({ settings: { ...compare.settings, output_format } }),
            choices: [{ value: "keep", text: words.t("format_keep") }, ...formats.filter((format) => format.can_write).map((format) => ({ value: format.name, text: format.label }))] })}
          <span class="muted hint">${words.t("flicker_hint")}</span>
        </div>
        <div class="deeds"><button class="btn primary" @click=${() => this.use()}>${words.t("use_for_this")}</button></div>
      </footer>`, this.element);
    if (this.stage.width <= 1) this.measured();
  }

  /** What the list has of it, until there are pixels: soft, so that nobody takes it for the result. @param {FileRow | undefined} row */
  firstSight(row) {
    if (!row?.thumbnail_url) return nothing;
    const { left, top, width, height } = placed(this.sight(), { x: 0, y: 0, ...this.picture() });
    return html`<div class="layer soft" aria-hidden="true"><img src=${row.thumbnail_url} alt="" draggable="false" .style=${`left:${left}px;top:${top}px;width:${width}px;height:${height}px`}></div>`;
  }

  /** One side: the whole picture below, the part that is seen in full above it. @param {"before" | "after"} side */
  layer(side) {
    const { compare } = this.state;
    const sight = this.sight();
    const clip = side === "before" && !this.flicker ? `clip-path:inset(0 ${(1 - this.split) * 100}% 0 0)` : "";
    const image = (/** @type {PreviewReady | null} */ preview) => {
      const url = preview?.[`${side}_url`];
      if (!preview || !url) return nothing;
      const { left, top, width, height } = placed(sight, preview.region ?? { x: 0, y: 0, width: preview.width, height: preview.height });
      return html`<img src=${url} alt="" draggable="false" .style=${`left:${left}px;top:${top}px;width:${width}px;height:${height}px`}>`;
    };
    return html`<div class=${`layer ${side}`} .style=${clip}>${image(compare?.base ?? null)}${this.zoom === "fit" ? nothing : image(compare?.part ?? null)}</div>`;
  }

  /** @param {PreviewReady | null | undefined} latest */
  trouble(latest) {
    const { words } = this.state;
    if (latest?.error) return html`<p class="trouble" role="alert">${words.error(latest.error)}</p>`;
    if (latest?.reason) return html`<p class="trouble">${words.reason(latest.reason, latest.estimate?.blocking ?? [])}</p>`;
    return nothing;
  }

  /** @param {Zoom} zoom @param {Point} [at] */
  setZoom(zoom, at) {
    if (at) this.centre = at;
    this.zoom = zoom;
    this.centre = clamped(this.sight());
    this.draw();
    this.ask();
  }

  /** @param {number} x @param {number} y  in CSS pixels */
  pan(x, y) {
    const scale = cssScale(this.sight());
    this.centre = { x: this.centre.x + x / scale, y: this.centre.y + y / scale };
    this.centre = clamped(this.sight());
    this.draw();
    this.ask(PAN_WAIT_MS);
  }

  /** @param {number} split */
  setSplit(split) {
    this.split = Math.min(1, Math.max(0, split));
    this.draw();
  }

  /** @param {boolean} flicker */
  setFlicker(flicker) {
    if (this.flicker === flicker) return;
    this.flicker = flicker;
    if (this.state.compare) this.draw();
  }

  back() {
    this.file_id = -1;
    this.deeds.go("compress");
  }

  use() {
    const { compare, overrides } = this.state;
    if (!compare) return;
    this.deeds.store.set({ overrides: { ...overrides, [compare.file_id]: compare.settings }, result: null });
    this.back();
  }
}

