// The virtual list: only the rows that are seen exist. Mouse, keyboard, columns; a row is in `row.js`.
import { html, noChange, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "../../vendor/virtual-core/index.js";
import { icon } from "../icon.js";
import { moved } from "../selection.js";
import { assigned } from "../slots.js";
import { amongActions, row, shownBy } from "./row.js";

/** @import { Deeds } from "../deeds.js" */
/** @import { Slot } from "../slots.js" */
/** @import { State } from "../store.js" */

const ROW_REM = 3.5;
const HEAD_REM = 2;
const TICK_MS = 250; // how often predicted positions move
const ACTIVE = new Set(["reading", "encoding", "verifying", "saving"]);
/** Which sort belongs to which column. */
const COLUMNS = [
  { key: "name", sort: "name" },
  { key: "picture", sort: "input_format" },
  { key: "size", sort: "original_size" },
  { key: "saved", sort: "savings_percent" },
];

export class List {
  /** @param {Deeds} deeds */
  constructor(deeds) {
    this.deeds = deeds;
    this.element = document.createElement("div");
    this.element.id = "list";
    this.element.className = "list";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "grid");
    this.element.setAttribute("aria-multiselectable", "true");
    this.element.setAttribute("data-first", "");
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("click", (event) => this.press(event));
    this.element.addEventListener("dblclick", (event) => this.twice(event));
    /** @type {State | null} */
    this.state = null;
    this.rem = 16;
    this.cursor = -1;
    this.virtualizer = new Virtualizer(this.options(0));
    /** @type {(() => void) | undefined} */
    this.leave = undefined;
    this.timer = 0;
    /** @type {Slot[]} */
    this.slots = [];
    /** What each of them shows. @type {Map<number, unknown[]>} */
    this.shown = new Map();
    this.text_percent = NaN;
    this.behind = false;
  }

  /** @param {number} count */
  options(count) {
    return {
      count,
      getScrollElement: () => this.element,
      estimateSize: () => ROW_REM * this.rem,
      scrollMargin: HEAD_REM * this.rem,
      scrollPaddingStart: HEAD_REM * this.rem,
      overscan: 4,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.draw(),
    };
  }

  attach() {
    this.leave = this.virtualizer._didMount();
    this.timer = window.setInterval(() => this.tick(), TICK_MS);
  }

  detach() {
    this.leave?.();
    clearInterval(this.timer);
  }

  /** @param {State} state */
  update(state) {
    this.state = state;
    const text_percent = state.preferences?.text_percent ?? 100;
    const resized = text_percent !== this.text_percent;
    // Asked only where it can have changed: the answer makes the browser lay out what has changed so far.
    if (resized) this.rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    this.text_percent = text_percent;
    this.virtualizer.setOptions(this.options(state.total));
    if (resized) this.virtualizer.measure();
    this.virtualizer._willUpdate();
    if (state.selection.cursor !== this.cursor) {
      this.cursor = state.selection.cursor;
      if (this.cursor >= 0) this.virtualizer.scrollToIndex(this.cursor, { align: "auto" });
    }
    this.draw();
  }

  /** Between two events only the predicted positions move. */
  tick() {
    const { state } = this;
    if (!state?.batch || state.batch.state !== "running" || this.element.offsetParent === null) return;
    const seen = this.virtualizer.getVirtualItems();
    if (seen.some(({ index }) => ACTIVE.has(state.files.get(state.order.get(index) ?? -1)?.state ?? ""))) this.draw();
  }

  draw() {
    const { state } = this;
    if (!state) return;
    const items = this.virtualizer.getVirtualItems();
    const head = HEAD_REM * this.rem;
    const now = performance.now();
    const { words, selection, total } = state;
    const starts = new Map(items.map(({ index, start }) => [index, start - head]));
    this.recycle([...starts.keys()]);
    this.say("aria-label", words.t("pictures_label"));
    this.say("aria-rowcount", String(total + 1));
    this.say("aria-activedescendant", starts.has(selection.cursor) ? `row-${selection.cursor}` : null);
    const before = this.shown;
    this.shown = new Map();
    /** @param {Slot} slot */
    const drawn = ({ key, index }) => {
      const top = starts.get(index) ?? 0;
      const shown = [top, ...shownBy(state, index, now)];
      this.shown.set(key, shown);
      return before.get(key)?.every((value, place) => value === shown[place]) ? noChange : row(state, this.deeds, index, top, now);
    };
    render(
      html`${this.head(state)}
        <div class="rows" role=${total > 0 ? "rowgroup" : "presentation"} .style=${`height:${this.virtualizer.getTotalSize()}px`}>
          ${repeat(this.slots, ({ key }) => key, drawn)}
        </div>
        ${total === 0 ? html`<p class="none muted">${words.t("nothing_found")}</p>` : nothing}`,
      this.element,
    );
    const behind = this.deeds.state.view !== "compress"; // another view: its height is nothing, and so is what it shows
    if (this.behind && !behind) this.returned();
    this.behind = behind;
    this.deeds.rows.moving = this.virtualizer.isScrolling && !behind;
    if (behind) return;
    if (items.length > 0) this.deeds.rows.look(items[0].index, items[items.length - 1].index);
    else if (state.stale > 0) this.deeds.rows.look(0, 0);
  }

  /** It is in sight again where it was, which nobody tells: what it heard of as it was hidden was a place of 0. */
  returned() {
    if (this.virtualizer.scrollOffset !== this.element.scrollTop) queueMicrotask(() => this.element.dispatchEvent(new Event("scroll")));
  }

  /** An attribute of the list; null: none. To set one to what it is costs as much as to change it. @param {string} name @param {string | null} value */
  say(name, value) {
    if (this.element.getAttribute(name) === value) return;
    if (value === null) this.element.removeAttribute(name);
    else this.element.setAttribute(name, value);
  }

  /** Elements for these rows; the keyboard never follows an element to another row. @param {number[]} indices */
  recycle(indices) {
    const row = document.activeElement?.closest(".rows .row");
    const inside = row && this.element.contains(row);
    if (inside && !indices.includes(Number(row.id.slice("row-".length)))) this.element.focus({ preventScroll: true });
    // To move an element takes the focus from what is in it.
    this.slots = assigned(this.slots, indices, this.virtualizer.isScrolling || Boolean(inside));
  }

  /** @param {State} state */
  head({ words, sort }) {
    return html`
      <div class="row head" role="row" aria-rowindex="1">
        <span role="columnheader" class="cell-thumb"><span class="unseen">${words.t("preview")}</span></span>
        ${COLUMNS.map(({ key, sort: column }) => {
          const order = sort === column ? "ascending" : sort === `-${column}` ? "descending" : "none";
          return html`<span role="columnheader" class=${`cell-${key}`} aria-sort=${order}>
            <button class="sort" @click=${() => this.deeds.sortBy(column)} title=${words.t("sort_by", { column: words.t(`column_${key}`) })}>
              ${words.t(`column_${key}`)}${order === "none" ? nothing : html`<span class=${`turn ${order}`}>${icon("chevron-down")}</span>`}
            </button></span>`;
        })}
      </div>`;
  }

  /** The place of the row that an event happened in, or -1. @param {Event} event */
  place(event) {
    const target = event.target instanceof Element ? event.target : null;
    if (!target || target.closest("button")) return -1;
    const found = target.closest("[data-index]");
    return found ? Number(/** @type {HTMLElement} */ (found).dataset.index) : -1;
  }

  /** @param {MouseEvent} event */
  press(event) {
    const index = this.place(event);
    if (index >= 0) void this.deeds.choosing.row(index, { shift: event.shiftKey, control: event.ctrlKey || event.metaKey });
  }

  /** @param {MouseEvent} event */
  twice(event) {
    const id = this.deeds.state.order.get(this.place(event));
    if (id !== undefined) this.deeds.compare(id);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.target !== this.element) return amongActions(event, this.element);
    if (event.altKey) return undefined;
    // The newest state: keys may come faster than frames.
    const { total, selection } = this.deeds.state;
    const at = selection.cursor;
    const page = Math.max(1, Math.floor(this.element.clientHeight / (ROW_REM * this.rem)) - 2);
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? total - 1 : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: total - 1 };
    const to = steps[event.key];
    if (to !== undefined && total > 0) {
      event.preventDefault();
      return this.move(Math.min(Math.max(to, 0), total - 1), event);
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") return this.stop(event, () => this.deeds.choosing.all());
    if (event.ctrlKey || event.metaKey) return undefined;
    if (event.key === "Escape") return this.stop(event, () => this.deeds.choosing.none());
    // What is chosen may be rows that were never seen, the one under the cursor too: no key waits for its row.
    if (event.key === "Delete" || event.key === "Backspace") return this.stop(event, () => this.deeds.removeHere());
    if (at < 0) return undefined;
    if (event.key === " ") return this.stop(event, () => this.deeds.choosing.row(at, { shift: event.shiftKey, control: true }));
    if (event.key === "Enter") return this.stop(event, () => this.deeds.compareHere());
    if (event.key === "ArrowRight") return this.stop(event, () => /** @type {HTMLElement | null} */ (this.element.querySelector(`#row-${at} .actions button`))?.focus());
    return undefined;
  }

  /** @param {number} index @param {KeyboardEvent} event */
  async move(index, event) {
    this.virtualizer.scrollToIndex(index, { align: "auto" });
    this.cursor = index;
    const { deeds } = this;
    if (event.shiftKey) return deeds.choosing.to(index);
    deeds.store.set({ selection: moved(deeds.state.selection, index) });
    return event.ctrlKey || event.metaKey ? undefined : deeds.choosing.row(index, { shift: false, control: false });
  }

  /** @param {Event} event @param {() => unknown} deed */
  stop(event, deed) {
    event.preventDefault();
    event.stopPropagation();
    void deed();
  }
}
