// @ts-check
// Texts of quick replies: their variables, and what stands before the caret that asks for one.

/** Stands where a value is missing and the text names nothing in its place; tickets.MacroBlank. */
export const BLANK = "____";

/** @typedef {Record<string, string>} Values of variables, by name; null prototype or own names only count */
/** @typedef {{from: number, query: string}} Asked where in the text it begins, what is looked for */

/** tickets.MacroVariables: a test holds the two alike. */
export const VARIABLES = ["contact.name", "agent.name", "ticket.number", "ticket.subject", "order", "shop.name", "inbox.name", "hotline"];

const PLACE = /\{\{([^{}\n]*)\}\}/g;

/**
 * Puts the values in, once from left to right: a value that looks like a variable stays as it is. tickets.FillMacro does
 * the same.
 * @param {string} text
 * @param {Values} values
 */
export function fill(text, values) {
  return text.replace(PLACE, (place, inside) => {
    const bar = inside.indexOf("|");
    const name = (bar < 0 ? inside : inside.slice(0, bar)).trim();
    if (!VARIABLES.includes(name)) return place;
    return (Object.hasOwn(values, name) && values[name]) || (bar < 0 ? BLANK : inside.slice(bar + 1));
  });
}

/**
 * A slash, narrow or wide, at the beginning of a line or after a space, and what was typed behind it.
 * @param {string} text
 * @param {number} caret
 * @returns {Asked | null}
 */
export function slashAt(text, caret) {
  const found = /(?:^|\s)([/／])([^\s/／]*)$/.exec(text.slice(0, caret));
  return found && { from: caret - found[2].length - 1, query: found[2] };
}

/**
 * Two opening braces that no closing ones follow.
 * @param {string} text
 * @param {number} caret
 * @returns {Asked | null}
 */
export function braceAt(text, caret) {
  const found = /(?:\{\{|｛｛)([^{}｛｝|\n]*)$/.exec(text.slice(0, caret));
  return found && { from: caret - found[1].length - 2, query: found[1].trim() };
}

/**
 * A whole variable that ends at the caret: somebody typed it out.
 * @param {string} text
 * @param {number} caret
 * @returns {Asked | null}
 */
export function variableAt(text, caret) {
  const found = /\{\{[^{}\n]*\}\}$/.exec(text.slice(0, caret));
  return found && { from: caret - found[0].length, query: found[0] };
}

/**
 * What stands in the line before the caret.
 * @param {string} text
 * @param {number} caret
 * @returns {Asked}
 */
export function lineAt(text, caret) {
  const begin = text.lastIndexOf("\n", caret - 1) + 1;
  const line = text.slice(begin, caret);
  return { from: begin + line.length - line.trimStart().length, query: line.trim() };
}
