// Fetches the windows of the list that pass, tells Python which rows are looked at, and asks for the ids of long selections.
import { get_files, list_scrolled } from "./contract.js";

/** @import { Store } from "./store.js" */

const WINDOW = 100; // rows in one call: about 50 kB
const AHEAD = 50; // rows: half a second of a fast wheel, longer than an answer takes
const SAY_AGAIN_MS = 500; // Python believes a scroll for a second
const LOOK_EVERY_MS = 250; // a list that grows changes twenty times a second

export class Rows {
  /** @param {Store} store @param {(error: unknown) => void} failed */
  constructor(store, failed) {
    this.store = store;
    this.failed = failed;
    /** @type {Set<number>} */
    this.asked = new Set();
    this.stale = -1;
    /** What Python was told last: where the list rests, or that it moves. */
    this.rest = "";
    this.moved_at = -Infinity;
    this.looked_at = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.settling = undefined;
    /** The list is being scrolled: told by it before it says what is seen. */
    this.moving = false;
    this.first = 0;
    this.last = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** These places are seen: fetch what is missing or old; once the list rests, have them looked at. @param {number} first @param {number} last */
  look(first, last) {
    this.first = first;
    this.last = last;
    if (this.store.state.stale !== this.stale) {
      this.stale = this.store.state.stale;
      this.asked.clear();
    }
    if (this.moving) this.pass();
    else this.settle();
    // A fast scroll passes hundreds of windows; only where it rests is worth asking.
    const missing = !this.store.state.order.has(Math.min(first, this.store.state.total - 1));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), missing && this.asked.size > 0 ? 40 : 0);
  }

  /** What passes is not worth a look. */
  pass() {
    clearTimeout(this.settling);
    this.rest = "";
    const now = performance.now();
    if (now - this.moved_at < SAY_AGAIN_MS) return;
    this.moved_at = now;
    list_scrolled().catch(this.failed);
  }

  /** Here the list rests: what is seen is to be looked at, again where the list has changed. */
  settle() {
    if (this.place() === this.rest) return;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.rested(), Math.max(0, this.looked_at + LOOK_EVERY_MS - performance.now()));
  }

  place() {
    return `${this.first} ${this.last} ${this.store.state.stale}`;
  }

  /** Python looks at the rows of the last such question, from its first one on: those that are seen, then the next ones. */
  rested() {
    const { first, last } = this;
    this.rest = this.place();
    this.moved_at = -Infinity;
    this.looked_at = performance.now();
    void this.bring(first, last + 1 - first + AHEAD, true);
  }

  ask() {
    const { total, list, order } = this.store.state;
    const end = Math.max(total, list.files > 0 ? 1 : 0);
    const from = Math.max(0, this.first - AHEAD);
    for (let at = Math.floor(from / WINDOW); at * WINDOW < Math.min(end, this.last + 1 + AHEAD); at += 1) {
      const held = order.has(Math.min(at * WINDOW, total - 1));
      const seen = at >= Math.floor(this.first / WINDOW) && at * WINDOW <= this.last; // what is old matters only there
      if (held && (this.asked.has(at) || !seen)) continue;
      if (this.asked.has(-1 - at)) continue;
      this.asked.add(at);
      this.asked.add(-1 - at); // on its way
      void this.bring(at * WINDOW, WINDOW, false).then(() => this.asked.delete(-1 - at));
    }
  }

  /** The predictions changed: what is held but not looked at is asked for again once it is. */
  outdate() {
    const [first, last] = [Math.floor(this.first / WINDOW), Math.floor(this.last / WINDOW)];
    for (const at of this.asked) if (at >= 0 && (at < first || at > last)) this.asked.delete(at);
  }

  /** Fetch a part of the list into the state; `look`: it is what is seen. @param {number} offset @param {number} limit @param {boolean} look */
  async bring(offset, limit, look) {
    const { sort, filter, stale } = this.store.state;
    try {
      const { rows, total, list } = await get_files({ offset, limit, sort, filter, look });
      this.store.dispatch({ type: "rows", offset, rows, total, list, stale });
    } catch (error) {
      this.failed(error);
    }
  }

  /** The ids between two places, both included, where all of them are held; else null. @param {number} from @param {number} to @returns {number[] | null} */
  known(from, to) {
    const { order } = this.store.state;
    const found = [];
    for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
      const id = order.get(index);
      if (id === undefined) return null;
      found.push(id);
    }
    return found;
  }

  /** The same, asked of Python. @param {number} from @param {number} to @returns {Promise<number[]>} */
  async ids(from, to) {
    const { sort, filter } = this.store.state;
    const { file_ids } = await get_files({ offset: Math.min(from, to), limit: Math.abs(to - from) + 1, sort, filter, ids_only: true });
    return file_ids ?? [];
  }
}
