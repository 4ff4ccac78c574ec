// Saved over time as bars. Arrow keys and the pointer move along them; colours are the page's own, so both themes fit.
import { dateOf } from "../timeline.js";
import { size, span } from "../format.js";

/** @import uPlot from "../../vendor/uplot/uPlot.esm.js" */
/** @import { Words } from "../i18n.js" */
/** @import { Point, Timeline } from "../timeline.js" */

const HEIGHT_REM = 14;
const BAR_PX = 40;
const KEYS = Object.freeze({ ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -Infinity, End: Infinity });

/** It is loaded with the first chart: most windows are closed without one. @type {typeof uPlot | null} */
let Plot = null;

async function loaded() {
  Plot = (await import("../../vendor/uplot/uPlot.esm.js")).default;
}

export class Chart {
  /** @param {(point: Point) => string} tell what to say of one bar */
  constructor(tell) {
    this.tell = tell;
    this.element = document.createElement("div");
    this.element.className = "chart";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "application");
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    this.said = document.createElement("p");
    this.said.className = "unseen";
    this.said.setAttribute("aria-live", "polite");
    /** @type {uPlot | null} */
    this.plot = null;
    this.look = "";
    this.data = "";
    this.at = -1; // the bar that is told, -1 for none
    /** @type {[Timeline, Words] | null} */
    this.last = null;
    this.element.append(this.tip, this.said);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("focus", () => this.element.matches(":focus-visible") && this.move(this.at < 0 ? this.points.length - 1 : this.at, true));
    this.element.addEventListener("blur", () => this.move(-1));
    new ResizeObserver(() => this.last && this.draw(...this.last)).observe(this.element);
  }

  get points() {
    return this.last?.[0].points ?? [];
  }

  /** @param {Timeline} timeline @param {Words} words */
  draw(timeline, words) {
    this.last = [timeline, words];
    const width = Math.floor(this.element.clientWidth);
    if (width < 50) return;
    if (!Plot) {
      void loaded().then(() => this.last && this.draw(...this.last));
      return;
    }
    const style = getComputedStyle(document.documentElement);
    const rem = parseFloat(style.fontSize);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const columns = /** @type {[number[], number[]]} */ ([timeline.points.map((_, place) => place), timeline.points.map((point) => point.saved_bytes)]);
    const data = JSON.stringify(timeline);
    const look = JSON.stringify([words.language, rem, colour("--accent"), colour("--line"), colour("--faint"), timeline.unit]);
    if (look !== this.look) {
      this.plot?.destroy();
      this.plot = new Plot(this.options(words, width, rem, colour), columns, this.element);
    } else if (data !== this.data) {
      this.plot?.setData(columns); // in place: a running batch makes nothing flicker
    }
    const plot = /** @type {uPlot} */ (this.plot);
    if (plot.width !== width) plot.setSize({ width, height: plot.height });
    if (look === this.look && data === this.data) return;
    this.look = look;
    this.data = data;
    const total = columns[1].reduce((sum, value) => sum + value, 0);
    this.element.setAttribute("aria-label", words.t(`chart_label_${timeline.unit}`, { count: columns[0].length, size: size(total, words.language) }));
    if (this.at >= 0) this.move(Math.min(this.at, columns[0].length - 1));
  }

  /** @param {Words} words @param {number} width @param {number} rem @param {(name: string) => string} colour @returns {uPlot.Options} */
  options({ language }, width, rem, colour) {
    const font = `${0.72 * rem}px ${colour("--font")}`;
    const axis = { stroke: colour("--faint"), font, ticks: { show: false } };
    const name = (/** @type {number} */ place) => (this.points[place] ? span(dateOf(this.points[place].from), null, this.last?.[0].unit ?? "day", language) : "");
    return {
      width, height: Math.round(HEIGHT_REM * rem), padding: [1.75 * rem, 1.6 * rem, 0, 0], // what is told of a bar has room above them
     
      legend: { show: false }, select: /** @type {any} */ ({ show: false }),
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, move: (plot, left, top) => [left < 0 ? left : plot.valToPos(plot.posToIdx(left), "x"), top] },
      hooks: { setCursor: [(plot) => this.pointed(plot.cursor.left ?? -1, plot.cursor.idx)] },
      scales: { x: { time: false, range: (_, low, high) => [low - 0.5, high + 0.5] }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high) * 1.08] } },
      axes: [
        { ...axis, grid: { show: false }, size: 1.8 * rem, space: 5.5 * rem, incrs: [1, 2, 3, 4, 6, 7, 12, 14, 24], values: (_, splits) => splits.map(name), splits: (_, __, low, high, step) => marks(this.points.length, low, high, step) },
        { ...axis, grid: { stroke: colour("--line"), width: 1 }, size: 4 * rem, space: 2.6 * rem, values: (_, splits) => splits.map((value) => size(value, language)) },
      ],
      series: [{}, { stroke: colour("--accent"), fill: colour("--accent"), width: 0, points: { show: false }, paths: Plot?.paths.bars?.({ size: [0.7, BAR_PX], radius: 0.2 }) }],
    };
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape" && this.at >= 0) {
      event.stopPropagation();
      this.move(-1);
      return;
    }
    const step = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const from = this.at < 0 ? this.points.length : this.at;
    this.move(Math.max(0, Math.min(this.points.length - 1, from + step)), true);
  }

  /** To a bar, or with -1 away. @param {number} place @param {boolean} [aloud] */
  move(place, aloud = false) {
    const { plot } = this;
    if (!plot) return;
    plot.setCursor(place < 0 ? { left: -10, top: -10 } : { left: plot.valToPos(place, "x"), top: 0 });
    const point = this.points[place];
    if (aloud && point) this.said.textContent = this.tell(point);
  }

  /** The cursor went there. @param {number} left @param {number | null | undefined} place */
  pointed(left, place) {
    const point = left < 0 || place === null || place === undefined ? undefined : this.points[place];
    this.at = point && typeof place === "number" ? place : -1;
    this.tip.hidden = !point;
    if (!point || !this.plot) return;
    this.tip.textContent = this.tell(point);
    const { over } = this.plot;
    const middle = over.offsetLeft + left;
    const most = this.element.clientWidth - this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(most, middle - this.tip.offsetWidth / 2))}px`;
  }
}

/** Bars to name: counted back from the last one, so that today has its name. @param {number} count @param {number} low @param {number} high @param {number} step */
function marks(count, low, high, step) {
  const found = [];
  for (let at = count - 1; at >= low; at -= Math.max(1, step)) if (at <= high) found.unshift(at);
  return found;
}
