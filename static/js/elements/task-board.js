// @ts-check
// The board of improvement tasks: cards are drawn to where they go, or moved with the arrow keys. What the desk refuses goes
// back to where it was. Without scripts each card has a menu.
import { Refused, submit } from "../lib/fragment.js";
import { t } from "../lib/text.js";
import { toast, toastError } from "../lib/toast.js";

class TaskBoard extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (e) => this.key(e));
    if (!("leads" in this.dataset)) return;
    for (const card of this.cards) card.draggable = true;
    this.addEventListener("dragstart", (e) => this.begin(e));
    this.addEventListener("dragover", (e) => this.over(e));
    this.addEventListener("drop", (e) => this.drop(e));
    this.addEventListener("dragend", () => this.end());
  }

  /** @returns {HTMLElement[]} */
  get cards() {
    return [...this.querySelectorAll(".task-card")].map((e) => /** @type {HTMLElement} */ (e));
  }

  /** @returns {HTMLElement[]} */
  get lanes() {
    return [...this.querySelectorAll(".lane")].map((e) => /** @type {HTMLElement} */ (e));
  }

  /** @param {DragEvent} e */
  begin(e) {
    const card = /** @type {HTMLElement} */ (e.target).closest?.(".task-card");
    if (!card || !e.dataTransfer) return;
    this.dragged = /** @type {HTMLElement} */ (card);
    e.dataTransfer.effectAllowed = "move";
    e.dataTransfer.setData("text/plain", this.dragged.dataset.number ?? "");
    card.classList.add("dragged");
  }

  /** @param {DragEvent} e */
  over(e) {
    const lane = /** @type {HTMLElement} */ (e.target).closest?.(".lane");
    if (!this.dragged || !lane) return;
    e.preventDefault();
    for (const one of this.lanes) one.classList.toggle("over", one === lane);
  }

  /** @param {DragEvent} e */
  drop(e) {
    const lane = /** @type {HTMLElement} */ (e.target).closest?.(".lane");
    const card = this.dragged;
    if (!card || !lane) return;
    e.preventDefault();
    const before = [...lane.querySelectorAll(".task-card")].find((one) => {
      const { top, height } = one.getBoundingClientRect();
      return one !== card && e.clientY < top + height / 2;
    });
    this.end();
    this.move(card, /** @type {HTMLElement} */ (lane), /** @type {HTMLElement | undefined} */ (before));
  }

  end() {
    this.dragged?.classList.remove("dragged");
    this.dragged = undefined;
    for (const one of this.lanes) one.classList.remove("over");
  }

  /** Arrows go from card to card; with Shift they take the card along. @param {KeyboardEvent} e */
  key(e) {
    const title = /** @type {HTMLElement} */ (e.target);
    if (!title.matches(".task-title") || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[e.key];
    if (!step) return;
    e.preventDefault();
    e.stopPropagation();
    const card = /** @type {HTMLElement} */ (title.closest(".task-card"));
    if (e.shiftKey) return this.shift(card, step[0], step[1]);
    this.focusFrom(card, step[0], step[1]);
  }

  /** @param {HTMLElement} card @param {number} across @param {number} down */
  focusFrom(card, across, down) {
    const lane = /** @type {HTMLElement} */ (card.closest(".lane"));
    if (down) return this.focusCard(down > 0 ? card.nextElementSibling : card.previousElementSibling);
    const lanes = this.lanes.filter((one) => one === lane || one.querySelector(".task-card"));
    const next = lanes[lanes.indexOf(lane) + across];
    const at = [...lane.querySelectorAll(".task-card")].indexOf(card);
    const cards = next?.querySelectorAll(".task-card");
    if (cards) this.focusCard(cards[Math.min(at, cards.length - 1)]);
  }

  /** @param {Element | null | undefined} card */
  focusCard(card) {
    /** @type {HTMLElement | null | undefined} */ (card?.querySelector(".task-title"))?.focus();
  }

  /** @param {HTMLElement} card @param {number} across @param {number} down */
  shift(card, across, down) {
    if (!("leads" in this.dataset)) return;
    const lane = /** @type {HTMLElement} */ (card.closest(".lane"));
    if (across) {
      const next = this.lanes[this.lanes.indexOf(lane) + across];
      return next && this.move(card, next, /** @type {HTMLElement | undefined} */ (next.querySelector(".task-card") ?? undefined));
    }
    const other = /** @type {HTMLElement | null} */ (down > 0 ? card.nextElementSibling : card.previousElementSibling);
    if (!other) return;
    this.move(card, lane, down > 0 ? /** @type {HTMLElement | undefined} */ (other.nextElementSibling ?? undefined) : other);
  }

  /** Lays a card into a lane, before another or at its end. @param {HTMLElement} card @param {HTMLElement} lane @param {HTMLElement} [before] */
  async move(card, lane, before) {
    if (this.busy || before === card) return;
    this.busy = true;
    const from = /** @type {HTMLElement} */ (card.closest(".lane"));
    const next = card.nextElementSibling;
    const held = card.contains(document.activeElement);
    this.lay(card, lane, before);
    if (held) this.focusCard(card);
    try {
      const { version } = await submit(`/improve/${card.dataset.number}/state`, {
        version: card.dataset.version ?? "", state: lane.dataset.state ?? "", before: before?.dataset.number ?? "",
      });
      this.stands(card, lane, version);
    } catch (err) {
      this.lay(card, from, /** @type {HTMLElement} */ (next) ?? undefined);
      if (held) this.focusCard(card);
      if (err instanceof Refused && err.status === 409) toast(err.message, "bad", [{ text: t("console.board.again"), href: location.href.split("#")[0] }]);
      else toastError(err);
    }
    this.busy = false;
  }

  /** @param {HTMLElement} card @param {HTMLElement} lane @param {number} version */
  stands(card, lane, version) {
    card.dataset.version = String(version);
    for (const input of card.querySelectorAll("input[name=version]")) /** @type {HTMLInputElement} */ (input).value = String(version);
    for (const item of card.querySelectorAll("button[name=state]")) {
      if (/** @type {HTMLButtonElement} */ (item).value === lane.dataset.state) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
    const said = document.getElementById("board-said");
    const name = lane.querySelector("h2")?.firstChild?.textContent ?? "";
    if (said) said.textContent = t("console.board.moved", { title: card.querySelector(".task-title")?.textContent ?? "", state: name });
  }

  /** @param {HTMLElement} card @param {HTMLElement} lane @param {HTMLElement} [before] */
  lay(card, lane, before) {
    const from = /** @type {HTMLElement} */ (card.closest(".lane"));
    lane.querySelector(".lane-cards")?.insertBefore(card, before ?? null);
    if (from !== lane) {
      this.count(from, -1);
      this.count(lane, 1);
    }
  }

  /** @param {HTMLElement} lane @param {number} by */
  count(lane, by) {
    const n = lane.querySelector("[data-lane-count]");
    if (n) n.textContent = String(Number(n.textContent) + by);
  }
}

customElements.define("task-board", TaskBoard);
