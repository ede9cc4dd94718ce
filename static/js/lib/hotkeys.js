// @ts-check
// Keys do what the page says: an element with data-key="e" is pressed, opened or focused by E. The rest is named here.
import { isTyping, keyOf } from "./keys.js";
import { back, step } from "./moves.js";

/** Dialogs that a key opens from anywhere. @type {Record<string, string>} */
const DIALOGS = { "mod+k": "palette", "mod+/": "key-list" };

const desk = () => /** @type {any} */ (document.querySelector("desk-console:not(.plain)"));
const list = () => /** @type {any} */ (document.querySelector("ticket-list"));
const composer = () => /** @type {any} */ (document.querySelector("message-composer"));

/** @type {Record<string, () => unknown>} */
const DOES = {
  j: () => desk() && step(desk(), 1),
  k: () => desk() && step(desk(), -1),
  r: () => composer()?.write("reply"),
  n: () => composer()?.write("note"),
  i: () => composer()?.write(composer().kind === "note" ? "reply" : "note"),
  "shift+e": () => desk()?.solveAndNext(),
  "?": () => open("key-list"),
};

/** @param {string} id */
function open(id) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById(id));
  if (dialog && !dialog.open) dialog.showModal();
}

/**
 * Presses, opens or focuses the first visible element that a key belongs to; where there is no room for it, the one in
 * the panel.
 * @param {string} key
 */
export function press(key) {
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-key]")]).filter((e) => e.dataset.key?.split(" ").includes(key));
  let element = all.find((e) => e.checkVisibility());
  if (!element && all.some((e) => e.closest("#side"))) {
    desk()?.toggleSide();
    element = all.find((e) => e.checkVisibility());
  }
  if (!element) return false;
  if (element.matches("input, textarea")) element.focus();
  else element.click();
  return true;
}

/** Leaves what is open, from the inside out. @param {EventTarget | null} target */
function leave(target) {
  if (isTyping(target)) /** @type {HTMLElement} */ (target).blur();
  else if (desk()) back(desk());
}

/** @param {KeyboardEvent} e */
function key(e) {
  const name = keyOf(e);
  if (e.defaultPrevented || !name) return;
  if (name in DIALOGS) {
    e.preventDefault();
    return open(DIALOGS[name]);
  }
  if (document.querySelector("dialog[open]")) return; // it has its own keys
  const picker = /** @type {any} */ (name === "mod+m" && document.querySelector("macro-picker"));
  if (picker) {
    e.preventDefault();
    return picker.begin();
  }
  if (name === "escape") return leave(e.target);
  if (isTyping(e.target) || name.startsWith("mod+")) return;
  const inList = e.target instanceof Element && e.target.closest(".rows");
  if (inList && (name === "arrowdown" || name === "arrowup")) {
    e.preventDefault();
    return list()?.neighbour(name === "arrowdown" ? 1 : -1)?.focus();
  }
  if (document.body.dataset.letters !== "true" || name.length > 1 !== name.startsWith("shift+")) return;
  if (name in DOES) {
    e.preventDefault();
    DOES[name]();
  } else if (press(name)) e.preventDefault();
}

export function listenToKeys() {
  document.addEventListener("keydown", key);
}
