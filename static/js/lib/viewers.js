// @ts-check
// Who has which ticket open, as the desk said last. The thread's head shows it, and the rows of the lists.
import { link } from "./link.js";
import { t } from "./text.js";

/** @typedef {{id: string, name: string}} Viewer */

/** @type {Map<string, Viewer[]>} */
const open = new Map();

/** Says "change" with the ticket's id, "" for all. */
export const viewing = new EventTarget();

link.addEventListener("viewers", (e) => {
  const { ticket, viewers } = /** @type {CustomEvent} */ (e).detail;
  if (viewers.length > 0) open.set(ticket, viewers);
  else open.delete(ticket);
  viewing.dispatchEvent(new CustomEvent("change", { detail: ticket }));
});

link.addEventListener("state", () => {
  if (link.state === "connected") return; // the desk tells all that is open anew
  open.clear();
  viewing.dispatchEvent(new CustomEvent("change", { detail: "" }));
});

/**
 * The avatars of the colleagues who have a ticket open.
 * @param {string} ticket
 */
export function avatars(ticket) {
  const others = (open.get(ticket) ?? []).filter((v) => v.id !== document.body.dataset.agent);
  return others.map((v) => {
    const avatar = document.createElement("span");
    avatar.className = "avatar small plain";
    avatar.title = t("console.thread.viewing", { name: v.name });
    avatar.setAttribute("role", "img");
    avatar.setAttribute("aria-label", avatar.title);
    avatar.textContent = [...v.name][0] ?? "?";
    return avatar;
  });
}
