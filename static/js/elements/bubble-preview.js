// @ts-check
// Draws the chat's place, colour and greeting while they are typed, as app/web/bubble_preview.go draws what is saved.
import { contrast } from "../lib/contrast.js";

const BUBBLE = 56;
const USUAL = "#0b6b53";
const ENOUGH = 4.5; // as tickets.ContrastMin
const GAP_MAX = 200;

class BubblePreview extends HTMLElement {
  connectedCallback() {
    this.form = /** @type {HTMLFormElement} */ (this.closest("form"));
    this.form.addEventListener("input", () => this.draw());
  }

  /** @param {string} name */
  value(name) {
    return /** @type {HTMLInputElement} */ (this.form?.elements.namedItem(name)).value.trim();
  }

  /** @param {string} name */
  part(name) {
    return /** @type {Element} */ (this.querySelector(`[data-part="${name}"]`));
  }

  /** @param {string} name */
  gap(name) {
    return Math.min(GAP_MAX, Math.max(0, parseInt(this.value(name), 10) || 0));
  }

  draw() {
    const width = Number(this.dataset.width);
    const panel = Number(this.dataset.panel);
    const x = this.gap("position_x");
    const left = this.value("position_side") === "left";
    const cy = Number(this.dataset.height) - this.gap("position_y") - BUBBLE / 2;
    const cx = left ? x + BUBBLE / 2 : width - x - BUBBLE / 2;
    this.part("bubble").setAttribute("transform", `translate(${cx} ${cy})`);
    this.part("panel").setAttribute("transform", `translate(${left ? x : width - x - panel} ${Math.max(8, cy - BUBBLE / 2 - 132)})`);
    this.part("hello").textContent = this.value("greeting") || (this.dataset.hello ?? "");
    this.paint(/^#[0-9a-f]{6}$/i.test(this.value("colour")) ? this.value("colour") : USUAL);
  }

  /** @param {string} colour */
  paint(colour) {
    for (const name of ["dot", "head"]) this.part(name).setAttribute("fill", colour);
    const n = contrast(colour);
    const line = /** @type {HTMLElement} */ (this.part("contrast"));
    line.toggleAttribute("data-light", n < ENOUGH);
    const text = ((n < ENOUGH ? line.dataset.bad : line.dataset.good) ?? "").replace("{n}", n.toFixed(1));
    if (line.textContent !== text) line.textContent = text;
  }
}

customElements.define("bubble-preview", BubblePreview);
