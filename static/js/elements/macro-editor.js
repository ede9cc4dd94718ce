// @ts-check
// The form of a quick reply: a click puts a variable into the text, the preview follows what is typed.
import { replace } from "../lib/insert.js";
import { fill } from "../lib/macro-text.js";

class MacroEditor extends HTMLElement {
  connectedCallback() {
    const field = /** @type {HTMLTextAreaElement} */ (this.querySelector("[name=text]"));
    const preview = /** @type {HTMLElement} */ (this.querySelector("[data-slot=preview]"));
    const values = JSON.parse(this.dataset.values || "{}");
    const show = () => (preview.textContent = fill(field.value, values));
    field.addEventListener("input", show);
    this.addEventListener("click", (e) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (e.target).closest("[data-variable]"));
      if (button) replace(field, field.selectionStart, field.selectionEnd, button.dataset.variable ?? "");
    });
    show();
  }
}

customElements.define("macro-editor", MacroEditor);
