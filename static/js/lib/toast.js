// @ts-check
import { t } from "./text.js";

/**
 * Says something in passing.
 * @param {string} text
 * @param {"" | "bad"} [tone]
 * @param {{text: string, href?: string, does?: () => void}[]} [ways] links and buttons: where it is, how to take it back
 */
export function toast(text, tone = "", ways = []) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone, ways } }));
}

/**
 * Says why something failed: the server's words, or that it could not be reached.
 * @param {unknown} err
 */
export function toastError(err) {
  if (err instanceof DOMException && err.name === "AbortError") return;
  toast(err instanceof Error && "status" in err ? err.message : t("console.toast.unreachable"), "bad");
}
