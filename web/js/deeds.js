// What the user can do: each deed calls Python and puts the answer into the state.
import * as python from "./contract.js";
import { CommandError } from "./bridge.js";
import { load, resolve, Words } from "./i18n.js";
import { Choosing } from "./choosing.js";
import { undone } from "./live.js";
import { moved } from "./selection.js";
import { Rows } from "./rows.js";

/** @import { Filter, HistoryBatch, Output, Preferences, Settings } from "./contract.js" */
/** @import { Store, ToastAction, View } from "./store.js" */

export class Deeds {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.rows = new Rows(store, (error) => this.tell(error));
    this.choosing = new Choosing(store, this.rows, (promise) => this.attempt(promise));
  }

  get state() {
    return this.store.state;
  }

  /** Wait for a command; a failure becomes a toast and `undefined`. @template T @param {Promise<T>} promise @returns {Promise<T | undefined>} */
  async attempt(promise) {
    try {
      return await promise;
    } catch (error) {
      this.tell(error);
      return undefined;
    }
  }

  /** @param {unknown} error */
  tell(error) {
    const failure = error instanceof CommandError ? { code: error.code, facts: error.facts } : { code: "internal_error", facts: {} };
    if (!(error instanceof CommandError)) console.error(error);
    this.store.dispatch({ type: "toast", toast: { kind: "error", failure, actions: [] } });
  }

  // Places

  /** @param {View} view */
  go(view) {
    this.store.set({ view, ...(view === "compare" ? {} : { compare: null }) });
  }

  /** @param {number} file_id */
  compare(file_id) {
    const settings = this.state.overrides[file_id] ?? this.state.settings;
    this.store.set({ view: "compare", compare: { file_id, settings, shown: null, base: null, part: null, waiting: true, came: [] } });
  }

  // The list

  addFiles = () => this.attempt(python.open_file());
  addFolder = () => this.attempt(python.open_folder());
  takeDrop = () => this.attempt(python.take_drop());
  /** @param {string} text */
  paste = (text) => this.attempt(python.add_paths({ text }));

  /** Take these off the list; all of them when none are named. @param {number[]} [file_ids] */
  async remove(file_ids) {
    const { list, selection } = this.state;
    const all = file_ids === undefined || file_ids.length >= list.files;
    const answer = await this.attempt(python.remove_files(all ? {} : { file_ids }));
    if (!answer) return;
    this.store.dispatch({ type: "removed", ids: all ? null : new Set(file_ids), list: answer.list });
    if (!all && selection.cursor >= 0) this.store.set({ selection: moved(this.state.selection, Math.min(selection.cursor, this.state.total - 1)) });
  }

  /** @param {number} file_id */
  reveal = (file_id) => this.attempt(python.reveal_file({ file_id }));

  /** @param {string} column */
  sortBy(column) {
    const { sort } = this.state;
    // Smallest name first, but the largest size: a second press turns it round, a third returns to the order of adding.
    const words = column === "name" || column === "input_format";
    const [first, second] = words ? [column, `-${column}`] : [`-${column}`, column];
    this.store.dispatch({ type: "ordered", sort: sort === first ? second : sort === second ? "added" : first });
  }

  /** @param {Partial<Filter>} change */
  filterBy(change) {
    this.store.dispatch({ type: "ordered", filter: { ...this.state.filter, ...change } });
  }

  // The rows that are chosen

  /** Take off what is chosen, or the row under the cursor where that is not among it. */
  async removeHere() {
    const id = await this.choosing.here();
    const { ids } = this.state.selection;
    if (id !== undefined && !ids.has(id)) return this.remove([id]);
    return ids.size > 0 ? this.remove([...ids]) : undefined;
  }

  async compareHere() {
    const id = await this.choosing.here();
    if (id !== undefined) this.compare(id);
  }

  // Work

  /** Start; all files when none are named. @param {number[]} [file_ids] */
  async compress(file_ids) {
    const { settings, output, overrides, list, result } = this.state;
    this.store.set({ starting: true, result: null, toasts: [] });
    const some = file_ids && file_ids.length < list.files ? { file_ids } : {};
    try {
      await python.compress_image({ ...some, settings, output, overrides });
    } catch (error) {
      this.store.set({ starting: false, result });
      // That all is done is no failure.
      if (error instanceof CommandError && error.facts.what === "nothing_left") this.store.dispatch({ type: "toast", toast: { kind: "info", notice: { code: error.code, facts: error.facts }, actions: [] } });
      else this.tell(error);
    }
  }

  async pause() {
    const { batch } = this.state;
    if (batch && (await this.attempt(python.pause_batch({ batch_id: batch.batch_id }))) && this.state.batch) this.store.set({ batch: { ...this.state.batch, state: "paused" } });
  }

  async resume() {
    const { batch } = this.state;
    if (batch && (await this.attempt(python.resume_batch({ batch_id: batch.batch_id }))) && this.state.batch) this.store.set({ batch: { ...this.state.batch, state: "running" } });
  }

  async cancel() {
    if (this.state.batch) await this.attempt(python.cancel_batch({ batch_id: this.state.batch.batch_id }));
  }

  /** @param {number[]} file_ids */
  cancelJobs = (file_ids) => this.attempt(python.cancel_jobs({ file_ids }));

  /** @param {number} batch_id */
  async retry(batch_id) {
    this.store.set({ starting: true, result: null, toasts: [] });
    if (!(await this.attempt(python.retry_failed({ batch_id })))) this.store.set({ starting: false });
  }

  /** What an earlier session left of a batch. @param {number} batch_id */
  async goOn(batch_id) {
    if (!(await this.attempt(python.resume_batch({ batch_id })))) return;
    this.store.set({ statistics_stale: this.state.statistics_stale + 1 });
    this.go("compress");
  }

  /** @param {number} batch_id */
  async undo(batch_id) {
    const report = await this.attempt(python.undo_batch({ batch_id }));
    if (!report) return;
    // What offered to take it back offers something that is done.
    this.store.set({ toasts: this.state.toasts.filter((toast) => !toast.actions.some((action) => action.deed === "undo" && action.batch_id === batch_id)) });
    this.store.dispatch({ type: "toast", toast: { ...undone(report, this.state.words), actions: [] } });
    this.store.set({ result: null, stale: this.state.stale + 1, statistics_stale: this.state.statistics_stale + 1, estimates_stale: this.state.estimates_stale + 1 });
  }

  /** @param {ToastAction} action */
  act(action) {
    const batch_id = action.batch_id ?? 0;
    if (action.deed === "undo") return this.undo(batch_id);
    if (action.deed === "retry") return this.retry(batch_id);
    if (action.deed === "reveal") return this.attempt(python.reveal_file({ batch_id }));
    if (action.deed === "restore_stats") return this.attempt(python.reset_stats({ undo: true }));
    this.go("compress");
    return this.filterBy({ text: "", state: "failed" });
  }

  /** Load the settings and the output of a batch into the Compress view; nothing starts. @param {HistoryBatch} batch */
  repeat(batch) {
    this.store.set({ settings: batch.settings, output: batch.output, result: null });
    this.go("compress");
    this.store.dispatch({ type: "toast", toast: { kind: "done", key: this.state.list.files > 0 ? "settings_loaded" : "settings_loaded_empty", actions: [] } });
  }

  // Settings

  /** Change how to compress now; the defaults stay. @param {Partial<Settings>} change */
  adjust(change) {
    this.store.set({ settings: { ...this.state.settings, ...change }, result: null });
  }

  /** @param {Partial<Output>} change */
  async place(change) {
    let output = { ...this.state.output, ...change };
    if (output.policy === "folder" && (change.policy === "folder" || change.folder_id === null)) {
      const chosen = await this.attempt(python.choose_output_folder());
      if (!chosen?.folder_id) return this.store.set({ output: { ...this.state.output } });
      output = { ...output, folder_id: chosen.folder_id, folder_label: chosen.label };
    }
    this.store.set({ output });
  }

  /** @param {Partial<Preferences>} change */
  async prefer(change) {
    const preferences = await this.attempt(python.save_settings(change));
    if (!preferences) return;
    this.store.set({ preferences });
    if (change.language) await this.speak();
  }

  /** Load the words of the language that is set. */
  async speak() {
    const { preferences } = this.state;
    const language = resolve(preferences?.language ?? "system", preferences?.system_language ?? navigator.language);
    if (language === this.state.words.language && this.state.words.texts.ui) return;
    const texts = await this.attempt(load(language));
    if (texts) this.store.set({ words: new Words(language, texts) });
  }

  /** @param {string} name @param {Settings} settings */
  async savePreset(name, settings) {
    if (await this.attempt(python.save_preset({ name, settings }))) await this.loadPresets();
  }

  /** @param {string} preset_id */
  async deletePreset(preset_id) {
    if (await this.attempt(python.delete_preset({ preset_id }))) await this.loadPresets();
  }

  async loadPresets() {
    const answer = await this.attempt(python.list_presets());
    if (answer) this.store.set({ presets: answer.presets });
  }

  /** @param {boolean} quit */
  async answerClose(quit) {
    this.store.set({ closing: null });
    await this.attempt(python.answer_close({ quit }));
  }
}
