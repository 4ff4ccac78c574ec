// Boot: first a skeleton, then Python's snapshot, then every view by the state.
import { listen } from "./bridge.js";
import { get_snapshot } from "./contract.js";
import { Deeds } from "./deeds.js";
import { watchEstimates } from "./estimates.js";
import { watchDrops, watchKeys, watchPaste } from "./input.js";
import { announce } from "./live.js";
import { initial, Store } from "./store.js";
import * as closing from "./views/closing.js";
import * as compare from "./views/compare.js";
import * as compress from "./views/compress.js";
import * as rail from "./views/rail.js";
import * as settings from "./views/settings.js";
import * as statistics from "./views/statistics.js";
import * as toasts from "./views/toasts.js";

/** @import { State } from "./store.js" */
/** @typedef {(state: State) => void} Update */

const store = new Store(initial());
const deeds = new Deeds(store);

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const views = { compress, compare, statistics, settings };
/** @type {Map<string, Update>} */
const places = new Map();
/** @type {Update[]} */
const always = [];

function mount() {
  for (const [name, view] of Object.entries(views)) {
    element(name).textContent = "";
    places.set(name, view.mount(element(name), deeds));
  }
  element("rail").textContent = "";
  always.push(rail.mount(element("rail"), deeds), toasts.mount(element("toasts"), deeds), closing.mount(element("closing"), deeds), announce(element("live")));
}

let drawn = "";
let due = false;

/** Draw once in the next frame, however much changed. */
function schedule() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw(store.state);
  });
}

/** @param {State} state */
function draw(state) {
  const { theme, text_percent } = state.preferences ?? { theme: "system", text_percent: 100 };
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  root.lang = state.words.language;
  root.style.fontSize = text_percent === 100 ? "" : `${text_percent}%`;
  element("drop").hidden = !state.dragging;
  element("drop").textContent = state.dragging ? state.words.t("drop_here") : "";
  if (state.phase !== "ready") return;
  if (drawn !== state.view) for (const name of places.keys()) element(name).hidden = name !== state.view;
  const arrived = drawn !== "" && drawn !== state.view;
  drawn = state.view;
  places.get(state.view)?.(state);
  for (const update of always) update(state);
  // The keyboard and the screen reader follow to the new place.
  if (arrived && !element(drawn).contains(document.activeElement)) /** @type {HTMLElement | null} */ (element(drawn).querySelector("[data-first]"))?.focus();
}

/** What was pressed before there was anyone to answer. */
function catchUp() {
  const first = /** @type {any} */ (window).plume_first;
  first?.forget();
  const pressed = first?.pressed ?? "";
  if (first?.pasted.trim()) void deeds.paste(first.pasted);
  if (pressed === "files") void deeds.addFiles();
  else if (pressed === "folder") void deeds.addFolder();
  else if (pressed === "drop") void deeds.takeDrop();
  else if (pressed in views) deeds.go(pressed);
}

async function boot() {
  listen((events) => store.dispatch({ type: "events", events, now: performance.now() }));
  await deeds.speak();
  const snapshot = await get_snapshot();
  store.dispatch({ type: "snapshot", snapshot });
  await deeds.speak();
  await /** @type {any} */ (window).plume_first?.styled;
  mount();
  catchUp();
  watchDrops(deeds);
  watchPaste(deeds);
  watchKeys(deeds);
  watchEstimates(deeds);
  store.listeners.add(schedule);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", schedule);
  schedule();
}

boot().catch((error) => {
  console.error(error);
  element("toasts").textContent = "Plume could not start this page. See the log that plume doctor names.";
});
