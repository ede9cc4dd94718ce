// @ts-check
// A message as an element: a copy of the page's empty one, filled like templates/partials/message.html does.
import { fileElement } from "./files.js";
import { linked } from "./linkify.js";
import { t } from "./text.js";
import { clock, moment } from "./when.js";

/**
 * @typedef {object} Message what the socket's message frames carry
 * @property {number} pos
 * @property {number | null} seq
 * @property {"contact" | "reply" | "note"} kind
 * @property {{kind: string, id: string, name: string}} author
 * @property {string} body
 * @property {string} at
 * @property {import("./files.js").FileView[]} [attachments]
 * @property {string} [id] the sender's own id
 * @property {string} [state]
 * @property {string} [message] its id in the desk
 * @property {string} [held_until] of a reply that the contact does not have yet
 * @property {string[]} [masked] sorts of number that were hidden in the body
 */

/** A message of the same author so soon after another is shown without the name. In ms. */
const FOLLOWS = 3 * 60_000;

const me = () => document.body.dataset.agent ?? "";

/**
 * @param {Message} m
 * @param {number} contactRead seq up to which the contact has read
 * @returns {HTMLElement}
 */
export function message(m, contactRead = 0) {
  const blank = /** @type {HTMLTemplateElement} */ (document.getElementById("blank-message"));
  const element = /** @type {HTMLElement} */ (blank.content.firstElementChild?.cloneNode(true));
  const at = Date.parse(m.at);
  element.id = "m" + m.pos;
  element.className = "m m-" + m.kind;
  element.classList.toggle("mine", m.author.kind === "agent" && m.author.id === me());
  element.classList.toggle("system", m.author.kind === "system");
  Object.assign(element.dataset, { pos: m.pos, seq: m.seq ?? "", author: m.author.kind + ":" + m.author.id, at, client: m.id ?? "", message: m.message ?? "" });
  slot(element, "name").textContent = m.author.kind === "system" ? t("console.system") : m.author.name;
  slot(element, "text").replaceChildren(...linked(m.body));
  if (m.masked?.length && !m.state) slot(element, "hidden").textContent = t("console.masked." + m.masked.join("."));
  slot(element, "files").replaceChildren(...(m.attachments ?? []).map(fileElement));
  slot(element, "kind").textContent = m.kind === "note" ? t("console.message.note") : "";
  const time = /** @type {HTMLTimeElement} */ (slot(element, "time"));
  time.dateTime = m.at;
  time.textContent = clock(at);
  if (m.state === "held") {
    element.classList.add("held");
    slot(element, "state").textContent = t("console.message.held", { time: moment(Date.parse(m.held_until ?? m.at)) });
  } else if (m.state) takeBack(element, m.state);
  else if (m.kind === "reply" && m.seq && m.seq <= contactRead) slot(element, "state").textContent = t("console.message.read");
  return element;
}

/** @param {ParentNode} element @param {string} name */
export function slot(element, name) {
  return /** @type {HTMLElement} */ (element.querySelector(`[data-slot="${name}"]`));
}

/**
 * A held reply was released: the contact has it now.
 * @param {HTMLElement} element
 * @param {number} seq
 * @param {string} [at]
 */
export function released(element, seq, at) {
  element.classList.remove("held");
  element.dataset.seq = String(seq);
  slot(element, "state").textContent = "";
  if (at) {
    const time = /** @type {HTMLTimeElement} */ (slot(element, "time"));
    time.dateTime = at;
    time.textContent = clock(Date.parse(at));
  }
}

/**
 * Empties a message that was recalled, erased, undone or moved.
 * @param {HTMLElement} element
 * @param {string} state
 */
export function takeBack(element, state) {
  element.classList.add("gone");
  slot(element, "text").textContent = t("console.message." + state);
  slot(element, "hidden").textContent = "";
  slot(element, "files").replaceChildren();
  slot(element, "state").textContent = "";
  for (const mail of element.querySelectorAll("[data-letter]")) mail.remove();
}

/**
 * Tells whether a message came as a mail: the page of the ticket then shows more of it than its frame says. Its own id is
 * that of the mail; one that was moved has none.
 * @param {Message} m
 * @param {string} channel of its ticket
 */
export function isMail(m, channel) {
  return m.author.kind === "contact" && !m.state && (channel === "email" || (m.id ?? "").startsWith("mail:"));
}

/**
 * Tells whether a message goes on where the one before it stopped.
 * @param {Element | null} before
 * @param {HTMLElement} element
 */
export function follows(before, element) {
  if (!(before instanceof HTMLElement) || !before.matches(".m")) return false;
  const kind = (/** @type {HTMLElement} */ e) => ["m-contact", "m-reply", "m-note"].find((c) => e.classList.contains(c));
  return (
    before.dataset.author === element.dataset.author &&
    kind(before) === kind(element) &&
    Number(element.dataset.at) - Number(before.dataset.at) < FOLLOWS
  );
}
