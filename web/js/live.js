// Results in words for a screen reader: a batch's end and a failure at once, progress every tenth at most.

/** @import { UndoReport } from "./contract.js" */
/** @import { Words } from "./i18n.js" */
/** @import { State } from "./store.js" */

/** @param {HTMLElement} element */
export function announce(element) {
  let told = 0;
  let tenth = 0;
  return (/** @type {State} */ state) => {
    const toast = state.toasts[state.toasts.length - 1];
    if (toast && toast.id > told) {
      told = toast.id;
      element.textContent = toastText(state, toast);
      return;
    }
    const { batch } = state;
    const now = batch && batch.total > 0 ? Math.floor((10 * batch.done) / batch.total) : 0;
    if (batch && now > tenth) element.textContent = state.words.t("progress_said", { done: batch.done, total: batch.total });
    tenth = now;
  };
}

/** What a toast says. @param {State} state @param {State["toasts"][number]} toast */
export function toastText({ words }, toast) {
  if (toast.failure) return words.error(toast.failure);
  if (toast.notice) return words.notice(toast.notice);
  const facts = toast.facts ?? {};
  const main = words.t(toast.key ?? "", facts);
  const failed = typeof facts.failed === "number" && facts.failed > 0 && toast.key !== "result_failed" ? ` ${words.t("and_failed", { count: facts.failed })}` : "";
  return main + failed;
}

/** What an undo has come to. A picture that got its old format back was restored, and its result removed: it counts once. @param {UndoReport} report @param {Words} words */
export function undone(report, words) {
  const count = Math.max(report.restored, report.removed);
  const left = report.left.length;
  const reasons = [...new Set(report.left.map((file) => words.t(`short_${file.code}`)))].join(", ");
  const kind = /** @type {"error" | "done"} */ (left > 0 ? "error" : "done");
  return { kind, key: left > 0 ? "undone_partly" : count > 0 ? "undone" : "undone_nothing", facts: { count, left, reasons } };
}
