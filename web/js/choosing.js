// Which rows are chosen, by their places in the list. Python knows the ids of those that were never seen.
import { NOTHING, moved, only, ranged, toggled } from "./selection.js";

/** @import { Rows } from "./rows.js" */
/** @import { Selection } from "./selection.js" */
/** @import { Store } from "./store.js" */

export class Choosing {
  /** @param {Store} store @param {Pick<Rows, "known" | "ids">} rows @param {<T>(promise: Promise<T>) => Promise<T | undefined>} attempt tells a failure and answers `undefined` */
  constructor(store, rows, attempt) {
    this.store = store;
    this.rows = rows;
    this.attempt = attempt;
    /** What is being chosen while Python is asked which rows that are; deeds on the choice wait for it. @type {Promise<unknown>} */
    this.settled = Promise.resolve();
    this.turn = 0; // only the newest question may answer
  }

  get state() {
    return this.store.state;
  }

  /** A row was pressed. @param {number} index @param {{ shift: boolean, control: boolean }} keys */
  async row(index, { shift, control }) {
    if (shift) return this.to(index);
    return this.pick(index, index, (ids) => {
      const [id] = ids;
      if (id === undefined) return null;
      return control ? toggled(this.state.selection, index, id) : only(index, id);
    });
  }

  /** Everything from the anchor to here. @param {number} index */
  async to(index) {
    const { cursor, anchor } = this.state.selection;
    const from = anchor < 0 ? index : anchor;
    this.store.set({ selection: { ...this.state.selection, cursor: index, anchor: from } });
    return this.pick(from, index, (ids) => ranged(this.state.selection, index, ids), cursor);
  }

  async all() {
    const { list, order, total } = this.state;
    // As long as no row has come under a new filter, `total` is that of the old one, which may have matched nothing.
    const most = order.size > 0 ? total : list.files;
    if (most === 0) return undefined;
    return this.pick(0, most - 1, (ids) => ({ ...this.state.selection, ids: new Set(ids) }));
  }

  none() {
    this.turn += 1;
    this.store.set({ selection: { ...NOTHING, cursor: this.state.selection.cursor } });
  }

  /** The row under the cursor, also where it was never seen; undefined without one. @returns {Promise<number | undefined>} */
  async here() {
    await this.settled;
    const { cursor } = this.state.selection;
    if (cursor < 0 || cursor >= this.state.total) return undefined;
    return (this.rows.known(cursor, cursor) ?? (await this.attempt(this.rows.ids(cursor, cursor))) ?? [])[0];
  }

  /** Choose by the ids between two places. @param {number} from @param {number} to @param {(ids: number[]) => Selection | null} made @param {number} [back] the cursor to go back to where Python does not answer */
  pick(from, to, made, back) {
    const turn = (this.turn += 1);
    const { sort, filter } = this.state;
    const known = this.rows.known(from, to);
    const settle = (/** @type {number[] | undefined} */ ids) => {
      // The rows under the places are others once the list is ordered in another way.
      if (turn !== this.turn || sort !== this.state.sort || filter !== this.state.filter) return;
      const selection = ids && made(ids);
      if (selection) this.store.set({ selection });
      else if (back !== undefined) this.store.set({ selection: moved(this.state.selection, back) });
    };
    if (known) {
      settle(known); // at once: the next key may be on its way
      return Promise.resolve();
    }
    this.settled = this.attempt(this.rows.ids(from, to)).then(settle);
    return this.settled;
  }
}
