// @ts-check
// An open ticket: what was said and done, in the order of its places, live. It counts the places; after a gap it asks
// for what it missed.
import { Bottom } from "../lib/bottom.js";
import { link } from "../lib/link.js";
import { ready } from "../lib/files.js";
import { Listening } from "../lib/listening.js";
import { part } from "../lib/fragment.js";
import { watchHeld, watchSending } from "../lib/mailing.js";
import { isMail, released, slot, takeBack } from "../lib/message.js";
import { outbox } from "../lib/post.js";
import { offerRecall } from "../lib/recall.js";
import { Talk } from "../lib/talk.js";
import { t } from "../lib/text.js";

/** Changes of a ticket that its head and panel show. */
const SHOWN = ["status", "assignee", "team", "tags", "priority", "subject", "snoozed_until", "contact", "order", "page"];

/** @typedef {any} Frame as the agent socket sends it: the contract, section 3 */

export class TicketThread extends HTMLElement {
  connectedCallback() {
    this.ticket = this.dataset.ticket ?? "";
    const list = /** @type {HTMLElement | null} */ (this.querySelector(".talk"));
    if (!this.ticket || !list) return;
    this.talk = new Talk(list);
    this.bottom = new Bottom(list, () => this.read());
    this.listening = new Listening(this.ticket, {
      message: (f) => this.take(f, () => this.say(f)),
      event: (f) => this.take(f, () => this.tell(f)),
      message_changed: (f) => this.changed(f),
      ticket: (f) => this.fields(f.fields),
      read: (f) => this.wasRead(f),
      subscribed: () => this.bottom?.check(),
    });
    for (const m of list.querySelectorAll(".m")) {
      offerRecall(/** @type {HTMLElement} */ (m), this.ticket);
      this.watch(/** @type {HTMLElement} */ (m));
    }
    for (const letter of outbox.of(this.ticket)) this.talk.letter(letter);
    this.onLetter = (/** @type {Event} */ e) => this.letter(/** @type {CustomEvent} */ (e).detail);
    outbox.addEventListener("change", this.onLetter);
    link.subscribe(this.ticket, () => this.pos);
    this.bottom.go();
  }

  disconnectedCallback() {
    if (!this.talk) return;
    link.unsubscribe(this.ticket ?? "");
    this.listening?.stop();
    this.bottom?.stop();
    clearTimeout(this.timer);
    outbox.removeEventListener("change", /** @type {EventListener} */ (this.onLetter));
  }

  get pos() {
    return Number(this.dataset.pos);
  }

  /**
   * Takes what stands at the next place; what is known already passes, a gap is asked for.
   * @param {Frame} f
   * @param {() => void} take
   */
  take(f, take) {
    if (f.pos <= this.pos) return;
    if (f.pos > this.pos + 1) return link.subscribe(this.ticket ?? "", () => this.pos);
    this.dataset.pos = f.pos;
    take();
  }

  /** @param {Frame} f */
  say(f) {
    if (f.seq) this.dataset.seq = f.seq;
    const element = /** @type {HTMLElement} */ (this.talk?.say(f, Number(this.dataset.read)));
    offerRecall(element, this.ticket ?? "");
    this.bottom?.grew(element.classList.contains("mine") ? "mine" : "theirs");
    const mail = isMail(f, this.dataset.channel ?? "");
    if (mail || f.state === "held") this.rendered(element).catch(() => {}); // what it says stands there already
    if (mail) this.composer?.refreshRecipients().catch(() => {});
  }

  get composer() {
    return /** @type {import("./message-composer.js").MessageComposer | null} */ (this.querySelector("message-composer"));
  }

  /** Minds what is held or still under way as mail. @param {HTMLElement} m */
  watch(m) {
    watchHeld(m, (back) => this.composer?.takeBack(back));
    watchSending(m, (element) => this.rendered(element, false));
  }

  /**
   * Some messages have more than their frame says, such as a mail's head: the desk's own rendering takes the place.
   * @param {HTMLElement} element
   * @param {boolean} [mind] whether what is under way is minded from now on
   * @returns {Promise<HTMLElement | undefined>}
   */
  async rendered(element, mind = true) {
    const whole = /** @type {HTMLElement | null} */ ((await part(`${this.dataset.url}/messages/${element.dataset.message}`)).querySelector(".m"));
    if (!whole || !element.isConnected || (element.matches(".gone") && !whole.matches(".gone"))) return undefined;
    whole.classList.toggle("follows", element.matches(".follows") && !whole.matches(".letter"));
    element.replaceWith(whole);
    offerRecall(whole, this.ticket ?? "");
    if (mind) this.watch(whole);
    this.bottom?.grew("");
    return whole;
  }

  /** @param {Frame} f */
  tell(f) {
    this.talk?.tell(f, this.dataset.channel ?? "");
    this.bottom?.grew("");
    if (f.event.startsWith("participant.") || f.event === "order.moved") this.refreshSoon();
    if (/^mail[.]/.test(f.event)) this.mailTold();
  }

  /** A reply has failed as mail, or came back: how each fares is asked for. */
  mailTold() {
    for (const m of this.querySelectorAll(".m-reply:has([data-letter])")) this.rendered(/** @type {HTMLElement} */ (m), false).catch(() => {});
  }

  /** @param {Frame} f */
  changed(f) {
    const element = /** @type {HTMLElement | null} */ (this.querySelector(`#m${f.pos}`));
    if (!element) return;
    if (f.state === "attachment_ready") ready(element, f.attachments);
    else if (f.state === "released") {
      released(element, f.seq, f.at);
      if (this.dataset.channel === "email") this.rendered(element).catch(() => {});
    } else takeBack(element, f.state);
    if (f.state === "moved") this.rendered(element).catch(() => {}); // that it was is said already; where to is told by the desk
  }

  /** @param {Record<string, unknown>} fields */
  fields(fields) {
    if (SHOWN.some((name) => name in fields)) this.refreshSoon();
  }

  /** Brings head and panel up to date, once for what comes together. */
  refreshSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.dispatchEvent(new CustomEvent("refresh-ticket", { bubbles: true })), 120);
  }

  /** @param {Frame} f */
  wasRead(f) {
    if (f.author.kind !== "contact") return;
    this.dataset.read = String(Math.max(Number(this.dataset.read), f.seq));
    for (const m of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(".m-reply[data-pos]:not(.gone)"))) {
      if (m.dataset.seq && Number(m.dataset.seq) <= f.seq) slot(m, "state").textContent = t("console.message.read");
    }
  }

  /** The end of the talk is in view: the desk may know. */
  read() {
    const seq = Number(this.dataset.seq);
    if (seq <= (this.said ?? 0) || !link.send({ type: "read", ticket: this.ticket, seq })) return;
    this.said = seq;
    this.dispatchEvent(new CustomEvent("read-ticket", { bubbles: true }));
  }

  /** @param {import("../lib/outbox.js").Letter} letter */
  letter(letter) {
    if (letter.ticket !== this.ticket) return;
    this.talk?.letter(letter);
    this.bottom?.grew("mine");
  }
}

customElements.define("ticket-thread", TicketThread);
