// @ts-check
// Says that something has come while nobody looks here: a mark in the tab's title, a word in passing.
import { t } from "./text.js";
import { toast } from "./toast.js";

const MARK = "● ";

/**
 * @param {{kind: "message" | "assigned" | "waiting", ticket: string, number: number}} n the socket's notification
 * @param {string | undefined} open the ticket that is open
 */
export function announce(n, open) {
  if (n.kind === "assigned" && n.ticket !== open) toast(t("console.notify.assigned", { number: n.number }));
  if (document.visibilityState === "visible" || document.title.startsWith(MARK)) return;
  document.title = MARK + document.title;
  document.addEventListener("visibilitychange", () => (document.title = document.title.replace(MARK, "")), { once: true });
}
