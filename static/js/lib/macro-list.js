// @ts-check
// The listbox of quick replies or variables: its choices, and the one that is active.
import { icon } from "./files.js";
import { t } from "./text.js";

/**
 * @typedef {object} Choice
 * @property {string} title
 * @property {string} [mark] shown small: a shortcut
 * @property {string} [text] the second line
 * @property {string} [under] heading
 * @property {number} [files] how many it brings
 * @property {string} whole what would be put in
 * @property {() => void} run
 */

/** @param {string} name @param {string} text */
function span(name, text) {
  const e = document.createElement("span");
  e.className = name;
  e.textContent = text;
  return e;
}

export class MacroList {
  /**
   * @param {HTMLElement} box of role listbox
   * @param {HTMLElement} preview
   * @param {HTMLElement} field that keeps the focus
   */
  constructor(box, preview, field) {
    this.box = box;
    this.preview = preview;
    this.field = field;
    /** @type {Choice[]} */
    this.choices = [];
    this.at = 0;
    box.addEventListener("click", (e) => {
      const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (e.target).closest("[role=option]"));
      if (item) this.run(Number(item.dataset.n));
    });
    box.addEventListener("pointermove", (e) => {
      const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (e.target).closest("[role=option]"));
      if (item && e.pointerType === "mouse") this.select(Number(item.dataset.n), false);
    });
  }

  /** @param {Choice[]} choices @param {string} none what to say when there are none */
  show(choices, none) {
    this.choices = choices;
    const parts = [];
    let under = "";
    let into = this.box;
    choices.forEach((choice, n) => {
      if ((choice.under ?? "") !== under) {
        under = choice.under ?? "";
        into = document.createElement("div");
        into.setAttribute("role", "group");
        into.setAttribute("aria-label", under);
        const title = span("menu-title", under);
        title.setAttribute("aria-hidden", "true");
        into.append(title);
        parts.push(into);
      }
      const item = this.item(choice, n);
      if (into === this.box) parts.push(item);
      else into.append(item);
    });
    if (choices.length === 0) parts.push(Object.assign(span("empty", none), { role: "presentation" }));
    this.box.replaceChildren(...parts);
    this.box.scrollTop = 0;
    this.select(0);
  }

  /** @param {Choice} choice @param {number} n */
  item(choice, n) {
    const item = document.createElement("div");
    item.className = "item macro-item";
    item.id = `${this.box.id}-${n}`;
    item.dataset.n = String(n);
    item.setAttribute("role", "option");
    const mark = span("push macro-mark", choice.mark ?? "");
    if (choice.files) {
      const said = span("unseen", t("replies.files.count", { count: choice.files }));
      const count = span("", String(choice.files));
      count.setAttribute("aria-hidden", "true");
      mark.prepend(icon("clip"), count, said, " ");
    }
    item.append(span("cut macro-title", choice.title), mark, span("cut macro-text", choice.text ?? ""));
    return item;
  }

  /** @param {number} n @param {boolean} [into] view */
  select(n, into = true) {
    this.at = n;
    for (const e of /** @type {NodeListOf<HTMLElement>} */ (this.box.querySelectorAll("[role=option]"))) {
      e.setAttribute("aria-selected", String(Number(e.dataset.n) === n));
      if (into && Number(e.dataset.n) === n) e.scrollIntoView({ block: "nearest" });
    }
    if (this.choices.length > 0) this.field.setAttribute("aria-activedescendant", `${this.box.id}-${n}`);
    else this.field.removeAttribute("aria-activedescendant");
    this.preview.textContent = this.choices[n]?.whole ?? "";
  }

  /** @param {1 | -1} by */
  step(by) {
    const n = this.choices.length;
    if (n > 0) this.select((this.at + by + n) % n);
  }

  run(n = this.at) {
    this.choices[n]?.run();
  }

  /** What a screen reader says of it. */
  get count() {
    return t("replies.found", { count: this.choices.length });
  }
}
