// @ts-check
// Offers the quick replies that surely fit the line being written, as buttons above the text. They take no key and no
// focus; who wants none switches them off in the preferences.
import { strong } from "../lib/macro-match.js";
import { fill, lineAt } from "../lib/macro-text.js";
import { known } from "../lib/macros.js";

const AFTER = 250; // ms of rest

class MacroHints extends HTMLElement {
  connectedCallback() {
    const composer = this.closest("message-composer");
    this.field = /** @type {HTMLTextAreaElement} */ (composer?.querySelector("textarea"));
    this.picker = /** @type {any} */ (composer?.querySelector("macro-picker"));
    if (document.body.dataset.suggest !== "true") return;
    this.field.addEventListener("input", (e) => {
      clearTimeout(this.timer);
      if (!(/** @type {InputEvent} */ (e).isComposing)) this.timer = setTimeout(() => this.offer(), AFTER);
    });
    this.addEventListener("pointerdown", (e) => e.preventDefault()); // the focus stays in the text
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  offer() {
    const { value, selectionStart, selectionEnd } = /** @type {HTMLTextAreaElement} */ (this.field);
    const line = lineAt(value, selectionEnd);
    // in the middle of a text somebody mends it
    const writes = selectionStart === selectionEnd && selectionEnd === value.length && !this.picker.open;
    const found = writes ? strong(known(), line.query, Date.now()) : [];
    this.hidden = found.length === 0;
    this.replaceChildren(
      ...found.map((macro) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "chip cut";
        button.textContent = macro.title;
        button.title = fill(macro.text, this.picker.values);
        button.addEventListener("click", () => {
          this.hidden = true;
          this.picker.use(macro, line.from);
        });
        return button;
      }),
    );
  }
}

customElements.define("macro-hints", MacroHints);
