// The only file that knows how Python is reached: through pywebview, or from an ordinary browser by fetch
// and EventSource (`index.html?transport=http`, a development server only).

/** What can happen without anyone having written a bug: the code is in the contract, the sentence in `locales/`. */
export class CommandError extends Error {
  /** @param {string} code @param {string} message @param {Record<string, unknown>} facts */
  constructor(code, message, facts) {
    super(message || code);
    this.name = "CommandError";
    this.code = code;
    this.facts = facts;
  }
}

/** @typedef {{ ok: true, data: any } | { ok: false, error: { code: string, message?: string, facts?: Record<string, unknown> } }} Answer */
/** @typedef {(name: string, request: object) => Promise<Answer>} Transport */
/** @typedef {(events: any[]) => void} Listener */

/** @type {Set<Listener>} */
const listeners = new Set();
/** Events that came before anyone listened: the first script kept those that came before this file. @type {any[]} */
let early = typeof window === "undefined" ? [] : /** @type {any} */ (window).plume_first?.events ?? [];
/** @type {Promise<Transport> | null} */
let transport = null;

/** Hand a list of events to whoever listens. Python calls it as `window.plume_receive([...])`. @param {any[]} events */
export function receive(events) {
  if (listeners.size === 0) early.push(...events);
  for (const listener of listeners) listener(events);
}

/** Hear every list of events from now on; returns the function that stops it. @param {Listener} listener */
export function listen(listener) {
  listeners.add(listener);
  if (early.length > 0) {
    const missed = early;
    early = [];
    listener(missed);
  }
  return () => listeners.delete(listener);
}

/** One command. Rejects with CommandError for what can happen, with Error for what must not. @param {string} name @param {object} request @returns {Promise<any>} */
export async function invoke(name, request) {
  transport ??= connect();
  const answer = await (await transport)(name, request);
  if (answer.ok) return answer.data;
  const { code, message, facts } = answer.error;
  throw new CommandError(code, message ?? "", facts ?? {});
}

/** @returns {Promise<Transport>} */
function connect() {
  return new URLSearchParams(location.search).get("transport") === "http" ? connectHttp() : connectWindow();
}

/** @returns {Promise<Transport>} */
async function connectWindow() {
  const page = /** @type {any} */ (window);
  const there = () => typeof page.pywebview?.api?.get_snapshot === "function";
  if (!there()) {
    await new Promise((resolve) => {
      const look = () => {
        if (!there()) return;
        clearInterval(timer);
        removeEventListener("pywebviewready", look);
        resolve(undefined);
      };
      // The functions may be put in place a moment after the event, so it is not waited for alone.
      const timer = setInterval(look, 50);
      addEventListener("pywebviewready", look);
    });
  }
  return (name, request) => page.pywebview.api[name](request);
}

/** @returns {Promise<Transport>} */
async function connectHttp() {
  const source = new EventSource("events");
  source.onmessage = (message) => receive(JSON.parse(message.data));
  await new Promise((resolve) => source.addEventListener("open", resolve, { once: true }));
  return async (name, request) => {
    const body = JSON.stringify(request);
    const answer = await fetch(`api/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer.json();
  };
}

if (typeof window !== "undefined") /** @type {any} */ (window).plume_receive = receive;
