// @ts-check
// Something came that the writer had not seen: shows it before her letter goes, and lets her decide.
import { message, slot } from "../lib/message.js";
import { pending } from "../lib/pending.js";
import { outbox, post, retry } from "../lib/post.js";

/** @typedef {{letter: import("../lib/outbox.js").Letter, newer: import("../lib/message.js").Message[]}} Newer */

/** @param {Newer} newer */
function show({ letter, newer }) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("newer"));
  const open = /** @type {HTMLElement | null} */ (document.querySelector("ticket-thread"))?.dataset.ticket;
  if (!dialog || dialog.open || !letter || open !== letter.ticket) return; // it stands in the talk as not sent
  const own = pending({ ...letter, state: "sending" });
  own.classList.remove("waiting");
  slot(own, "state").textContent = "";
  const all = [...newer.map((m) => message(m)), own];
  all.forEach((m) => m.removeAttribute("id")); // it stands in the talk under the same
  slot(dialog, "newer").replaceChildren(...all);
  dialog.returnValue = "";
  const answer = (/** @type {Event} */ e) => {
    const chosen = /** @type {Element} */ (e.target).closest("[data-answer]")?.getAttribute("data-answer");
    if (chosen) dialog.close(chosen);
  };
  dialog.addEventListener("click", answer);
  dialog.addEventListener(
    "close",
    () => {
      dialog.removeEventListener("click", answer);
      decide(dialog.returnValue, { letter, newer });
    },
    { once: true },
  );
  dialog.showModal();
}

/** @param {string} answer @param {Newer} newer */
function decide(answer, { letter, newer }) {
  if (answer === "send") {
    outbox.change(letter.id, { seen: Math.max(letter.seen, ...newer.map((m) => m.pos)) });
    return retry(letter.id);
  }
  outbox.remove(letter.id);
  document.querySelector(`.talk .m[data-client="${CSS.escape(letter.id)}"]`)?.remove();
  document.dispatchEvent(new CustomEvent("edit-letter", { detail: letter }));
}

post.addEventListener("newer", (e) => show(/** @type {CustomEvent} */ (e).detail));
