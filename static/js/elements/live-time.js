// @ts-check
// A time that says how long ago it was, and keeps saying it.
import { slot } from "../lib/message.js";
import { ago } from "../lib/when.js";

const EVERY = 20_000;
const SOON = 3 * 60_000; // both as in app/web/list.go
const LONG = 10 * 60_000;

/** @type {Set<LiveTime>} */
const all = new Set();
setInterval(() => all.forEach((time) => time.turn()), EVERY);

class LiveTime extends HTMLElement {
  connectedCallback() {
    all.add(this);
  }

  disconnectedCallback() {
    all.delete(this);
  }

  turn() {
    const passed = Date.now() - Number(this.dataset.since);
    slot(this, "ago").textContent = ago(passed);
    if (!this.classList.contains("waits")) return;
    this.classList.toggle("long", passed > LONG);
    this.classList.toggle("soon", passed > SOON && passed <= LONG);
  }
}

customElements.define("live-time", LiveTime);
