// Keeps the predictions in step with the settings and the rows that are looked at.
import { get_estimate } from "./contract.js";

/** @import { Deeds } from "./deeds.js" */

/** @param {Deeds} deeds */
export function watchEstimates(deeds) {
  const { store, rows } = deeds;
  /** What was asked for last. @type {unknown[]} */
  let asked = [];
  let busy = false;
  let again = false;

  const ask = async () => {
    const { state } = store;
    const { settings, overrides, order, files } = state;
    if (state.list.files === 0) return;
    if (busy) {
      again = true; // the newest settings win, one question at a time
      return;
    }
    busy = true;
    const file_ids = [];
    for (let index = rows.first; index <= rows.last; index += 1) {
      const id = order.get(index);
      if (id !== undefined && files.get(id)?.state !== "written") file_ids.push(id);
    }
    const answer = await deeds.attempt(get_estimate({ file_ids, settings, overrides }));
    if (answer) store.dispatch({ type: "estimated", ...answer });
    rows.outdate();
    busy = false;
    if (again) {
      again = false;
      void ask();
    }
  };

  const look = () => {
    if (rows.moving) return; // rows that pass bring their prediction with them; the total is the same
    const { settings, overrides, estimates_stale, order, list } = store.state;
    const now = [settings, overrides, estimates_stale, order, list.files === 0];
    if (now.every((value, place) => value === asked[place])) return;
    asked = now;
    void ask();
  };
  store.listeners.add(look);
  look();
}
