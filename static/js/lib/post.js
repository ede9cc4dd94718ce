// @ts-check
// Brings letters from the outbox to the desk: over the socket, and by plain requests while the socket is away.
import { Refused, submit } from "./fragment.js";
import { link } from "./link.js";
import { Outbox } from "./outbox.js";
import { t } from "./text.js";
import { toast } from "./toast.js";

/** @typedef {import("./outbox.js").Letter} Letter */
/** @typedef {import("./message.js").Message} Message */

/** How long the socket may be away before plain requests carry the letters. In ms. */
const SOCKET_PATIENCE = 3_000;
/** How many letters are under way at once after a new beginning. */
const AT_ONCE = 32;

export const outbox = new Outbox("huiyin.outbox." + (document.body.dataset.agent ?? ""));

/** Says "newer" with {letter, newer: Message[]} when something came that the writer had not seen. */
export const post = new EventTarget();

/** @param {Letter} letter */
export function send(letter) {
  outbox.add(letter);
  bring(letter);
}

/** @param {string} id */
export function retry(id) {
  outbox.change(id, { state: "sending", why: undefined });
  const letter = outbox.get(id);
  if (letter) bring(letter);
}

/** @param {Letter} letter */
function bring(letter) {
  const { id, ticket, kind, body, seen } = letter;
  const attachments = (letter.files ?? []).map((f) => f.id);
  if (letter.mail) return void bringByRequest(letter); // the socket's frames do not say to whom a mail goes
  if (link.state === "connected" && link.send({ type: "send", id, ticket, kind, body, seen, attachments })) return;
  setTimeout(() => {
    if (link.state !== "connected" && outbox.get(id)?.state === "sending") bringByRequest(letter);
  }, SOCKET_PATIENCE);
}

/** @param {Letter} letter */
async function bringByRequest(letter) {
  const { id, kind, body, seen, url } = letter;
  try {
    const values = new FormData();
    for (const [name, value] of Object.entries({ id, kind, body, seen: String(seen) })) values.append(name, value);
    for (const [name, value] of Object.entries(letter.mail ?? {})) values.append(name, value);
    for (const f of letter.files ?? []) values.append("attachments", f.id);
    const ack = await submit(url + "/messages", values);
    delivered({ ...ack, id });
  } catch (err) {
    if (!(err instanceof Refused)) return; // no network: the socket's next beginning sends it
    if (err.more?.newer) return newer(id, err.more.newer);
    if (err.retryAfter > 0) setTimeout(() => bring(letter), err.retryAfter * 1000);
    else outbox.change(id, { state: "failed", why: err.message });
  }
}

/** @param {{id: string, masked?: string[]}} ack */
function delivered(ack) {
  if (ack.masked?.length && outbox.get(ack.id)) toast(t("console.masked." + ack.masked.join(".")));
  outbox.remove(ack.id);
  post.dispatchEvent(new CustomEvent("ack", { detail: ack }));
}

/** @param {string} id @param {Message[]} messages */
function newer(id, messages) {
  outbox.change(id, { state: "failed", why: t("console.newer.title") });
  post.dispatchEvent(new CustomEvent("newer", { detail: { letter: outbox.get(id), newer: messages } }));
}

link.addEventListener("ack", (e) => delivered(/** @type {CustomEvent} */ (e).detail));

link.addEventListener("error", (e) => {
  const frame = /** @type {CustomEvent} */ (e).detail;
  const letter = outbox.get(frame.id);
  if (!letter) return;
  if (frame.code === "newer_messages") newer(letter.id, frame.newer ?? []);
  else if (frame.retry_after) setTimeout(() => bring(letter), frame.retry_after * 1000);
  else outbox.change(letter.id, { state: "failed", why: frame.message });
});

link.addEventListener("state", () => {
  if (link.state !== "connected") return;
  outbox.all().filter((l) => l.state === "sending").slice(0, AT_ONCE).forEach(bring);
});
