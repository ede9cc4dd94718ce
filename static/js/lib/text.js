// @ts-check
// The texts of the page's language, as app/i18n wrote them into the page.

/** @typedef {Record<string, string | number>} Args */

/**
 * Fills the places of a text: {{.name}}. A value is put in as it is and never read as a text with places.
 * @param {string} text
 * @param {Args} [args]
 */
export function fill(text, args = {}) {
  return text.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (place, name) => (name in args ? String(args[name]) : place));
}

/**
 * Chooses the plural form for args.count and fills it.
 * @param {string | Record<string, string> | undefined} raw
 * @param {string} locale
 * @param {Args} [args]
 * @returns {string}
 */
export function say(raw, locale, args = {}) {
  if (raw === undefined) return "";
  if (typeof raw === "string") return fill(raw, args);
  const form = new Intl.PluralRules(locale).select(Number(args.count ?? 0));
  return fill(raw[form] ?? raw.other ?? "", args);
}

/** @type {Record<string, string | Record<string, string>> | undefined} */
let texts;

/** The language of the page. */
export const locale = () => document.documentElement.lang || "zh-CN";

/**
 * The text of a key. A key without a text comes back as it is, like on the server.
 * @param {string} key
 * @param {Args} [args]
 */
export function t(key, args) {
  texts ??= JSON.parse(document.getElementById("texts")?.textContent || "{}");
  return key in /** @type {object} */ (texts) ? say(texts?.[key], locale(), args) : key;
}
