// @ts-check
// Keeps what is being written on the server: a while after the last key, and at once when the page goes.
import { put } from "./fragment.js";

const AFTER = 900; // ms

export class Draft {
  /** @param {string} url without the kind */
  constructor(url) {
    this.url = url;
    /** @type {Map<string, string>} kind → text that is not kept yet */
    this.waiting = new Map();
    /** @type {Map<string, AbortController>} */
    this.underWay = new Map();
    /** @type {Map<string, boolean>} kind → whether the server has one, as far as is known */
    this.there = new Map();
  }

  /** @param {string} kind @param {string} body */
  change(kind, body) {
    this.waiting.set(kind, body);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), AFTER);
  }

  /** Sends what waits; the browser finishes it even when the page goes. */
  keep() {
    clearTimeout(this.timer);
    for (const [kind, body] of this.waiting) {
      this.underWay.get(kind)?.abort();
      const stop = new AbortController();
      this.underWay.set(kind, stop);
      put(this.url + kind, { body }, { keepalive: body.length < 10_000, signal: stop.signal })
        .then(() => this.kept(kind, body.trim() !== ""))
        .catch(() => {});
    }
    this.waiting.clear();
  }

  /** Tells the lists when a draft has come or gone. @param {string} kind @param {boolean} there */
  kept(kind, there) {
    if (this.there.get(kind) === there) return;
    this.there.set(kind, there);
    document.dispatchEvent(new CustomEvent("draft"));
  }

  /**
   * The text was sent: the server deletes its draft with it, and nothing may bring it back.
   * @param {string} kind
   */
  forget(kind) {
    this.waiting.delete(kind);
    this.underWay.get(kind)?.abort();
    this.there.set(kind, false); // the list is told of the message anyway
  }
}
