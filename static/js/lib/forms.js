// @ts-check
// Forms marked data-act are sent in the background; without scripts the same forms lead through a page.
import { part, submit } from "./fragment.js";
import { toastError } from "./toast.js";

/** Tells that an action was done: {form, answer}. */
const done = (/** @type {HTMLFormElement} */ form, /** @type {any} */ answer) =>
  document.dispatchEvent(new CustomEvent("acted", { detail: { form, answer } }));

/** @param {SubmitEvent} e */
async function act(e) {
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (!("act" in form.dataset) || e.defaultPrevented) return;
  e.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const button = /** @type {HTMLButtonElement | null} */ (e.submitter);
  const menu = /** @type {any} */ (form.closest("pop-menu"));
  try {
    const answer = await submit(form.getAttribute("action") ?? "", new FormData(form, button?.name ? button : undefined));
    menu?.close(true);
    done(form, answer);
  } catch (err) {
    toastError(err);
  } finally {
    delete form.dataset.busy;
  }
}

/**
 * Brings the head and the panel of the open ticket up to date.
 * @param {HTMLElement} thread
 */
export async function refresh(thread) {
  const fresh = await part(thread.dataset.url + (document.querySelector("ticket-list")?.getAttribute("data-here") ?? "?") + "&part=refreshed");
  for (const name of ["head", "side"]) {
    const old = document.querySelector(`[data-part="${name}"]`);
    const now = fresh.querySelector(`[data-part="${name}"]`);
    // An open menu is not torn away from under somebody's hand; the next change brings the rest.
    if (!old || !now || old.querySelector("details[open]")) continue;
    const key = old.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
    old.replaceWith(now);
    if (key) /** @type {HTMLElement | null} */ (now.querySelector(`[data-key="${CSS.escape(key)}"]`))?.focus();
  }
}

/** A form that cannot be taken back asks first: data-confirm says what. @param {SubmitEvent} e */
function sure(e) {
  const { confirm: question } = /** @type {HTMLElement} */ (e.target).dataset;
  if (question && !confirm(question)) e.preventDefault();
}

export function listenToForms() {
  document.addEventListener("submit", sure, { capture: true });
  document.addEventListener("submit", act);
}
