// @ts-check
// Tries a mailbox and shows its steps as they come. Without this the form leads to the same page when all is known.
import { elements, lines } from "../lib/fragment.js";

class MailTest extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (e) => {
      e.preventDefault();
      this.run();
    });
    if ("begin" in this.dataset) {
      history.replaceState(null, "", location.pathname + location.hash); // a reload does not begin it again
      this.run();
    }
  }

  /** @param {string} css */
  at(css) {
    return /** @type {HTMLElement} */ (this.querySelector(css));
  }

  async run() {
    if (this.running) return;
    this.running = true;
    const form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
    const button = /** @type {HTMLButtonElement} */ (this.querySelector("button"));
    const said = this.at("[data-said]");
    button.setAttribute("aria-disabled", "true");
    said.textContent = said.dataset.busy ?? "";
    this.at("[data-broken]").hidden = true;
    let done = false;
    try {
      await lines(form.getAttribute("action") ?? "", new FormData(form), (line) => {
        this.at("[data-steps]").replaceChildren(elements(line.html));
        done = done || line.done;
      });
    } catch {
      // what has come stays; what is missing is said below
    }
    this.at("[data-broken]").hidden = done;
    said.textContent = done ? (said.dataset.done ?? "") : "";
    button.removeAttribute("aria-disabled");
    this.running = false;
  }
}

customElements.define("mail-test", MailTest);
