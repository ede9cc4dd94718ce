// @ts-check
// Says that something wants her: the bell's number, a mark in the tab's title, a word in passing, a sound, the browser's
// own notice. What she wants of it the desk knows; the frames stand in the contract, section 3.
import { submit } from "./fragment.js";
import { link } from "./link.js";
import { chime } from "./chime.js";
import { t } from "./text.js";
import { toast } from "./toast.js";

/** @typedef {{kind?: string, ticket: string | null, number?: number, unread: number, sound: boolean, desktop: boolean}} Notice */

const MOST = 99;
const IN_PASSING = ["assigned", "unanswered", "alert", "task"];
const PLACES = { alert: () => "/settings/health", task: (/** @type {Notice} */ n) => "/improve/" + n.number };

/** What the bell shows of a number. @param {number} unread */
export const bellText = (unread) => (unread > MOST ? MOST + "+" : unread > 0 ? String(unread) : "");

/** A page's title with the bell's number before it. @param {string} title @param {number} unread */
export function badged(title, unread) {
  const plain = title.replace(/^\(\d+\+?\) /, "");
  return unread > 0 ? `(${bellText(unread)}) ${plain}` : plain;
}

/** What a notice says. @param {Notice} n */
export const words = (n) => (n.kind === "alert" ? t("notices.say.alert") : t("notices.say." + n.kind, { number: n.number ?? 0 }));

let unread = 0;

/** @param {number} n */
function count(n) {
  unread = n;
  for (const bell of document.querySelectorAll("[data-unread]")) bell.textContent = bellText(n);
  mark();
}

/** The title carries the number while she looks elsewhere. */
function mark() {
  const title = badged(document.title, document.visibilityState === "visible" ? 0 : unread);
  if (title !== document.title) document.title = title;
}

/** @param {Notice} n */
export function take(n) {
  count(n.unread);
  if (!n.kind) return;
  const visible = document.visibilityState === "visible";
  const thread = /** @type {HTMLElement | null} */ (document.querySelector("ticket-thread"));
  if (visible && n.ticket && thread?.dataset.ticket === n.ticket) {
    if (thread.dataset.url) submit(thread.dataset.url + "/read", new FormData()).catch(() => {}); // she sees it; another time tells the desk
    return;
  }
  if (IN_PASSING.includes(n.kind)) toast(words(n));
  if (n.sound) once("sound-" + n.kind + n.ticket, chime);
  if (n.desktop && !visible) once("desktop-" + n.kind + n.ticket, () => show(n));
}

/** Does it in one of the browser's tabs only. @param {string} name @param {() => unknown} fn */
function once(name, fn) {
  if (!navigator.locks) return fn();
  const held = new Promise((done) => setTimeout(done, 2_000));
  navigator.locks.request("huiyin." + name, { ifAvailable: true }, (lock) => (lock ? (fn(), held) : undefined));
}

/** The browser's own notice. It names a number, nobody. @param {Notice} n */
function show(n) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const box = new Notification(words(n), { tag: (n.kind ?? "") + n.ticket, lang: document.documentElement.lang });
  box.onclick = () => {
    focus();
    location.href = (PLACES[/** @type {keyof typeof PLACES} */ (n.kind)] ?? (() => "/tickets/" + n.number))(n);
    box.close();
  };
}

export function listenToNotices() {
  unread = parseInt(document.querySelector("[data-unread]")?.textContent ?? "", 10) || 0;
  link.addEventListener("notification", (e) => take(/** @type {CustomEvent} */ (e).detail));
  document.addEventListener("visibilitychange", mark);
}
