// @ts-check
// Keys of the keyboard by what they mean, whatever layout or input method is on.

/** Chinese input methods type these in place of the sign on the key. */
const WIDE = { "／": "/", "？": "?", "。": ".", "】": "]", "、": "/", "」": "]" };

/**
 * The name of a key: a small letter, a sign, or a name such as "escape"; "mod+" before it for Ctrl or ⌘, "shift+" for
 * letters with Shift. "" for what is no key of ours.
 * @param {KeyboardEvent} e
 */
export function keyOf(e) {
  if (e.altKey || e.isComposing) return "";
  let key = e.key;
  if (key in WIDE) key = WIDE[/** @type {keyof typeof WIDE} */ (key)];
  // Another script's layout types its own letter on the same key: take the place of the key then.
  if (!/^[\x20-\x7e]$/.test(key) && key.length < 2 && /^Key[A-Z]$/.test(e.code)) key = e.code.slice(3);
  if (/^[a-z]$/i.test(key)) key = (e.shiftKey && !(e.ctrlKey || e.metaKey) ? "shift+" : "") + key.toLowerCase();
  return (e.ctrlKey || e.metaKey ? "mod+" : "") + (key.length > 1 && !key.startsWith("shift+") ? key.toLowerCase() : key);
}

/**
 * Tells whether somebody types into an element, so that letters are letters there.
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
