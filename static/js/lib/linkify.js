// @ts-check
// Finds web addresses in a text, the same as app/web/linkify.go: a test holds the two together.

const ADDRESS = /https?:\/\/[^\s<>"'，。！？；：、（）《》〈〉「」『』【】“”‘’…]+/gi;

/** @param {string} s @param {string} c */
const count = (s, c) => s.split(c).length - 1;

/**
 * Drops the punctuation of the sentence around an address, and a closing bracket that was not opened.
 * @param {string} link
 * @returns {string}
 */
function trim(link) {
  let short = link.replace(/[.,;:!?*_~|]+$/, "");
  if (short.endsWith(")") && count(short, "(") < count(short, ")")) short = short.slice(0, -1);
  if (short.endsWith("]") && count(short, "[") < count(short, "]")) short = short.slice(0, -1);
  return short === link ? link : trim(short);
}

/**
 * Cuts a text into plain pieces and links.
 * @param {string} text
 * @returns {{text: string, href?: string}[]}
 */
export function linkify(text) {
  /** @type {{text: string, href?: string}[]} */
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const link = trim(found[0]);
    if (!link.includes("://") || link.endsWith("://")) continue;
    if (found.index > end) pieces.push({ text: text.slice(end, found.index) });
    pieces.push({ text: link, href: link });
    end = found.index + link.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/**
 * The pieces as nodes.
 * @param {string} text
 */
export function linked(text) {
  return linkify(text).map((piece) => {
    if (!piece.href) return document.createTextNode(piece.text);
    const a = document.createElement("a");
    a.href = piece.href;
    a.target = "_blank";
    a.rel = "noopener noreferrer nofollow";
    a.textContent = piece.text;
    return a;
  });
}
