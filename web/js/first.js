// The first script, and the only one that is no module: the page is painted before anything else is asked for.
// What the user does until main.js has taken over, and what Python tells, is kept for it in `plume_first`.
{
  const page = /** @type {any} */ (window);
  const first = {
    /** What was pressed last: the `data-early` of its element, or "drop". */
    pressed: "",
    /** What was pasted last. */
    pasted: "",
    /** Lists of events that came before anyone listened. @type {any[]} */
    events: [],
    /** Settled when the style sheets of every view are there. @type {Promise<unknown>} */
    styled: Promise.resolve(),
    /** Main.js has taken over. */
    forget() {
      removeEventListener("click", press, true);
      removeEventListener("keydown", key);
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    },
  };
  page.plume_first = first;
  page.plume_receive = (/** @type {any[]} */ events) => first.events.push(...events);

  /** @param {Event} event */
  const press = (event) => {
    const found = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-early]")) : null;
    if (found) first.pressed = found.dataset.early ?? "";
  };
  /** @type {Record<string, string>} */
  const keys = { 1: "compress", 2: "statistics", 3: "settings", o: "files" };
  const key = (/** @type {KeyboardEvent} */ event) => {
    const found = (event.ctrlKey || event.metaKey) && !event.altKey ? keys[event.key.toLowerCase()] : undefined;
    if (!found) return;
    event.preventDefault();
    first.pressed = found;
  };
  const over = (/** @type {Event} */ event) => event.preventDefault();
  const drop = (/** @type {Event} */ event) => {
    event.preventDefault();
    first.pressed = "drop";
  };
  const paste = (/** @type {ClipboardEvent} */ event) => {
    first.pasted = event.clipboardData?.getData("text/uri-list") || event.clipboardData?.getData("text/plain") || "";
  };
  addEventListener("click", press, true);
  addEventListener("keydown", key);
  addEventListener("dragover", over);
  addEventListener("drop", drop);
  addEventListener("paste", paste);

  const root = document.documentElement;
  if (root.dataset.text) root.style.fontSize = `${root.dataset.text}%`;

  const later = () => {
    performance.mark("plume-usable");
    const links = [...document.querySelectorAll("#later")].flatMap((template) => [.../** @type {HTMLTemplateElement} */ (template).content.children]);
    first.styled = Promise.all(links.map((link) => new Promise((done) => ["load", "error"].forEach((name) => link.addEventListener(name, done)))));
    document.head.append(...links);
    import("./main.js").catch((error) => {
      console.error(error);
      /** @type {HTMLElement} */ (document.getElementById("toasts")).textContent = "Plume could not start this page. See the log that plume doctor names.";
    });
  };
  // A frame callback runs before its frame is painted, what it puts off runs after. A hidden page has no frames.
  const fallback = setTimeout(later, 300);
  requestAnimationFrame(() => setTimeout(() => {
    clearTimeout(fallback);
    if (!performance.getEntriesByName("plume-usable").length) later();
  }));
}
