// @ts-check
// Keeps what stands in the composer as a quick reply of one's own, without leaving the ticket.
import { submit } from "../lib/fragment.js";
import { stale } from "../lib/macros.js";
import { t } from "../lib/text.js";
import { toast, toastError } from "../lib/toast.js";

const TITLE = 20; // code points proposed

class MacroSave extends HTMLElement {
  connectedCallback() {
    this.dialog = /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
    this.form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
    this.form.addEventListener("submit", (e) => this.save(e));
    document.addEventListener("click", (e) => /** @type {Element} */ (e.target).closest("[data-macro-save]") && this.open());
  }

  /** @param {string} name */
  field(name) {
    return /** @type {HTMLInputElement} */ (this.form?.elements.namedItem(name));
  }

  open() {
    const body = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("message-composer textarea"))?.value.trim() ?? "";
    if (!body) return toast(t("replies.nothing_to_save"));
    this.field("text").value = body;
    this.field("title").value = [...body.split("\n")[0]].slice(0, TITLE).join("");
    this.field("shortcut").value = "";
    this.wrong("");
    this.dialog?.showModal();
    this.field("title").select();
  }

  /** @param {string} text */
  wrong(text) {
    const line = /** @type {HTMLElement} */ (this.querySelector("[data-slot=wrong]"));
    line.textContent = text;
    line.hidden = !text;
  }

  /** @param {SubmitEvent} e */
  async save(e) {
    e.preventDefault();
    const form = /** @type {HTMLFormElement} */ (this.form);
    try {
      await submit(form.getAttribute("action") ?? "", new FormData(form));
      stale();
      this.dialog?.close();
      toast(t("replies.saved"));
    } catch (err) {
      if (err instanceof Error && "status" in err) this.wrong(err.message);
      else toastError(err);
    }
  }
}

customElements.define("macro-save", MacroSave);
