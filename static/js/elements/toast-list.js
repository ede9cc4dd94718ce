// @ts-check
// Shows what is said in passing (lib/toast.js).
const STAY = 4_500;

class ToastList extends HTMLElement {
  connectedCallback() {
    document.addEventListener("toast", (e) => this.show(/** @type {CustomEvent} */ (e).detail));
  }

  /** @param {{text: string, tone: string}} toast */
  show({ text, tone }) {
    const toast = document.createElement("p");
    toast.className = "toast " + tone;
    toast.textContent = text;
    this.append(toast);
    while (this.children.length > 3) this.firstElementChild?.remove();
    setTimeout(() => toast.remove(), STAY);
  }
}

customElements.define("toast-list", ToastList);
