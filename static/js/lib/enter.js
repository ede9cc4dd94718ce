// @ts-check
// When Enter sends. An input method's Enter never does: it takes the word that is being composed.

/** Safari says compositionend before the Enter that caused it; the two come within this time, in ms. */
const SAFARI_GAP = 60;

/** Watches a text field for what belongs to its input method. */
export class Composition {
  /** @param {HTMLElement} field */
  constructor(field) {
    this.at = -Infinity;
    field.addEventListener("compositionend", (e) => (this.at = e.timeStamp));
  }

  /**
   * Tells whether a key goes to the input method, and nothing may be done about it.
   * @param {KeyboardEvent} e
   */
  has(e) {
    return e.isComposing || e.keyCode === 229;
  }

  /**
   * Tells whether a key has just ended the composition.
   * @param {KeyboardEvent} e
   */
  ended(e) {
    return e.timeStamp - this.at < SAFARI_GAP;
  }
}

/**
 * Tells whether a key sends what was written.
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} e
 * @param {boolean} enterSends what the person chose: Enter alone, else with Ctrl or ⌘
 */
export function sends(e, enterSends) {
  if (e.key !== "Enter" || e.altKey) return false;
  if (e.ctrlKey || e.metaKey) return true;
  return enterSends && !e.shiftKey;
}
