// @ts-check
// Shows what is said in passing (lib/toast.js).
const STAY = 4_500;
const STAY_WITH_WAYS = 20_000;

class ToastList extends HTMLElement {
  connectedCallback() {
    document.addEventListener("toast", (e) => this.show(/** @type {CustomEvent} */ (e).detail));
  }

  /** @param {{text: string, tone: string, ways?: {text: string, href?: string, does?: () => void}[]}} toast */
  show({ text, tone, ways = [] }) {
    const toast = document.createElement("p");
    toast.className = "toast " + tone;
    toast.textContent = text;
    for (const way of ways) {
      const element = document.createElement(way.href ? "a" : "button");
      element.className = "way";
      element.textContent = way.text;
      if (element instanceof HTMLAnchorElement) element.href = way.href ?? "";
      element.addEventListener("click", () => {
        toast.remove();
        way.does?.();
      });
      toast.append(" ", element);
    }
    this.append(toast);
    while (this.children.length > 3) this.firstElementChild?.remove();
    setTimeout(() => toast.remove(), ways.length ? STAY_WITH_WAYS : STAY);
  }
}

customElements.define("toast-list", ToastList);
