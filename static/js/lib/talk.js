// @ts-check
// The entries of a talk as they stand on the page: placed ones in their order, what is still under way behind them.
import { eventText } from "./event.js";
import { part } from "./fragment.js";
import { follows, message } from "./message.js";
import { pending } from "./pending.js";
import { locale, t } from "./text.js";
import { day } from "./when.js";

/** The name of somebody whom a mail brought into the ticket. @param {import("./event.js").DeskEvent} e */
const joined = (e) => (e.event === "participant.added" && e.author.kind === "contact" ? (e.subject?.name ?? "") : "");

export class Talk {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /** @param {string} client the sender's own id of a message */
  find(client) {
    return /** @type {HTMLElement | null} */ (this.element.querySelector(`.m[data-client="${CSS.escape(client)}"]`));
  }

  /**
   * Adds a message; one that was under way gives it its place.
   * @param {import("./message.js").Message} m
   * @param {number} contactRead
   */
  say(m, contactRead) {
    const element = message(m, contactRead);
    const own = m.id ? this.find(m.id) : null;
    if (own && !own.hasAttribute("data-pos")) own.remove();
    else element.classList.add("new");
    this.add(element);
    return element;
  }

  /**
   * Adds a line about what somebody did, if it needs words.
   * @param {import("./event.js").DeskEvent & {pos: number, at: string}} e
   * @param {string} channel
   */
  tell(e, channel) {
    const text = eventText(e, channel);
    if (!text || this.joins(e)) return;
    const line = document.createElement("p");
    line.className = "event";
    Object.assign(line.dataset, { pos: e.pos, at: Date.parse(e.at) });
    line.textContent = text;
    if (joined(e)) line.dataset.joined = joined(e);
    this.add(line);
  }

  /**
   * Names one more whom a mail brought into the ticket, where the last line does so already.
   * @param {import("./event.js").DeskEvent & {pos: number}} e
   */
  joins(e) {
    const last = /** @type {HTMLElement | undefined} */ ([...this.element.children].at(-1));
    if (!joined(e) || !last?.dataset.joined) return false;
    const whom = last.dataset.joined + (locale().startsWith("zh") ? "、" : ", ") + joined(e);
    Object.assign(last.dataset, { joined: whom, pos: e.pos });
    last.textContent = t("console.event.joined", { whom });
    return true;
  }

  /**
   * Shows a letter as it is now: sending, failed.
   * @param {import("./outbox.js").Letter} letter
   */
  letter(letter) {
    const old = this.find(letter.id);
    if (old?.hasAttribute("data-pos")) return;
    if (old) old.replaceWith(pending(letter));
    else this.add(pending(letter));
  }

  /** @param {HTMLElement} element */
  add(element) {
    const waiting = element.dataset.pos ? this.element.querySelector(".m:not([data-pos])") : null;
    const today = day(Number(element.dataset.at));
    if ([...this.element.querySelectorAll(".day")].at(-1)?.textContent !== today) {
      const mark = document.createElement("h2");
      mark.className = "day";
      mark.textContent = today;
      this.element.insertBefore(mark, waiting);
    }
    this.element.insertBefore(element, waiting);
    if (element.matches(".m")) element.classList.toggle("follows", follows(element.previousElementSibling, element));
  }

  /**
   * Puts what was said before in the place of the link that asks for it; what she reads stays where it is.
   * @param {HTMLAnchorElement} link
   */
  async earlier(link) {
    const before = await part(link.href + "&part=before");
    const height = this.element.scrollHeight;
    link.replaceWith(before);
    const days = [...this.element.querySelectorAll(".day")];
    days.forEach((d, i) => i > 0 && d.textContent === days[i - 1].textContent && d.remove());
    this.element.scrollTop += this.element.scrollHeight - height;
  }
}
