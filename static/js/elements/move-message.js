// @ts-check
// Asks where a message belongs and moves it there; what was done is said with a way to it and a way back.
import { submit } from "../lib/fragment.js";
import { slot } from "../lib/message.js";
import { t } from "../lib/text.js";
import { toast, toastError } from "../lib/toast.js";

class MoveMessage extends HTMLElement {
  connectedCallback() {
    this.dialog = /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
    this.form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
    document.addEventListener("click", (e) => {
      const message = /** @type {Element} */ (e.target).closest("[data-move]")?.closest("[data-message]");
      if (message) this.ask(/** @type {HTMLElement} */ (message));
    });
    this.form.addEventListener("submit", (e) => this.move(e));
  }

  /** @param {HTMLElement} message */
  ask(message) {
    const { url } = /** @type {HTMLElement} */ (message.closest("ticket-thread")).dataset;
    this.form?.setAttribute("action", `${url}/messages/${message.dataset.message}/move`);
    this.form?.reset();
    slot(this, "wrong").hidden = true;
    this.dialog?.showModal();
    this.querySelector("input")?.focus();
  }

  /** @param {SubmitEvent} e */
  async move(e) {
    e.preventDefault();
    const form = /** @type {HTMLFormElement} */ (e.target);
    if (this.busy) return;
    this.busy = true;
    try {
      const done = await submit(form.getAttribute("action") ?? "", new FormData(form, e.submitter));
      this.dialog?.close();
      toast(t("console.move.done"), "", [
        { text: "#" + done.number, href: done.href },
        { text: t("console.move.undo"), does: () => this.back(done) },
      ]);
    } catch (err) {
      const wrong = slot(this, "wrong");
      wrong.textContent = err instanceof Error && "status" in err ? err.message : t("console.toast.unreachable");
      wrong.hidden = false;
    } finally {
      this.busy = false;
    }
  }

  /** @param {{undo: string, into: string}} done */
  async back({ undo, into }) {
    try {
      await submit(undo, { into });
      toast(t("console.move.undone"));
    } catch (err) {
      toastError(err);
    }
  }
}

customElements.define("move-message", MoveMessage);
