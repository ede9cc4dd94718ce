// @ts-check
// Says plainly how the connection is while it is not as it should be, and for a moment that it is well again.
import { link } from "../lib/link.js";
import { t } from "../lib/text.js";

/** A blink of the network is not worth a word. In ms. */
const PATIENCE = 700;
const HEALED = 2_500;

class ConnectionState extends HTMLElement {
  connectedCallback() {
    this.listen = () => this.turn();
    link.addEventListener("state", this.listen);
    this.turn();
  }

  disconnectedCallback() {
    link.removeEventListener("state", /** @type {() => void} */ (this.listen));
    clearTimeout(this.timer);
  }

  turn() {
    clearTimeout(this.timer);
    const state = link.state;
    if (state === "connected") {
      const wasAway = ["reconnecting", "offline"].includes(this.dataset.state ?? "");
      this.show(wasAway ? "healed" : "connected", wasAway ? t("console.link.healed") : "");
      if (wasAway) this.timer = setTimeout(() => this.show("connected", ""), HEALED);
    } else if (state === "offline") {
      this.show("offline", t("console.link.offline"));
    } else if (state === "reconnecting" || state === "stopped") {
      this.timer = setTimeout(() => this.show("reconnecting", t("console.link.reconnecting")), PATIENCE);
    }
  }

  /** @param {string} state @param {string} text */
  show(state, text) {
    this.dataset.state = state;
    this.textContent = text;
  }
}

customElements.define("connection-state", ConnectionState);
