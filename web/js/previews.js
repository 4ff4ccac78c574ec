// Asks Python for the pixels that Compare shows, and puts them into the state once they are decoded.
import { get_preview } from "./contract.js";
import { cssScale, visible } from "./geometry.js";

/** @import { Deeds } from "./deeds.js" */
/** @import { PreviewReady, Settings } from "./contract.js" */
/** @import { Point, Sight } from "./geometry.js" */
/** @import { Compare } from "./store.js" */

const GIVE_UP_MS = 15_000; // an answer that never came must not stop the next question

export class Previews {
  /** @param {Deeds} deeds @param {(centre: Point) => void} centred  told once the size of the picture is known */
  constructor(deeds, centred) {
    this.deeds = deeds;
    this.centred = centred;
    /** The question on its way: "" none, "?" its id is not known yet. */
    this.pending = "";
    /** The last one shown: an exact one may follow the quick one. */
    this.shown = "";
    this.since = 0;
    this.asked = "";
    /** The settings of the last question. @type {Settings | null} */
    this.settings = null;
    this.timer = 0;
    /** @type {PreviewReady | null} */
    this.loading = null;
    /** What is on the screen. @type {PreviewReady | null} */
    this.seen = null;
  }

  get compare() {
    return this.deeds.state.compare;
  }

  forget() {
    this.asked = "";
    this.pending = "";
    this.shown = "";
    this.loading = this.seen = null;
    clearTimeout(this.timer);
  }

  get busy() {
    return this.pending !== "" && performance.now() - this.since < GIVE_UP_MS;
  }

  /** Ask for what is seen, unless it was asked for. One question at a time; what is newest when it ends is next. @param {Sight} sight @param {number} wait */
  ask(sight, wait) {
    const { compare } = this;
    if (!compare || this.busy) return;
    const whole = sight.zoom === "fit" || compare.base === null;
    const scale = whole ? Math.min(1, cssScale({ ...sight, zoom: "fit" }) * sight.ratio) : 1;
    const region = whole ? null : visible(sight);
    const request = { file_id: compare.file_id, settings: compare.settings, region, scale: Math.round(scale * 1000) / 1000 };
    const key = JSON.stringify(request);
    if (key === this.asked) return;
    clearTimeout(this.timer);
    const go = async () => {
      if (this.busy || this.compare?.file_id !== request.file_id) return;
      this.asked = key;
      this.pending = "?";
      this.settings = request.settings;
      this.since = performance.now();
      if (!compare.waiting) this.change({ waiting: true });
      const answer = await this.deeds.attempt(get_preview(request));
      if (this.asked !== key) return;
      this.pending = answer?.preview_id ?? "";
      if (!answer) this.change({ waiting: false });
      // The event may have come before the answer.
      void this.arrived();
    };
    if (wait > 0) this.timer = window.setTimeout(go, wait);
    else void go();
  }

  /** Show the newest preview of the question once both of its pictures are decoded, or every change would blink. */
  async arrived() {
    const wanted = this.pending || this.shown;
    const ready = this.compare?.came.filter((one) => one.preview_id === wanted).at(-1);
    if (!ready || ready === this.loading || ready === this.seen) return;
    this.loading = ready;
    const urls = [ready.before_url, ready.after_url].filter((url) => url !== null);
    await Promise.all(urls.map((src) => Object.assign(new Image(), { src }).decode().catch(() => undefined)));
    const { compare } = this;
    if (this.loading !== ready || compare?.file_id !== ready.file_id) return;
    this.loading = null;
    this.pending = "";
    this.shown = ready.preview_id;
    this.seen = ready;
    const waiting = ready.exact === false;
    const shown = this.settings;
    if (ready.region !== null) return this.change({ part: ready, waiting, shown });
    if (compare.base === null) this.centred({ x: ready.width / 2, y: ready.height / 2 });
    return this.change({ base: ready, part: null, waiting, shown });
  }

  /** @param {Partial<Compare>} values */
  change(values) {
    if (this.compare) this.deeds.store.set({ compare: { ...this.compare, ...values } });
  }
}
