// @ts-check
// Where replies and notes are written. What is typed is kept on the server, what is sent goes to the outbox first.
import { Draft } from "../lib/draft.js";
import { Composition, sends } from "../lib/enter.js";
import { part } from "../lib/fragment.js";
import { mailOf } from "../lib/mailing.js";
import { newID } from "../lib/outbox.js";
import { send } from "../lib/post.js";
import { t } from "../lib/text.js";
import { toast } from "../lib/toast.js";
import { Typing } from "../lib/typing.js";

/** @typedef {"reply" | "note"} Kind */

export class MessageComposer extends HTMLElement {
  connectedCallback() {
    this.form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
    this.field = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
    this.draft = new Draft(this.dataset.drafts ?? "");
    this.typing = new Typing(this, () => this.kind);
    /** @type {Record<Kind, string>} */
    this.texts = { reply: this.field.dataset.draftReply ?? "", note: this.field.dataset.draftNote ?? "" };
    this.texts[this.kind] = this.field.value;
    /** @type {Kind} */
    this.last = this.kind;
    const composition = new Composition(this.field);
    this.field.addEventListener("keydown", (e) => {
      const mails = this.kind === "reply" && this.querySelector("[data-recipients]"); // in a mail Enter breaks the line
      if (composition.has(e) || !sends(e, !mails && document.body.dataset.enter === "true")) return;
      e.preventDefault();
      if (!composition.ended(e)) this.send();
    });
    this.field.addEventListener("input", () => this.typed());
    this.form.addEventListener("change", (e) => /** @type {HTMLInputElement} */ (e.target).name === "kind" && this.switched());
    this.form.addEventListener("input", (e) => {
      if (!(/** @type {HTMLElement} */ (e.target).closest("[data-recipients]"))) return;
      this.chosen = true;
      this.nameRecipients();
    });
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.send();
    });
    // What was sent goes by itself when its last file is there; when one fails, the writer is asked.
    this.addEventListener("files-changed", () => {
      const tray = /** @type {any} */ (this.querySelector("file-tray"));
      if (!this.waits || tray.busy) return;
      this.waits = false;
      if (!tray.failed) this.send();
    });
    this.goes = () => this.draft?.keep();
    addEventListener("pagehide", this.goes);
    this.takesBack = (/** @type {Event} */ e) => this.edit(/** @type {CustomEvent} */ (e).detail);
    document.addEventListener("edit-letter", this.takesBack);
    this.grow();
  }

  disconnectedCallback() {
    this.draft?.keep();
    this.typing?.stop();
    removeEventListener("pagehide", /** @type {() => void} */ (this.goes));
    document.removeEventListener("edit-letter", /** @type {EventListener} */ (this.takesBack));
  }

  get thread() {
    return /** @type {HTMLElement} */ (this.closest("ticket-thread"));
  }

  /** @returns {Kind} */
  get kind() {
    return /** @type {Kind} */ (new FormData(this.form).get("kind") ?? "reply");
  }

  /** Writes a reply or a note next. @param {Kind} kind */
  write(kind) {
    const radio = /** @type {HTMLInputElement | null} */ (this.querySelector(`[name=kind][value=${kind}]`));
    if (radio && !radio.disabled) radio.checked = true;
    this.switched();
    this.field?.focus();
    this.field?.setSelectionRange(this.field.value.length, this.field.value.length); // go on where the draft ends
  }

  switched() {
    const from = /** @type {Kind} */ (this.last);
    const to = this.kind;
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    if (from === to) return;
    const texts = /** @type {Record<Kind, string>} */ (this.texts);
    texts[from] = field.value;
    this.last = to;
    // What was begun as the one can go on as the other, unless that has a beginning of its own.
    if (!texts[to]) [texts[to], texts[from]] = [texts[from], ""];
    field.value = texts[to];
    field.placeholder = field.dataset[to] ?? "";
    this.draft?.change(from, texts[from]);
    this.draft?.change(to, texts[to]);
    this.grow();
  }

  typed() {
    this.draft?.change(this.kind, this.field?.value ?? "");
    this.typing?.on(this.field?.value !== "");
    this.grow();
  }

  /** Browsers that cannot size a field by its content. */
  grow() {
    if (CSS.supports("field-sizing", "content") || !this.field) return;
    this.field.style.height = "auto";
    this.field.style.height = this.field.scrollHeight + "px";
  }

  send() {
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    const body = field.value;
    const tray = /** @type {any} */ (this.querySelector("file-tray"));
    const files = tray?.files ?? [];
    if (tray?.busy) {
      this.waits = true;
      return toast(t("files.wait"));
    }
    if (!body.trim() && !files.length) return;
    const { ticket = "", url = "", pos } = this.thread.dataset;
    this.draft?.forget(this.kind);
    this.typing?.off();
    field.value = "";
    /** @type {Record<Kind, string>} */ (this.texts)[this.kind] = "";
    const mail = this.kind === "reply" ? mailOf(/** @type {HTMLFormElement} */ (this.form)) : undefined;
    send({ id: newID(), ticket, url, kind: this.kind, body, files, mail, seen: Number(pos), at: Date.now(), state: "sending" });
    tray?.sent();
    this.grow();
    field.focus();
    this.chosen = false; // the next reply begins with whom it would go to
    if (mail) this.refreshRecipients().catch(() => {});
  }

  /** The line says whom the fields name. */
  nameRecipients() {
    const of = (/** @type {string} */ name) => /** @type {HTMLInputElement | null} */ (this.querySelector(`[data-recipients] [name=${name}]`))?.value.trim();
    const line = this.querySelector("[data-recipients] summary bdi");
    if (line) line.textContent = [of("to"), of("cc")].filter(Boolean).join(", ") || t("console.out.nobody");
  }

  /** Somebody has written: a reply goes to others now, unless its writer has chosen. */
  async refreshRecipients() {
    const old = this.querySelector("[data-recipients]");
    if (!old || this.chosen) return;
    const fresh = (await part(`${this.thread.dataset.url}/recipients`)).querySelector("[data-recipients]");
    if (fresh && old.isConnected && !this.chosen) old.replaceWith(fresh);
  }

  /**
   * A reply that was taken back, with its files and whom it was to go to.
   * @param {{body: string, files: any[], mail?: Record<string, string>}} back
   */
  takeBack(back) {
    this.edit(/** @type {any} */ ({ ticket: this.dataset.ticket, kind: "reply", body: back.body }));
    for (const f of back.files ?? []) /** @type {any} */ (this.querySelector("file-tray"))?.put(f);
    if (!back.mail) return;
    this.chosen = true;
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("[data-recipients] input[name]:not([name=mail])"))) {
      if (field.type === "checkbox") field.checked = field.name in back.mail;
      else field.value = back.mail[field.name] ?? "";
    }
    this.nameRecipients();
  }

  /** Takes a letter back to be changed. @param {import("../lib/outbox.js").Letter} letter */
  edit(letter) {
    if (letter.ticket !== this.dataset.ticket || !this.field) return;
    this.write(letter.kind);
    this.field.value = [letter.body, this.field.value].filter(Boolean).join("\n");
    this.typed();
  }
}

customElements.define("message-composer", MessageComposer);
