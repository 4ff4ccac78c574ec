// Pointer and keys of Compare: the split, the pan, the zoom, F to flicker.
import { clamped, cssScale } from "../geometry.js";
import { typing } from "../input.js";

/** @import { CompareView } from "./compare.js" */

const STEP = 0.02;
const PAN_PX = 60;

export class Hands {
  /** @param {CompareView} view */
  constructor(view) {
    this.view = view;
    /** What a moving pointer does while it is held. @type {((event: PointerEvent) => void) | null} */
    this.drag = null;
  }

  release() {
    this.drag = null;
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || !(event.currentTarget instanceof Element)) return;
    const stage = event.currentTarget;
    const box = stage.getBoundingClientRect();
    stage.setPointerCapture(event.pointerId);
    const knife = event.target instanceof Element && event.target.closest(".knife");
    if (knife || this.view.zoom === "fit") {
      this.drag = (move) => this.view.setSplit((move.clientX - box.left) / box.width);
      if (!knife) this.drag(event);
      return;
    }
    let { clientX, clientY } = event;
    this.drag = (move) => {
      this.view.pan(clientX - move.clientX, clientY - move.clientY);
      ({ clientX, clientY } = move);
    };
  }

  /** @param {MouseEvent} event */
  twice(event) {
    if (!(event.currentTarget instanceof Element) || (event.target instanceof Element && event.target.closest(".knife"))) return;
    const box = event.currentTarget.getBoundingClientRect();
    const sight = this.view.sight();
    const scale = cssScale(sight);
    const centre = clamped(sight);
    const at = { x: centre.x + (event.clientX - box.left - box.width / 2) / scale, y: centre.y + (event.clientY - box.top - box.height / 2) / scale };
    this.view.setZoom(this.view.zoom === "fit" ? "100" : "fit", at);
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    if (this.view.zoom === "fit") return;
    event.preventDefault();
    this.view.pan(event.deltaX, event.deltaY);
  }

  /** @param {KeyboardEvent} event */
  knife(event) {
    const big = event.shiftKey ? 5 : 1;
    /** @type {Record<string, number>} */
    const to = { ArrowLeft: this.view.split - STEP * big, ArrowRight: this.view.split + STEP * big, Home: 0, End: 1 };
    if (to[event.key] === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.view.setSplit(to[event.key]);
  }

  /** @param {KeyboardEvent} event @param {boolean} down */
  key(event, down) {
    if (this.view.state.view !== "compare" || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "f" || event.key === "F") return this.view.setFlicker(down);
    if (!down || this.view.state.closing !== null) return;
    if (event.key === "Escape") return this.view.back();
    const stage = event.target instanceof Element && event.target.classList.contains("stage");
    /** @type {Record<string, [number, number]>} */
    const pans = { ArrowLeft: [-PAN_PX, 0], ArrowRight: [PAN_PX, 0], ArrowUp: [0, -PAN_PX], ArrowDown: [0, PAN_PX] };
    if (stage && pans[event.key]) {
      event.preventDefault();
      this.view.pan(...pans[event.key]);
    } else if (event.key === "0") this.view.setZoom("fit");
    else if (event.key === "1") this.view.setZoom("100");
    else if (event.key === "2") this.view.setZoom("200");
  }
}
