// @ts-check
// Small things that a click does, by marks on the element: data-copy, data-reveal, data-open, data-close.
import { json } from "./fragment.js";
import { slot } from "./message.js";
import { t } from "./text.js";
import { toast, toastError } from "./toast.js";

/** @type {Record<string, (element: HTMLElement, value: string) => unknown>} */
const DOES = {
  copy: async (_, text) => {
    await navigator.clipboard.writeText(text);
    toast(t("console.toast.copied", { text: text.length > 40 ? "" : text }).trim());
  },
  reveal: async (button, url) => {
    const { value } = await json(url);
    slot(/** @type {HTMLElement} */ (button.parentElement), "value").textContent = value;
    button.remove();
  },
  open: (button, id) => {
    button.closest("details")?.removeAttribute("open");
    /** @type {HTMLDialogElement} */ (document.getElementById(id)).showModal();
  },
  close: (button) => button.closest("dialog")?.close(),
};

export function listenToClicks() {
  document.addEventListener("click", (e) => {
    const target = /** @type {Element} */ (e.target);
    for (const [name, does] of Object.entries(DOES)) {
      const element = /** @type {HTMLElement | null} */ (target.closest(`[data-${name}]`));
      if (element) Promise.resolve(does(element, element.dataset[name] ?? "")).catch(toastError);
    }
    if (target instanceof HTMLDialogElement) target.close(); // the veil around it
  });
}
