// @ts-check
// Keeps a part of the page as the server has it: data-from is where the part comes from. Without this, loading the page
// anew shows the same.
import { part } from "../lib/fragment.js";

const EVERY = 3_000; // ms

class LivePart extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.look(), EVERY);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  async look() {
    if (document.hidden || this.busy) return;
    this.busy = true;
    try {
      const fresh = await part(this.dataset.from ?? "");
      const box = document.createElement("div");
      box.append(fresh);
      // Only what changed: the focus stays on a button that somebody is about to press.
      if (box.innerHTML.trim() === this.last) return;
      const first = this.last === undefined;
      this.last = box.innerHTML.trim();
      if (first && this.innerHTML.trim() === this.last) return;
      const focused = this.contains(document.activeElement) ? document.activeElement?.id : "";
      this.replaceChildren(...box.childNodes);
      if (focused) document.getElementById(focused)?.focus();
    } catch {
      // the next look may reach the desk again
    } finally {
      this.busy = false;
    }
  }
}

customElements.define("live-part", LivePart);
