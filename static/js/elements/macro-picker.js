// @ts-check
// Quick replies in the composer: "/" or "／" opens the list where somebody types, "{{" the variables, Ctrl or ⌘ M and a
// button open it anywhere. The focus stays in the text; nothing is done while an input method composes.
import { Composition } from "../lib/enter.js";
import { hasRoom, replace } from "../lib/insert.js";
import { macroChoices, variableChoices } from "../lib/macro-choices.js";
import { MacroList } from "../lib/macro-list.js";
import { BLANK, braceAt, fill, slashAt, variableAt } from "../lib/macro-text.js";
import { known, macros, used } from "../lib/macros.js";
import { t } from "../lib/text.js";
import { toast } from "../lib/toast.js";

/** @typedef {import("../lib/macro-text.js").Asked & {what: "macros" | "variables"}} Asked */

/** @param {Element} within @param {string} css */
const find = (within, css) => /** @type {HTMLElement} */ (within.querySelector(css));

export class MacroPicker extends HTMLElement {
  connectedCallback() {
    const composer = /** @type {HTMLElement} */ (this.closest("message-composer"));
    this.field = /** @type {HTMLTextAreaElement} */ (find(composer, "textarea"));
    this.box = find(composer, ".macro-box");
    this.said = find(composer, "[data-slot=said]");
    this.list = new MacroList(find(composer, "#macro-list"), find(composer, "[data-slot=preview]"), this.field);
    /** @type {import("../lib/macro-text.js").Values} */
    this.values = JSON.parse(this.dataset.values || "{}");
    const composition = new Composition(this.field);
    this.field.addEventListener("input", (e) => this.typed(/** @type {InputEvent} */ (e)));
    this.field.addEventListener("compositionend", () => setTimeout(() => this.look()));
    this.field.addEventListener("focus", () => macros().catch(() => {}), { once: true });
    this.field.addEventListener("blur", () => this.close());
    // before the composer's own keys: Enter sends there
    composer.addEventListener("keydown", (e) => e.target === this.field && this.key(e, composition), { capture: true });
    const button = find(composer, "[data-macros]");
    for (const e of [this.box, button]) e.addEventListener("pointerdown", (down) => down.preventDefault()); // the focus stays
    button.hidden = false;
    button.addEventListener("click", () => this.begin());
    find(composer, "[data-macros-close]").addEventListener("click", () => this.close());
  }

  get open() {
    return Boolean(this.box && !this.box.hidden);
  }

  /** Opens the list at the caret; what is typed from now on is looked for. */
  begin() {
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    field.focus();
    if (this.open) return this.close();
    this.dropped = undefined;
    this.from = field.selectionStart;
    this.look();
  }

  /** @param {InputEvent} e */
  typed(e) {
    if (e.isComposing || this.putting) return;
    if (e.inputType?.startsWith("history")) return this.close(); // what was undone is not done again
    const { value, selectionEnd: caret } = /** @type {HTMLTextAreaElement} */ (this.field);
    const whole = variableAt(value, caret);
    const filled = whole ? fill(whole.query, this.values ?? {}) : "";
    if (whole && filled !== whole.query) this.put(whole.from, filled);
    else this.look();
  }

  /** @returns {Asked | null} what is asked for at the caret */
  asked() {
    const { value, selectionStart: caret } = /** @type {HTMLTextAreaElement} */ (this.field);
    const brace = braceAt(value, caret);
    if (brace) return { ...brace, what: "variables" };
    const slash = slashAt(value, caret);
    if (slash) return { ...slash, what: "macros" };
    if (this.from === undefined || caret < this.from || value.slice(this.from, caret).includes("\n")) return null;
    return { from: this.from, query: value.slice(this.from, caret), what: "macros" };
  }

  async look() {
    const asked = this.asked();
    // what Escape closed stays closed while only more is typed behind it
    const { from, what, query = "" } = this.dropped ?? {};
    if (asked && asked.from === from && asked.what === what && asked.query.startsWith(query)) return this.close();
    this.dropped = undefined;
    if (!asked) return this.close();
    this.token = asked;
    if (asked.what === "macros") await macros().catch(() => []);
    if (this.token !== asked || document.activeElement !== this.field) return; // something else is asked for by now
    const values = this.values ?? {};
    const choices =
      asked.what === "macros"
        ? macroChoices(known(), asked.query, values, (m) => this.use(m, asked.from))
        : variableChoices(asked.query, values, (value) => this.put(asked.from, value));
    if (choices.length === 0 && asked.query && this.from === undefined) return this.hide(); // words that fit nothing are words
    this.dataset.what = asked.what;
    find(this, "[data-slot=title]").textContent = t(asked.what === "macros" ? "replies.title" : "replies.variables");
    this.list?.show(choices, t(known().length === 0 ? "replies.none_yet" : "replies.none"));
    /** @type {HTMLElement} */ (this.box).hidden = false;
    /** @type {HTMLElement} */ (this.said).textContent = t("replies.found", { count: choices.length });
  }

  /** Puts a quick reply in the place of what was asked for, and its files into the tray. @param {import("../lib/macro-match.js").Macro} macro @param {number} from */
  use(macro, from) {
    if (!this.put(from, fill(macro.text, this.values ?? {}))) return;
    used(macro);
    /** @type {any} */ (this.closest("message-composer")?.querySelector("file-tray"))?.bring(macro);
  }

  /** Puts text in the place of what was asked for, and marks the first blank in it. @param {number} from @param {string} text */
  put(from, text) {
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    const to = field.selectionEnd;
    this.close();
    if (!hasRoom(field, to - from, text)) {
      toast(t("replies.no_room"), "bad");
      return false;
    }
    this.putting = true;
    replace(field, from, to, text);
    this.putting = false;
    const blank = text.indexOf(BLANK);
    if (blank < 0) return true;
    field.setSelectionRange(from + blank, from + blank + BLANK.length);
    toast(t("replies.blank"));
    return true;
  }

  close() {
    this.from = this.token = undefined;
    this.hide();
  }

  hide() {
    if (!this.box || this.box.hidden) return;
    this.box.hidden = true;
    this.field?.removeAttribute("aria-activedescendant");
    /** @type {HTMLElement} */ (this.said).textContent = "";
  }

  /** @param {KeyboardEvent} e @param {Composition} composition */
  key(e, composition) {
    if (!this.open || composition.has(e) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") this.list?.step(e.key === "ArrowDown" ? 1 : -1);
    else if (e.key === "Escape") {
      this.dropped = this.token;
      this.close();
    } else if ((e.key === "Enter" || e.key === "Tab") && !e.shiftKey && this.list?.choices.length) {
      if (!composition.ended(e)) this.list.run();
    } else return void (e.key === "Tab" && this.close());
    e.preventDefault();
    e.stopPropagation();
  }
}

customElements.define("macro-picker", MacroPicker);
