// @ts-check
// The console as a whole: opens tickets and lists without leaving the page, and says what comes after an action.
import { part } from "../lib/fragment.js";
import { refresh } from "../lib/forms.js";
import { link } from "../lib/link.js";
import { t } from "../lib/text.js";
import { toastError } from "../lib/toast.js";
import { press } from "../lib/hotkeys.js";
import { placeOf } from "../lib/place.js";
import "./newer-dialog.js";
import { restoreSide, toggleSide } from "./side-panel.js";

export class DeskConsole extends HTMLElement {
  connectedCallback() {
    if (this.classList.contains("plain")) return this.showSection();
    this.addEventListener("click", (e) => this.clicked(e));
    this.addEventListener("refresh-ticket", () => this.thread.dataset.url && refresh(this.thread).catch(toastError));
    this.addEventListener("read-ticket", () => setTimeout(() => this.list.refresh(), 300));
    document.addEventListener("acted", (e) => this.acted(/** @type {CustomEvent} */ (e).detail));
    this.querySelector(".find")?.addEventListener("submit", (e) => this.find(e));
    addEventListener("popstate", () => this.show(location.href, false));
    restoreSide(this, Boolean(this.thread.dataset.ticket));
  }

  get thread() {
    return /** @type {any} */ (this.querySelector("ticket-thread"));
  }

  get list() {
    return /** @type {any} */ (this.querySelector("ticket-list"));
  }

  // On a phone the sections of the settings are a strip: the one that is open stands within it.
  showSection() {
    const strip = this.querySelector(".sections");
    const here = strip?.querySelector("[aria-current]");
    if (!strip || !here) return;
    const a = strip.getBoundingClientRect();
    const b = here.getBoundingClientRect();
    strip.scrollLeft += b.left + b.width / 2 - a.left - a.width / 2;
  }

  /** @param {MouseEvent} e */
  clicked(e) {
    const target = /** @type {Element} */ (e.target);
    if (target.closest("[data-toggle=side]")) return this.toggleSide();
    const a = target.closest("a");
    if (!a || e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || a.target) return;
    if (a.matches("[data-more]")) this.stay(e, this.list.more(a));
    else if (a.matches(".earlier")) this.stay(e, this.thread.talk.earlier(a));
    else if (/^\/tickets(\/\d+)?$/.test(a.pathname)) this.stay(e, this.show(a.href, true));
  }

  /** @param {Event} e @param {Promise<unknown>} work */
  stay(e, work) {
    e.preventDefault();
    work.catch(toastError);
  }

  /** Opens what an address names: a list, a ticket, both. @param {string} href @param {boolean} push */
  async show(href, push) {
    const { path, here, ticket } = placeOf(href, location.href);
    this.stop?.abort();
    this.stop = new AbortController();
    const opened = ticket ? await part(path + here + "&part=opened", this.stop.signal) : null;
    if (push) history.pushState(null, "", path + here);
    if (here !== this.list.here) this.go(here);
    // Beside another list the ticket stays open; where the list takes its place it does not.
    if (opened || !push || matchMedia("(max-width: 760px)").matches) this.put(opened ?? this.nothing());
    this.dataset.pane = ticket ? "thread" : "list";
    this.classList.remove("side-open");
  }

  nothing() {
    return /** @type {DocumentFragment} */ (/** @type {HTMLTemplateElement} */ (document.getElementById("blank-thread")).content.cloneNode(true));
  }

  /** Another list. @param {string} here */
  go(here) {
    this.list.dataset.list = new URLSearchParams(here).get("list") ?? "find";
    for (const a of /** @type {NodeListOf<HTMLAnchorElement>} */ (this.querySelectorAll(".tabs a, .rail-lists a"))) {
      a.toggleAttribute("aria-current", a.search === here);
      if (a.search !== here) continue;
      a.setAttribute("aria-current", "page");
      this.list.rename(a.querySelector(".name")?.textContent ?? a.firstChild?.textContent?.trim());
    }
    this.list.fetch(here);
  }

  /** @param {DocumentFragment} opened */
  put(opened) {
    for (const old of this.querySelectorAll("ticket-thread, side-panel")) old.remove();
    this.querySelector(".work")?.append(opened);
    this.list.mark();
    const { number } = this.thread.dataset;
    document.title = number ? `#${number} ${this.querySelector(".thread-title h1")?.textContent} · ${t("web.name")}` : t("web.name");
    restoreSide(this, Boolean(number));
    this.thread.focus({ preventScroll: true });
  }

  toggleSide() {
    toggleSide(this);
  }

  /** @param {Event} e */
  find(e) {
    const words = String(new FormData(/** @type {HTMLFormElement} */ (e.target)).get("q")).trim();
    this.stay(e, this.show("/tickets?q=" + encodeURIComponent(words), true));
  }

  /** @param {{form: HTMLFormElement, answer: {after?: string}}} detail */
  acted({ form, answer }) {
    this.list.refresh();
    const then = this.then ?? answer.after;
    this.then = undefined;
    const next = this.list.neighbour(1);
    if ("moves" in form.dataset && then === "next" && next) this.show(next.href, true).catch(toastError);
    else if ("moves" in form.dataset && then === "back") this.show("/tickets" + this.list.here, true).catch(toastError);
    else if (this.thread.dataset.url) refresh(this.thread).catch(toastError);
  }

  solveAndNext() {
    this.then = "next";
    if (!press("e")) this.then = undefined;
  }
}

customElements.define("desk-console", DeskConsole);
