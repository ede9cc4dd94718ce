// @ts-check
// Who else has the open ticket open.
import { avatars, viewing } from "../lib/viewers.js";

class TicketViewers extends HTMLElement {
  connectedCallback() {
    this.show = () => {
      const ticket = /** @type {HTMLElement | null} */ (this.closest("ticket-thread"))?.dataset.ticket;
      this.replaceChildren(...avatars(ticket ?? ""));
    };
    this.show();
    viewing.addEventListener("change", this.show);
  }

  disconnectedCallback() {
    viewing.removeEventListener("change", /** @type {() => void} */ (this.show));
  }
}

customElements.define("ticket-viewers", TicketViewers);
