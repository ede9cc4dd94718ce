// @ts-check
// Tells the others that somebody types here, and shows that somebody else does.
import { link } from "./link.js";
import { Listening } from "./listening.js";
import { slot } from "./message.js";
import { t } from "./text.js";

const EVERY = 2_500; // the desk forgets it after 5 s
const GONE = 6_000;

export class Typing {
  /**
   * @param {HTMLElement} composer
   * @param {() => string} kind what is being written
   */
  constructor(composer, kind) {
    this.ticket = composer.dataset.ticket ?? "";
    this.kind = kind;
    this.line = slot(composer, "typing");
    this.last = 0;
    /** @type {Map<string, {text: string, timer: number}>} */
    this.others = new Map();
    this.listening = new Listening(this.ticket, { typing: (f) => this.other(f), message: (f) => this.forget(f.author.id) });
  }

  /** @param {boolean} on */
  on(on) {
    if (!on) return this.off();
    if (Date.now() - this.last < EVERY) return;
    this.last = Date.now();
    link.send({ type: "typing", ticket: this.ticket, on: true, kind: this.kind() });
  }

  off() {
    if (this.last > 0) link.send({ type: "typing", ticket: this.ticket, on: false, kind: this.kind() });
    this.last = 0;
  }

  /** The composer goes. */
  stop() {
    this.off();
    this.listening.stop();
    this.others.forEach((o) => clearTimeout(o.timer));
  }

  /** @param {{on: boolean, kind?: string, author: {kind: string, id: string, name: string}}} frame */
  other({ on, kind, author }) {
    if (author.kind === "agent" && author.id === document.body.dataset.agent) return;
    this.forget(author.id);
    if (!on) return;
    const text = t(kind === "note" ? "console.thread.typing_note" : "console.thread.typing", { name: author.name });
    this.others.set(author.id, { text, timer: window.setTimeout(() => this.forget(author.id), GONE) });
    this.show();
  }

  /** @param {string} author */
  forget(author) {
    clearTimeout(this.others.get(author)?.timer);
    if (this.others.delete(author)) this.show();
  }

  show() {
    this.line.textContent = [...this.others.values()].map((o) => o.text).join(" ");
  }
}
