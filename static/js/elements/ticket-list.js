// @ts-check
// The list of tickets: always as the desk has it. A hint over the socket makes it fetch its rows again, at most once a
// while; rows that did not change are left alone.
import { part } from "../lib/fragment.js";
import { link } from "../lib/link.js";
import { reconcile } from "../lib/reconcile.js";
import { avatars, viewing } from "../lib/viewers.js";
import { edge } from "./side-panel.js";

const AT_MOST_EVERY = 700; // ms
const LISTS = ["unassigned", "mine", "colleagues", "snoozed", "all"];

export class TicketList extends HTMLElement {
  connectedCallback() {
    edge(this, "list");
    this.last = 0;
    link.addEventListener("list", (e) => this.hint(/** @type {CustomEvent} */ (e).detail));
    // Also the first time: what happened between the page and the socket is in neither.
    link.addEventListener("state", () => link.state === "connected" && this.refresh());
    link.watch(LISTS.filter((l) => l !== "snoozed"));
    viewing.addEventListener("change", () => this.view());
    document.addEventListener("draft", () => this.refresh());
    this.mark();
  }

  get rows() {
    return /** @type {HTMLElement} */ (this.querySelector(".rows"));
  }

  /** @returns {HTMLAnchorElement[]} */
  get all() {
    return [...this.querySelectorAll(".row")].map((e) => /** @type {HTMLAnchorElement} */ (e));
  }

  get here() {
    return this.dataset.here ?? "";
  }

  /** @param {{items: object[], reload?: boolean, counts?: Record<string, number>}} frame */
  hint(frame) {
    if (frame.counts) this.count(frame.counts);
    if (frame.reload || frame.items.length > 0) this.refresh();
  }

  /** @param {Record<string, number>} counts */
  count(counts) {
    const shown = { ...counts, todo: (counts.unassigned ?? 0) + (counts.mine ?? 0) };
    for (const [list, n] of Object.entries(shown)) {
      for (const e of document.querySelectorAll(`[data-count="${list}"]`)) {
        e.textContent = list === "todo" && n === 0 ? "" : n.toLocaleString(document.documentElement.lang);
      }
    }
  }

  refresh() {
    if (this.timer || this.dataset.list === "find") return;
    this.timer = setTimeout(() => this.fetch(), Math.max(0, (this.last ?? 0) + AT_MOST_EVERY - Date.now()));
  }

  /** @param {string} [here] another list, or what is looked for */
  async fetch(here = this.here) {
    this.timer = undefined;
    this.last = Date.now();
    this.stop?.abort();
    this.stop = new AbortController();
    const same = here === this.here;
    const limit = same ? Math.max(40, Math.min(this.all.length, 200)) : 40;
    try {
      const fresh = (await part(`/tickets${here}&part=rows&limit=${limit}`, this.stop.signal)).querySelector(".rows");
      if (!fresh) return;
      if (!same) this.rows.scrollTop = 0;
      reconcile(this.rows, fresh, "ticket");
      this.dataset.here = here;
      this.mark();
    } catch {
      // No answer now: the socket's next beginning asks again.
    }
  }

  /** Shows the next page below. @param {HTMLAnchorElement} more */
  async more(more) {
    const page = (await part(more.href + "&part=rows")).querySelector(".rows");
    const first = page?.querySelector(".row");
    more.closest(".rows-more")?.replaceWith(...(page?.children ?? []));
    this.mark();
    /** @type {HTMLElement | null | undefined} */ (first)?.focus();
  }

  /** Says which list it is now. @param {string} name */
  rename(name) {
    this.setAttribute("aria-label", name);
    /** @type {HTMLElement} */ (this.querySelector("h1")).textContent = name;
  }

  /** Marks the row of the open ticket. */
  mark() {
    const open = /** @type {HTMLElement | null} */ (document.querySelector("ticket-thread"))?.dataset.ticket;
    for (const row of this.all) {
      if (row.dataset.ticket === open) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    this.view();
  }

  /** Shows on each row who else has its ticket open. */
  view() {
    for (const row of this.all) {
      for (const old of row.querySelectorAll(".row-viewer")) old.remove();
      const here = avatars(row.dataset.ticket ?? "");
      for (const avatar of here) avatar.classList.add("row-viewer");
      row.querySelector(".row-marks")?.prepend(...here);
    }
  }

  /**
   * The row before or after the focused or open one.
   * @param {1 | -1} step
   */
  neighbour(step) {
    const rows = this.all;
    const at = rows.findIndex((r) => r === document.activeElement) + 1 || rows.findIndex((r) => r.hasAttribute("aria-current")) + 1;
    return at === 0 ? rows[0] : rows[at - 1 + step];
  }
}

customElements.define("ticket-list", TicketList);
