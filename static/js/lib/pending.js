// @ts-check
// A letter that is under way, as it stands in the talk: sending, or not sent with what can be done about it.
import { message, slot } from "./message.js";
import { outbox, post, retry } from "./post.js";
import { t } from "./text.js";

/** @param {string} text @param {() => void} act */
function button(text, act) {
  const b = document.createElement("button");
  b.type = "button";
  b.className = "m-act";
  b.textContent = text;
  b.addEventListener("click", act);
  return b;
}

/** @param {import("./outbox.js").Letter} letter */
export function pending(letter) {
  const author = { kind: "agent", id: document.body.dataset.agent ?? "", name: document.body.dataset.name ?? "" };
  const element = message({ pos: 0, seq: null, kind: letter.kind, author, body: letter.body, attachments: letter.files, at: new Date(letter.at).toISOString(), id: letter.id });
  element.removeAttribute("data-pos");
  element.removeAttribute("id");
  const failed = letter.state === "failed";
  element.classList.add(failed ? "failed" : "waiting");
  slot(element, "state").textContent = failed ? t("console.message.failed") : t("console.message.sending");
  if (!failed) return element;
  if (letter.why) {
    const why = document.createElement("div");
    why.className = "xs";
    why.textContent = letter.why;
    slot(element, "text").after(why);
  }
  const takeBack = () => {
    outbox.remove(letter.id);
    element.remove();
    document.dispatchEvent(new CustomEvent("edit-letter", { detail: letter }));
  };
  slot(element, "state").after(button(t("console.message.retry"), () => retry(letter.id)), button(t("console.message.edit"), takeBack));
  return element;
}

// An acked letter is sent, even while its message has not come back yet.
post.addEventListener("ack", (e) => {
  const { id } = /** @type {CustomEvent} */ (e).detail;
  const element = document.querySelector(`.m.waiting[data-client="${CSS.escape(id)}"]`);
  if (!element) return;
  element.classList.remove("waiting");
  slot(element, "state").textContent = t("console.message.sent");
});
