// @ts-check
// One's own reply can be taken back for a short while: the offer stands in it and goes by itself.
import { link } from "./link.js";
import { slot } from "./message.js";
import { t } from "./text.js";

const WITHIN = 2 * 60_000; // as tickets.RecallWindow

/** @param {HTMLElement} element @param {string} ticket */
export function offerRecall(element, ticket) {
  const left = Number(element.dataset.at) + WITHIN - Date.now();
  const { seq } = element.dataset;
  const mailed = /** @type {HTMLElement | null} */ (element.closest("ticket-thread"))?.dataset.channel === "email"; // it was held before it left
  if (mailed || left <= 0 || !seq || !element.matches(".m-reply.mine:not(.gone)")) return;
  const offer = document.createElement("button");
  offer.type = "button";
  offer.className = "m-act";
  offer.textContent = t("console.message.recall");
  offer.addEventListener("click", () => link.send({ type: "recall", ticket, seq: Number(seq) }) && offer.remove());
  slot(element, "state").after(offer);
  setTimeout(() => offer.remove(), left);
}
