// @ts-check
// Makes a details element a menu: it closes by Escape and by a click elsewhere, arrow keys walk through it, an input
// filters it. Without scripts it still opens and its buttons still work.
class PopMenu extends HTMLElement {
  connectedCallback() {
    this.details = /** @type {HTMLDetailsElement} */ (this.querySelector("details"));
    this.details.addEventListener("toggle", () => this.toggled());
    this.addEventListener("keydown", (e) => this.key(e));
    this.addEventListener("input", (e) => this.filter(/** @type {HTMLInputElement} */ (e.target)));
    this.elsewhere = (/** @type {Event} */ e) => {
      if (!this.contains(/** @type {Node} */ (e.target))) this.close(false);
    };
  }

  disconnectedCallback() {
    if (this.elsewhere) document.removeEventListener("pointerdown", this.elsewhere);
  }

  get items() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll(".menu-box :is(.item, input)")]).filter((e) => !e.hidden);
  }

  toggled() {
    const listener = /** @type {(e: Event) => void} */ (this.elsewhere);
    if (!this.details?.open) return document.removeEventListener("pointerdown", listener);
    document.addEventListener("pointerdown", listener);
    this.stayInside();
    this.items[0]?.focus();
  }

  /** Moves the box so that no edge of the window cuts it. */
  stayInside() {
    const box = /** @type {HTMLElement} */ (this.querySelector(".menu-box"));
    box.style.translate = "";
    const { left, right } = box.getBoundingClientRect();
    if (left < 8) box.style.translate = `${8 - left}px 0`;
    else if (right > innerWidth - 8) box.style.translate = `${innerWidth - 8 - right}px 0`;
  }

  /** @param {boolean} focus gives the focus back to what opened it */
  close(focus) {
    if (!this.details?.open) return;
    this.details.open = false;
    if (focus) this.querySelector("summary")?.focus();
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    if (!this.details?.open || e.isComposing) return;
    if (e.key === "Escape") {
      e.stopPropagation();
      return this.close(true);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const at = this.items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    this.items.at((at + step + this.items.length) % this.items.length)?.focus();
  }

  /** @param {HTMLInputElement} input */
  filter(input) {
    if (!("filter" in input.dataset)) return;
    const words = input.value.trim().toLowerCase();
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(".item[data-text]"))) {
      item.hidden = !item.dataset.text?.toLowerCase().includes(words);
    }
  }
}

customElements.define("pop-menu", PopMenu);
