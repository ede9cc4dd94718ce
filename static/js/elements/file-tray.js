// @ts-check
// The files that will go with the next message: chosen, pasted or dropped. lib/tray.js sends and shows them; this is where
// they come from, and where those that arrived wait for the next look at this ticket.
import { Refused, submit } from "../lib/fragment.js";
import { t } from "../lib/text.js";
import { toast } from "../lib/toast.js";
import { makeTray } from "../lib/tray.js";

/** @typedef {import("../lib/files.js").FileView} FileView */

export class FileTray extends HTMLElement {
  connectedCallback() {
    const form = /** @type {HTMLElement} */ (this.closest("form"));
    const key = "tray:" + this.dataset.url;
    this.says = document.createElement("span");
    this.says.className = "unseen";
    this.says.setAttribute("role", "status");
    this.after(this.says);
    this.tray = makeTray({
      list: this,
      tag: "span",
      max: Number(this.dataset.max),
      maxBytes: Number(this.dataset.maxBytes),
      says: this.dataset.says ?? "",
      original: true,
      t,
      announce: (text) => this.announce(text),
      words: {
        remove: "files.remove", sending: "files.sending", there: "files.there", again: "files.again", large: "files.large",
        original: "files.original", many: "files.too_many", picture: "files.picture", unreachable: "files.unreachable",
      },
      url: () => this.dataset.url ?? "",
      headers: () => ({}),
      reason: (problem) => problem.errors?.[0]?.message || problem.detail,
      changed: () => this.dispatchEvent(new CustomEvent("files-changed", { bubbles: true })),
      kept: () => sessionStorage.getItem(key),
      keep: (value) => (value ? sessionStorage.setItem(key, value) : sessionStorage.removeItem(key)),
    });
    this.tray.restore();
    const pick = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-attach]"));
    pick?.addEventListener("change", () => {
      this.tray?.add(pick.files);
      pick.value = "";
    });
    form.addEventListener("paste", (e) => {
      if (!e.clipboardData?.files.length) return;
      e.preventDefault();
      this.tray?.add(e.clipboardData.files);
    });
    const drop = /** @type {HTMLElement} */ (this.closest("ticket-thread") ?? form);
    const over = (/** @type {DragEvent} */ e) => {
      if (!e.dataTransfer?.types.includes("Files")) return;
      e.preventDefault();
      if (e.type === "drop") this.tray?.add(e.dataTransfer.files);
      drop.classList.toggle("dropping", e.type === "dragover");
    };
    for (const kind of ["dragover", "dragleave", "drop"]) drop.addEventListener(kind, /** @type {EventListener} */ (over));
  }

  disconnectedCallback() {
    this.tray?.stop();
  }

  /** @param {string} text */
  announce(text) {
    if (this.says) this.says.textContent = text;
    if (this.tray?.failed()) toast(text);
  }

  /** Files that have arrived. @returns {FileView[]} */
  get files() {
    return this.tray?.views() ?? [];
  }

  /** Some are still on their way, or being copied. */
  get busy() {
    return Boolean(this.tray?.busy() || this.copying);
  }

  get failed() {
    return this.tray?.failed() ?? false;
  }

  /** A file that lies with the desk already: a quick reply's. @param {FileView} view */
  put(view) {
    this.tray?.put(view);
  }

  /** Takes copies of a quick reply's files; a message waits for them. @param {import("../lib/macro-match.js").Macro} macro */
  async bring(macro) {
    if (!macro.files) return;
    this.copying = (this.copying ?? 0) + 1;
    try {
      for (const view of await submit(`${this.dataset.macros}${macro.id}/files`, {})) this.put(view);
    } catch (err) {
      toast(err instanceof Refused ? err.message : t("files.unreachable"), "bad");
    }
    this.copying--;
    this.dispatchEvent(new CustomEvent("files-changed", { bubbles: true }));
  }

  /** Lets go of what a message has taken; what failed stays to be tried again. */
  sent() {
    this.tray?.sent();
  }
}

customElements.define("file-tray", FileTray);
