// @ts-check
// The quick replies that the agent may use, kept in memory and fresh.
import { json } from "./fragment.js";
import { prepare } from "./macro-match.js";

const FRESH = 20_000; // ms; then the desk is asked whether anything has changed

/** @typedef {import("./macro-match.js").Macro} Macro */
/** @typedef {import("./macro-match.js").Ready} Ready */

/** @type {Ready[]} */
let all = [];
let at = -Infinity;
/** @type {Promise<Ready[]> | undefined} */
let asking;

/** What is known now, without waiting. */
export const known = () => all;

/**
 * All of them. An answer that is a little old comes at once; without the desk the last one stays.
 * @returns {Promise<Ready[]>}
 */
export async function macros() {
  if (Date.now() - at < FRESH) return all;
  asking ??= json("/macros") // the browser's cache asks with the ETag
    .then((/** @type {Macro[]} */ list) => {
      all = prepare(list);
      at = Date.now();
      return all;
    })
    .finally(() => (asking = undefined));
  return all.length > 0 ? asking.catch(() => all) : asking;
}

/** Forget what is known: something was changed here. */
export const stale = () => void (at = -Infinity);

/** Counts a use, here and at the desk. @param {Macro} macro */
export function used(macro) {
  macro.uses = (macro.uses ?? 0) + 1;
  macro.used = Date.now();
  fetch(`/macros/${macro.id}/uses`, { method: "POST", headers: { Accept: "application/json" } }).catch(() => {});
}
