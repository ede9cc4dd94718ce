// @ts-check
// What was written and is not acked yet. It lies in the browser's storage, so that a reload, a closed tab or a power
// cut loses nothing; the server stores a message once however often it comes under the same id.

/**
 * @typedef {object} Letter
 * @property {string} id made here, 128 random bits
 * @property {string} ticket
 * @property {string} url the ticket's path
 * @property {"reply" | "note"} kind
 * @property {string} body
 * @property {import("./files.js").FileView[]} [files] that go with it
 * @property {Record<string, string>} [mail] to whom it goes as mail: fields of the form
 * @property {number} seen the newest place that the writer had seen
 * @property {number} at
 * @property {"sending" | "failed"} state
 * @property {string} [why] what the server said
 */

export class Outbox extends EventTarget {
  /** @param {string} name of the storage's entry @param {Storage} [storage] */
  constructor(name, storage = localStorage) {
    super();
    this.name = name;
    this.storage = storage;
  }

  /** @returns {Letter[]} */
  all() {
    try {
      const list = JSON.parse(this.storage.getItem(this.name) || "[]");
      return Array.isArray(list) ? list : [];
    } catch {
      return this.kept ?? []; // storage refused, or somebody else's text in it
    }
  }

  /** @param {string} ticket */
  of(ticket) {
    return this.all().filter((l) => l.ticket === ticket);
  }

  /** @param {string} id */
  get(id) {
    return this.all().find((l) => l.id === id);
  }

  /** @param {Letter} letter */
  add(letter) {
    this.keep([...this.all(), letter]);
    this.tell(letter);
  }

  /** @param {string} id @param {Partial<Letter>} change */
  change(id, change) {
    const list = this.all();
    const letter = list.find((l) => l.id === id);
    if (!letter) return;
    Object.assign(letter, change);
    this.keep(list);
    this.tell(letter);
  }

  /** @param {string} id */
  remove(id) {
    this.keep(this.all().filter((l) => l.id !== id));
  }

  /** @param {Letter[]} list */
  keep(list) {
    this.kept = list;
    try {
      if (list.length > 0) this.storage.setItem(this.name, JSON.stringify(list));
      else this.storage.removeItem(this.name);
    } catch {
      // Storage is full or refused: the memory must do.
    }
  }

  /** @param {Letter} letter */
  tell(letter) {
    this.dispatchEvent(new CustomEvent("change", { detail: letter }));
  }
}

/** A new id: 128 random bits. */
export function newID() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
