// @ts-check
// Going about in the console by keys.
import { toastError } from "./toast.js";

/** @typedef {import("../elements/desk-console.js").DeskConsole} DeskConsole */

/**
 * The next or previous ticket: opened where one is open, else its row gets the focus.
 * @param {DeskConsole} desk
 * @param {1 | -1} by
 */
export function step(desk, by) {
  const row = desk.list.neighbour(by);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
  if (row && desk.thread.dataset.ticket && desk.dataset.pane === "thread") desk.show(row.href, true).then(() => row.focus(), toastError);
}

/**
 * From the panel to the thread, from the thread to the list.
 * @param {DeskConsole} desk
 */
export function back(desk) {
  if (desk.classList.contains("side-open")) return desk.classList.remove("side-open");
  if (desk.dataset.pane !== "thread" || !desk.thread.dataset.ticket) return;
  desk.dataset.pane = "list";
  const row = desk.list.querySelector(".row[aria-current]") ?? desk.list.all[0];
  row?.focus();
}
