// @ts-check
// A details element whose content is fetched when it is first opened: data-from says where from. A link marked data-again in
// it brings the part anew. Without scripts a link leads there.
import { part } from "../lib/fragment.js";
import { slot } from "../lib/message.js";
import { toastError } from "../lib/toast.js";

class UnfoldPart extends HTMLElement {
  connectedCallback() {
    const details = /** @type {HTMLDetailsElement} */ (this.querySelector("details"));
    details.addEventListener("toggle", () => {
      if (!details.open || this.asked) return;
      this.asked = true;
      this.fill(this.dataset.from ?? "");
    });
    this.addEventListener("click", (e) => {
      const link = /** @type {Element} */ (e.target).closest("a[data-again]");
      if (!(link instanceof HTMLAnchorElement)) return;
      e.preventDefault();
      this.fill(link.href);
    });
  }

  /** @param {string} from */
  async fill(from) {
    const focused = this.contains(document.activeElement) && document.activeElement?.matches("[data-again]");
    try {
      slot(this, "part").replaceChildren(await part(from));
      if (focused) /** @type {HTMLElement | null} */ (this.querySelector("[data-again]"))?.focus();
    } catch (err) {
      this.asked = false;
      toastError(err);
    }
  }
}

customElements.define("unfold-part", UnfoldPart);
