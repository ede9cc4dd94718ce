// @ts-check
// The builder of feedback forms: what is typed is kept by itself, buttons of order and number work without a new page, questions
// are dragged or moved by keys, and the preview follows. The server does each change and sends the parts anew, as it does
// for who has no scripts.
import { submitPart } from "../lib/fragment.js";
import { sortable } from "../lib/sortable.js";
import { toastError } from "../lib/toast.js";

const QUIET = 700; // ms after the last key

class FormBuilder extends HTMLElement {
  connectedCallback() {
    this.form = /** @type {HTMLFormElement} */ (this.querySelector("[data-builder]"));
    this.parts = /** @type {HTMLElement} */ (this.querySelector("[data-parts]"));
    this.frame = /** @type {HTMLIFrameElement} */ (this.querySelector("iframe"));
    this.work = Promise.resolve(); // one thing after the other
    this.form.addEventListener("submit", (e) => this.submit(e));
    this.form.addEventListener("input", () => this.later());
    this.form.addEventListener("change", (e) => this.changed(/** @type {HTMLInputElement} */ (e.target)));
    this.form.addEventListener("keydown", (e) => this.key(e));
    this.addEventListener("click", (e) => this.choose(/** @type {Element} */ (e.target)));
    sortable(this.parts, "[data-question]", "[data-handle]", "[data-questions]", (item) => this.act("place:q:" + item.dataset.question));
    sortable(this.parts, "[data-step]", "[data-step-handle]", "[data-steps]", (item) => this.act("place:s:" + [...(item.parentElement?.children ?? [])].indexOf(item)), true);
    sortable(this.parts, "[data-option]", "[data-option-handle]", "[data-options]", (item) => this.act("place:" + this.moved(item)), true);
    this.handles();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  handles() {
    for (const handle of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-move]"))) handle.hidden = false;
  }

  /** @param {SubmitEvent} e */
  submit(e) {
    const button = /** @type {HTMLButtonElement | null} */ (e.submitter);
    clearTimeout(this.timer);
    if (button?.name === "do") {
      e.preventDefault();
      return this.act(button.value);
    }
    if (!this.pending) return; // publishing leads to another page
    e.preventDefault();
    this.work?.then(() => this.form?.requestSubmit(button));
  }

  /** @param {HTMLInputElement} field */
  changed(field) {
    if (/\.(if|if\.op|kind)$/.test(field.name)) this.act("save"); // another question has other answers, another kind other fields
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), QUIET);
  }

  /** What an item's handle moves. @param {Element} item */
  moved(item) {
    return /** @type {HTMLElement | null} */ (item.querySelector("[data-move]"))?.dataset.move ?? "";
  }

  /** Up and down on a handle move what it belongs to. @param {KeyboardEvent} e */
  key(e) {
    const handle = /** @type {HTMLElement | null} */ (/** @type {Element} */ (e.target).closest("[data-move]"));
    const verb = { ArrowUp: "up", ArrowDown: "down" }[e.key];
    if (!handle || !verb) return;
    e.preventDefault();
    this.act(`${verb}:${handle.dataset.move}`);
  }

  /** @param {string} what */
  send(what) {
    const values = new FormData(this.form);
    values.set("do", what);
    values.set("as", "part");
    return submitPart(this.form?.getAttribute("action") ?? "", values);
  }

  /** Does one thing after the other. @param {() => Promise<void>} job */
  run(job) {
    this.pending = (this.pending ?? 0) + 1;
    this.work = this.work?.then(job).finally(() => this.pending--);
  }

  /** Keeps what was typed; the page stays as it is. */
  keep() {
    this.run(async () => {
      try {
        const now = /** @type {HTMLElement} */ ((await this.send("save")).querySelector("[data-draft]"));
        const part = /** @type {HTMLElement} */ (this.parts?.firstElementChild);
        part.dataset.draft = now.dataset.draft;
        const base = (/** @type {Element} */ of) => /** @type {HTMLInputElement} */ (of.querySelector("[name=base]"));
        base(part).value = base(now).value;
        /** @type {Element} */ (part.querySelector("p")).replaceWith(/** @type {Element} */ (now.querySelector("p")));
        for (const title of now.querySelectorAll("[data-title]")) {
          const old = document.getElementById(title.id);
          if (old) old.textContent = title.textContent;
        }
        this.preview();
      } catch (err) {
        toastError(err);
      }
    });
  }

  /** Does what a button says and shows the parts as they are then. @param {string} what */
  act(what) {
    clearTimeout(this.timer);
    this.run(async () => {
      const parts = /** @type {HTMLElement} */ (this.parts);
      const focused = document.activeElement?.id ?? "";
      const open = [...parts.querySelectorAll("details[open]")].map((e) => e.id);
      const values = this.send(what);
      parts.inert = true;
      try {
        parts.replaceChildren(await values);
        for (const id of open) document.getElementById(id)?.setAttribute("open", "");
        this.handles();
      } catch (err) {
        toastError(err);
      }
      parts.inert = false;
      this.goOn(focused);
      this.preview();
    });
  }

  /** The focus stays where it was, or goes where the change leads. @param {string} focused */
  goOn(focused) {
    const part = /** @type {HTMLElement} */ (this.parts?.firstElementChild);
    /** @type {HTMLElement} */ (this.querySelector("[data-said]")).textContent = part.dataset.told ?? "";
    const wanted = part.dataset.focus ?? "";
    const moved = /-(up|down)$/.test(wanted) && focused.endsWith("-handle");
    const item = wanted.replace(/-(up|down|place|remove)$/, "");
    for (const id of moved ? [item + "-handle"] : [wanted, item + "-handle", item + "-up", item + "-down", focused]) {
      const element = /** @type {HTMLButtonElement | null} */ (id ? document.getElementById(id) : null);
      if (!element || element.disabled) continue;
      element.focus();
      element.scrollIntoView({ block: "nearest" });
      return;
    }
  }

  /** @param {Element} target */
  choose(target) {
    const link = /** @type {HTMLAnchorElement | null} */ (target.closest("[data-preview]"));
    if (link && this.frame) this.frame.dataset.from = link.href;
  }

  preview() {
    if (this.frame) this.frame.src = this.frame.dataset.from ?? this.frame.src;
  }
}

customElements.define("form-builder", FormBuilder);
