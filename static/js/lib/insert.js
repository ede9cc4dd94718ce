// @ts-check
// Puts text into a field as typing does: undo takes it back, and everybody who listens hears of it.

/**
 * @param {HTMLTextAreaElement} field
 * @param {number} from
 * @param {number} to
 * @param {string} text
 */
export function replace(field, from, to, text) {
  field.focus();
  field.setSelectionRange(from, to);
  // Old, but the one way that goes into the field's own history of changes.
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
}

/** Whether a text finds room in place of a part of what is there. @param {HTMLTextAreaElement} field @param {number} instead @param {string} text */
export const hasRoom = (field, instead, text) => field.maxLength < 0 || field.value.length - instead + text.length <= field.maxLength;
