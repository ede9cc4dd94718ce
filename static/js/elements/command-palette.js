// @ts-check
// Everything that can be done here, and every ticket that can be found, behind one input (Ctrl or ⌘ K).
import { commands, ticketChoices } from "../lib/commands.js";
import { part } from "../lib/fragment.js";
import { t } from "../lib/text.js";

/** @typedef {import("../lib/commands.js").Choice} Choice */

const FIND_AFTER = 180; // ms

class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.dialog = /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
    this.input = /** @type {HTMLInputElement} */ (this.querySelector("input"));
    this.box = /** @type {HTMLElement} */ (this.querySelector("[role=listbox]"));
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (e) => this.key(e));
    this.box.addEventListener("click", (e) => this.run([...this.box?.children ?? []].indexOf(/** @type {Element} */ (e.target).closest(".item") ?? this)));
    // showModal says nothing: the attribute does.
    new MutationObserver(() => this.dialog?.open && this.begin()).observe(this.dialog, { attributeFilter: ["open"] });
  }

  begin() {
    const input = /** @type {HTMLInputElement} */ (this.input);
    input.value = "";
    this.commands = commands();
    this.show(this.commands);
    input.focus();
  }

  typed() {
    const words = this.input?.value.trim() ?? "";
    const fit = (this.commands ?? []).filter((c) => c.text.toLowerCase().includes(words.toLowerCase()));
    this.show(fit);
    clearTimeout(this.timer);
    if (words.length > 1) this.timer = setTimeout(() => this.find(words, fit), FIND_AFTER);
  }

  /** @param {string} words @param {Choice[]} before */
  async find(words, before) {
    const found = await part("/tickets?part=rows&q=" + encodeURIComponent(words)).catch(() => null);
    if (!found || this.input?.value.trim() !== words) return;
    this.show([...before, ...ticketChoices(found, (href) => this.open(href))]);
  }

  /** @param {string} href */
  open(href) {
    const desk = /** @type {any} */ (document.querySelector("desk-console:not(.plain)"));
    if (desk) desk.show(href, true);
    else location.assign(href);
  }

  /** @param {Choice[]} choices */
  show(choices) {
    this.choices = choices;
    const items = choices.map((c, i) => {
      const item = document.createElement("div");
      item.className = "item";
      item.id = "choice-" + i;
      item.setAttribute("role", "option");
      const text = document.createElement("span");
      text.className = "cut";
      text.textContent = c.text;
      const hint = document.createElement("span");
      hint.className = "push";
      hint.textContent = c.hint;
      item.append(text, hint);
      return item;
    });
    const none = document.createElement("p");
    none.className = "empty";
    none.textContent = t("console.palette.none");
    this.box?.replaceChildren(...(items.length > 0 ? items : [none]));
    this.select(0);
  }

  /** @param {number} i */
  select(i) {
    this.at = i;
    [...(this.box?.children ?? [])].forEach((e, n) => e.matches(".item") && e.setAttribute("aria-selected", String(n === i)));
    this.input?.setAttribute("aria-activedescendant", this.choices?.length ? "choice-" + i : "");
    this.box?.children[i]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    if (e.isComposing || e.keyCode === 229) return;
    const n = this.choices?.length ?? 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && n > 0) this.select(((this.at ?? 0) + step + n) % n);
    else if (e.key === "Enter") this.run(this.at ?? 0);
    else return;
    e.preventDefault();
  }

  /** @param {number} i */
  run(i) {
    const choice = this.choices?.[i];
    if (!choice) return;
    this.dialog?.close();
    choice.run();
  }
}

customElements.define("command-palette", CommandPalette);
