// @ts-check
import { t } from "./text.js";

/**
 * Says something in passing.
 * @param {string} text
 * @param {"" | "bad"} [tone]
 */
export function toast(text, tone = "") {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone } }));
}

/**
 * Says why something failed: the server's words, or that it could not be reached.
 * @param {unknown} err
 */
export function toastError(err) {
  if (err instanceof DOMException && err.name === "AbortError") return;
  toast(err instanceof Error && "status" in err ? err.message : t("console.toast.unreachable"), "bad");
}
