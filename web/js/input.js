// What comes from outside the views: drops anywhere, pasted paths, and the keys that work everywhere.

/** @import { Deeds } from "./deeds.js" */
/** @import { View } from "./store.js" */

/** The whole window takes drops; the paths are Python's business. @param {Deeds} deeds */
export function watchDrops(deeds) {
  let leaving = 0;
  const show = (/** @type {boolean} */ dragging) => {
    if (deeds.state.dragging !== dragging) deeds.store.set({ dragging });
  };
  // Without this the window would open the picture in place of the page.
  addEventListener("dragover", (event) => {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    clearTimeout(leaving);
    show(true);
  });
  addEventListener("dragleave", () => {
    clearTimeout(leaving);
    leaving = window.setTimeout(() => show(false), 120);
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    show(false);
    if (deeds.state.view !== "compress") deeds.go("compress");
    void deeds.takeDrop();
  });
  addEventListener("dragstart", (event) => event.preventDefault());
}

/** @param {Deeds} deeds */
export function watchPaste(deeds) {
  addEventListener("paste", (event) => {
    if (typing(event.target)) return;
    const text = event.clipboardData?.getData("text/uri-list") || event.clipboardData?.getData("text/plain") || "";
    if (text.trim()) void deeds.paste(text);
  });
}

/** @type {Record<string, View>} */
const PLACES = { 1: "compress", 2: "statistics", 3: "settings" };
const TEXT_STEPS = [100, 125, 150, 175, 200];

/** @param {Deeds} deeds */
export function watchKeys(deeds) {
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || deeds.state.closing !== null) return;
    const deed = deedOf(deeds, event);
    if (!deed) return;
    event.preventDefault();
    void deed();
  });
}

/** @param {Deeds} deeds @param {KeyboardEvent} event @returns {(() => unknown) | null} */
function deedOf(deeds, event) {
  const { state } = deeds;
  const place = PLACES[event.key];
  if (place) return () => deeds.go(place);
  const size = state.preferences?.text_percent ?? 100;
  const at = TEXT_STEPS.findIndex((step) => step >= size);
  switch (event.key) {
    case "o":
      return () => deeds.addFiles();
    case "O":
      return () => deeds.addFolder();
    case "f":
      return state.view === "compress" ? () => /** @type {HTMLElement | null} */ (document.querySelector("#filter"))?.focus() : null;
    case "Enter":
      return state.view === "compress" && !state.batch && !state.starting && state.list.files > 0 ? () => deeds.compress() : null;
    case "+":
    case "=":
      return () => deeds.prefer({ text_percent: TEXT_STEPS[Math.min(at + 1, TEXT_STEPS.length - 1)] });
    case "-":
      return () => deeds.prefer({ text_percent: TEXT_STEPS[Math.max(at - 1, 0)] });
    case "0":
      return () => deeds.prefer({ text_percent: 100 });
    default:
      return null;
  }
}

/** Does the key or the paste belong to a field? @param {EventTarget | null} target */
export function typing(target) {
  return target instanceof HTMLInputElement ? !["range", "checkbox", "radio", "button"].includes(target.type) : target instanceof HTMLTextAreaElement;
}
