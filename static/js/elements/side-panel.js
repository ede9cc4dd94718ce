// @ts-check
// The panel beside the thread, and the edges that are dragged to make it or the list wider.
import { link } from "../lib/link.js";
import { recall, remember } from "../lib/memory.js";

const NARROWEST = 240;
const WIDEST = 520;

/**
 * Puts an edge on a pane. Its width is remembered.
 * @param {HTMLElement} pane
 * @param {"list" | "side"} name
 */
export function edge(pane, name) {
  if (pane.querySelector(":scope > .drag")) return;
  const desk = /** @type {HTMLElement} */ (pane.closest(".desk"));
  const bar = document.createElement("div");
  bar.className = "drag";
  const set = (/** @type {number} */ width) => {
    const clamped = Math.round(Math.min(Math.max(width, NARROWEST), WIDEST));
    desk.style.setProperty(`--${name}-width`, clamped + "px");
    remember("width." + name, String(clamped));
  };
  const saved = Number(recall("width." + name, "0"));
  if (saved) set(saved);
  bar.addEventListener("pointerdown", (e) => {
    e.preventDefault();
    bar.setPointerCapture(e.pointerId);
    const from = e.clientX;
    const width = pane.getBoundingClientRect().width;
    const sign = name === "list" ? 1 : -1;
    bar.onpointermove = (move) => set(width + sign * (move.clientX - from));
    bar.onpointerup = () => (bar.onpointermove = null);
  });
  bar.addEventListener("dblclick", () => set(name === "list" ? 340 : 300));
  pane.append(bar);
}

/** Below this width the panel lies over the thread, as in css/desk.css. */
const over = () => matchMedia("(max-width: 1180px)").matches;

/** @param {HTMLElement} desk */
export function toggleSide(desk) {
  const shown = over() ? desk.classList.toggle("side-open") : !desk.classList.toggle("side-closed");
  if (!over()) remember("side", shown ? "open" : "closed");
  else if (shown) /** @type {HTMLElement} */ (desk.querySelector("#side [data-toggle=side]"))?.focus();
}

/** Shows the panel as it was left, where there is a ticket to show. @param {HTMLElement} desk @param {boolean} ticket */
export function restoreSide(desk, ticket) {
  desk.classList.toggle("side-closed", !ticket || recall("side", "open") === "closed");
}

class SidePanel extends HTMLElement {
  connectedCallback() {
    edge(this, "side");
    const thread = /** @type {HTMLElement | null} */ (document.querySelector("ticket-thread"));
    if (thread?.dataset.here) this.presence({ ticket: thread.dataset.ticket, online: thread.dataset.here === "true" });
    this.listen = (/** @type {Event} */ e) => this.presence(/** @type {CustomEvent} */ (e).detail);
    link.addEventListener("presence", this.listen);
  }

  disconnectedCallback() {
    link.removeEventListener("presence", /** @type {EventListener} */ (this.listen));
  }

  /** @param {{ticket?: string, online: boolean}} frame */
  presence(frame) {
    const thread = /** @type {HTMLElement | null} */ (document.querySelector("ticket-thread"));
    const mark = /** @type {HTMLElement | null} */ (this.querySelector("contact-presence"));
    if (mark && frame.ticket && frame.ticket === thread?.dataset.ticket) {
      mark.hidden = !frame.online;
      thread.dataset.here = String(frame.online);
    }
  }
}

customElements.define("side-panel", SidePanel);
