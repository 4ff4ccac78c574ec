// Saved over time: bars of days. The colours are the page's own tokens, so both themes fit.
import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { day, size } from "../format.js";

/** @import { Words } from "../i18n.js" */

const HEIGHT_REM = 12;
const BAR_PX = 40;

export class Chart {
  constructor() {
    this.element = document.createElement("div");
    this.element.className = "chart";
    this.element.setAttribute("role", "img");
    /** @type {uPlot | null} */
    this.plot = null;
    this.key = "";
    /** @type {[[number[], number[]], Words] | null} */
    this.last = null;
    new ResizeObserver(() => this.last && this.draw(...this.last)).observe(this.element);
  }

  /** @param {[number[], number[]]} points @param {Words} words */
  draw(points, words) {
    this.last = [points, words];
    const width = Math.floor(this.element.clientWidth);
    if (width < 50) return;
    const style = getComputedStyle(document.documentElement);
    const rem = parseFloat(style.fontSize);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const key = JSON.stringify([points, words.language, width, rem, colour("--accent"), colour("--line"), colour("--faint")]);
    if (key === this.key) return;
    this.key = key;
    this.plot?.destroy();
    const { language } = words;
    const font = `${0.72 * rem}px ${colour("--font")}`;
    const axis = { stroke: colour("--faint"), font, ticks: { show: false } };
    const most = Math.max(1, ...points[1]);
    // UTC days: what is drawn must not slip to the day before in the west.
    const label = (/** @type {number} */ second) => day(new Date(new Date(second * 1000).toISOString().slice(0, 10) + "T00:00:00"), language);
    this.plot = new uPlot({
      width, height: Math.round(HEIGHT_REM * rem), padding: [0.5 * rem, 1.6 * rem, 0, 0],
      legend: { show: false }, cursor: { show: false }, select: /** @type {any} */ ({ show: false }),
      scales: { x: { time: false, range: (_, low, high) => [low - 43_200, high + 43_200] }, y: { range: [Math.min(0, ...points[1]), most * 1.08] } },
      axes: [
        { ...axis, grid: { show: false }, size: 1.8 * rem, space: 5 * rem, incrs: [1, 2, 5, 7, 14, 30, 61, 91, 182, 365].map((days) => days * 86_400), values: (_, splits) => splits.map(label), splits: (_, __, low, high, step) => marks(points[0], low, high, step) },
        { ...axis, grid: { stroke: colour("--line"), width: 1 }, size: 4 * rem, space: 2.6 * rem, values: (_, splits) => splits.map((value) => size(value, language)) },
      ],
      series: [{}, { stroke: colour("--accent"), fill: colour("--accent"), width: 0, points: { show: false }, paths: uPlot.paths.bars?.({ size: [0.66, BAR_PX], radius: 0.2 }) }],
    }, points, this.element);
    const total = points[1].reduce((sum, value) => sum + value, 0);
    this.element.setAttribute("aria-label", words.t("chart_label", { days: points[0].length, size: size(total, language) }));
  }
}

/** Days to name: counted back from the last one, so that today has its name. @param {number[]} days @param {number} low @param {number} high @param {number} step */
function marks(days, low, high, step) {
  const found = [];
  for (let at = days[days.length - 1]; at >= low; at -= step) if (at <= high) found.unshift(at);
  return found;
}
