// @ts-check
// Who else has the ticket open.
import { link } from "../lib/link.js";
import { t } from "../lib/text.js";

/** The last frame: the head of a thread is made anew when its ticket changes, who views it is not. @type {any} */
let last = { ticket: "", viewers: [] };
link.addEventListener("viewers", (e) => (last = /** @type {CustomEvent} */ (e).detail));

class TicketViewers extends HTMLElement {
  connectedCallback() {
    this.show(last);
    this.listen = (/** @type {Event} */ e) => this.show(/** @type {CustomEvent} */ (e).detail);
    link.addEventListener("viewers", this.listen);
  }

  disconnectedCallback() {
    link.removeEventListener("viewers", /** @type {EventListener} */ (this.listen));
  }

  get ticket() {
    return /** @type {HTMLElement | null} */ (this.closest("ticket-thread"))?.dataset.ticket;
  }

  /** @param {{ticket: string, viewers: {id: string, name: string}[]}} frame */
  show({ ticket, viewers }) {
    if (ticket !== this.ticket) return;
    const others = viewers.filter((v) => v.id !== document.body.dataset.agent);
    this.replaceChildren(
      ...others.map((v) => {
        const avatar = document.createElement("span");
        avatar.className = "avatar small plain";
        avatar.title = t("console.thread.viewing", { name: v.name });
        avatar.setAttribute("role", "img");
        avatar.setAttribute("aria-label", avatar.title);
        avatar.textContent = [...v.name][0] ?? "?";
        return avatar;
      }),
    );
  }
}

customElements.define("ticket-viewers", TicketViewers);
