// @ts-check
// Replies that leave as mail: to whom they go, how long they can be taken back, and how far they have come.
import { Refused, submit } from "./fragment.js";
import { slot } from "./message.js";
import { t } from "./text.js";
import { toast } from "./toast.js";

/** After how many ms what is still under way is asked for again. */
const LOOKS = [1_500, 3_000, 6_000, 15_000, 60_000];

/**
 * What the composer says of the mail; undefined where a reply does not leave as one.
 * @param {HTMLFormElement} form
 * @returns {Record<string, string> | undefined}
 */
export function mailOf(form) {
  if (!form.querySelector("[data-recipients]")) return undefined;
  const all = new FormData(form);
  /** @type {Record<string, string>} */
  const out = { mail: "1" };
  for (const name of ["to", "cc", "subject", "quote"]) if (all.has(name)) out[name] = String(all.get(name));
  return out;
}

/**
 * A held reply: it counts down, and its buttons work in place.
 * @param {HTMLElement} element the message
 * @param {(back: {body: string, files: any[], mail?: Record<string, string>}) => void} undone
 */
export function watchHeld(element, undone) {
  const form = /** @type {HTMLFormElement | null} */ (element.querySelector("form[data-held]"));
  if (!form) return;
  const until = Number(form.dataset.held);
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (!form.isConnected || left < 0) return clearInterval(timer);
    slot(form, "left").textContent = t("console.out.held_in", { seconds: Math.max(left, 0) });
  };
  const timer = setInterval(tick, 1000);
  tick();
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (e).submitter);
    try {
      const back = await submit(button?.getAttribute("formaction") || form.action, {});
      if (button?.dataset.undo === undefined) return;
      undone(back);
      toast(t("console.out.undone"));
    } catch (err) {
      toast(err instanceof Refused ? err.message : t("files.unreachable"), "bad");
    }
  });
}

/**
 * Looks again, ever more seldom, at a reply that is still under way.
 * @param {HTMLElement} element the message
 * @param {(element: HTMLElement) => Promise<HTMLElement | undefined>} render puts the desk's own rendering in its place
 * @param {number} [time]
 */
export function watchSending(element, render, time = 0) {
  if (!element.querySelector("[data-waits]") || time >= LOOKS.length) return;
  setTimeout(async () => {
    if (!element.isConnected) return;
    const fresh = await render(element).catch(() => undefined);
    watchSending(fresh ?? element, render, time + 1);
  }, LOOKS[time]);
}
