// @ts-check
// The files that will go with the next message: chosen, pasted or dropped, sent to the desk at once, each with how far
// it is and a way to take it out.
import { icon, shown, sized } from "../lib/files.js";
import { t } from "../lib/text.js";
import { toast } from "../lib/toast.js";

/** @typedef {import("../lib/files.js").FileView} FileView */
/** @typedef {{chip: HTMLElement, request: XMLHttpRequest, view?: FileView, failed?: boolean}} Item */

export class FileTray extends HTMLElement {
  connectedCallback() {
    /** @type {Item[]} */
    this.items = [];
    const form = /** @type {HTMLElement} */ (this.closest("form"));
    const pick = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-attach]"));
    pick?.addEventListener("change", () => {
      this.add(pick.files);
      pick.value = "";
    });
    form.addEventListener("paste", (e) => {
      if (!e.clipboardData?.files.length) return;
      e.preventDefault();
      this.add(e.clipboardData.files);
    });
    const drop = /** @type {HTMLElement} */ (this.closest("ticket-thread") ?? form);
    this.over = (/** @type {DragEvent} */ e) => {
      if (!e.dataTransfer?.types.includes("Files")) return;
      e.preventDefault();
      if (e.type === "drop") this.add(e.dataTransfer.files);
      drop.classList.toggle("dropping", e.type === "dragover");
    };
    for (const kind of ["dragover", "dragleave", "drop"]) drop.addEventListener(kind, /** @type {EventListener} */ (this.over));
  }

  disconnectedCallback() {
    for (const item of this.items ?? []) item.request.abort();
  }

  /** Files that have arrived. @returns {FileView[]} */
  get files() {
    return (this.items ?? []).flatMap((i) => (i.view ? [i.view] : []));
  }

  /** Some are still on their way. */
  get busy() {
    return (this.items ?? []).some((i) => !i.view && !i.failed);
  }

  /** @param {FileList | null} files */
  add(files) {
    const items = /** @type {Item[]} */ (this.items);
    const max = Number(this.dataset.max);
    for (const file of files ?? []) {
      if (items.length >= max) return toast(t("files.too_many", { max }));
      this.bring(file);
    }
  }

  /** @param {File} file */
  bring(file) {
    const chip = document.createElement("span");
    chip.className = "chip";
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", t("files.sending", { name: file.name }));
    const name = document.createElement("span");
    name.className = "cut";
    name.textContent = file.name;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "chip-x";
    remove.setAttribute("aria-label", t("files.remove", { name: file.name }));
    remove.append(icon("close"));
    chip.append(name, bar, remove);
    const request = new XMLHttpRequest();
    /** @type {Item} */
    const item = { chip, request };
    remove.addEventListener("click", () => this.remove(item));
    this.items?.push(item);
    this.append(chip);
    this.changed();

    request.open("POST", this.dataset.url ?? "");
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (e) => (bar.value = e.loaded / e.total));
    request.addEventListener("loadend", () => {
      if (!this.items?.includes(item)) return; // taken out meanwhile
      bar.remove();
      if (request.status === 201) {
        item.view = request.response;
        name.textContent = `${request.response.name} · ${sized(request.response.size)}`;
        if (shown(request.response)) chip.prepend(Object.assign(new Image(), { src: request.response.url, alt: "" }));
      } else {
        item.failed = true;
        chip.classList.add("bad");
        const problem = request.response;
        toast(problem?.errors?.[0]?.message || problem?.detail || t("files.unreachable"));
      }
      this.changed();
    });
    const body = new FormData();
    body.append("file", file, file.name);
    request.send(body);
  }

  /** @param {Item} item */
  remove(item) {
    this.items = this.items?.filter((i) => i !== item);
    item.request.abort();
    item.chip.remove();
    this.changed();
  }

  clear() {
    for (const item of this.items ?? []) item.chip.remove();
    this.items = [];
    this.changed();
  }

  changed() {
    this.dispatchEvent(new CustomEvent("files-changed", { bubbles: true }));
  }
}

customElements.define("file-tray", FileTray);
