// @ts-check
// Which quick replies fit what somebody types. Pure: all of them lie in memory, 2,000 are looked through for every key.

/**
 * @typedef {object} Macro as app/macros writes it
 * @property {string} id
 * @property {"everyone" | "team" | "person"} scope
 * @property {string[]} group
 * @property {string} title
 * @property {string} [shortcut]
 * @property {string} text
 * @property {string[]} [initials]
 * @property {number} [files] how many it brings
 * @property {number} [uses]
 * @property {number} [used] Unix milliseconds
 */
/** @typedef {{macro: Macro, title: string, shortcut: string, group: string, text: string, initials: string[]}} Ready */

const DAY = 86_400_000;

/** @param {string} text */
const plain = (text) => text.normalize("NFKC").toLowerCase();

/**
 * Makes the forms that are compared, once.
 * @param {Macro[]} macros
 * @returns {Ready[]}
 */
export const prepare = (macros) =>
  macros.map((macro) => ({
    macro,
    title: plain(macro.title),
    shortcut: plain(macro.shortcut ?? ""),
    group: plain(macro.group.join(" ")),
    text: plain(macro.text),
    initials: macro.initials ?? [],
  }));

/** Where a word stands first in any of the readings; -1 for nowhere. @param {string[]} readings @param {string} word */
function place(readings, word) {
  let first = -1;
  for (const reading of readings) {
    const at = reading.indexOf(word);
    if (at === 0) return 0;
    if (at > 0) first = at;
  }
  return first;
}

/**
 * How well one word fits: a beginning is better than a middle, a shortcut better than a title, a title than a text.
 * @param {Ready} r
 * @param {string} word
 */
function fits(r, word) {
  if (r.shortcut === word) return 100;
  if (r.shortcut.startsWith(word)) return 80;
  if (r.title.startsWith(word)) return 75;
  const letters = place(r.initials, word);
  if (letters === 0) return 70;
  if (r.title.includes(word)) return 50;
  if (letters > 0 && word.length > 1) return 45;
  if (r.group.includes(word)) return 30;
  return r.text.includes(word) ? 20 : 0;
}

/**
 * What is used often and was used lately comes first among equals; at most 15.
 * @param {Macro} m
 * @param {number} now
 */
function habit(m, now) {
  const often = Math.min(Math.log2(1 + (m.uses ?? 0)), 10);
  const age = m.used ? (now - m.used) / DAY : Infinity;
  return often + (age < 1 ? 5 : age < 7 ? 3 : age < 30 ? 1 : 0);
}

/**
 * The quick replies that hold every word of the query, the best first. Without a query: all, in their order.
 * @param {Ready[]} all
 * @param {string} query
 * @param {number} now
 * @param {number} limit
 * @returns {Macro[]}
 */
export function match(all, query, now, limit) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return all.slice(0, limit).map((r) => r.macro);
  /** @type {{macro: Macro, score: number}[]} */
  const best = []; // sorted, at most limit: most of 2,000 fall out by one comparison
  for (const r of all) {
    let score = 0;
    for (const word of words) {
      const one = fits(r, word);
      score = one === 0 ? -Infinity : score + one;
    }
    if (score < 0) continue;
    score = score / words.length + habit(r.macro, now);
    if (best.length === limit && score <= best[limit - 1].score) continue;
    let at = best.length;
    while (at > 0 && best[at - 1].score < score) at--;
    best.splice(at, 0, { macro: r.macro, score });
    if (best.length > limit) best.pop();
  }
  return best.map((f) => f.macro);
}

/**
 * The few that are used most, for a list that nobody has typed into.
 * @param {Ready[]} all
 * @param {number} now
 * @param {number} limit
 */
export const favourites = (all, now, limit) =>
  all
    .filter((r) => (r.macro.uses ?? 0) > 0)
    .sort((a, b) => habit(b.macro, now) - habit(a.macro, now))
    .slice(0, limit)
    .map((r) => r.macro);

/**
 * Those that surely fit the line that is being written, though nobody asked: few, or none.
 * @param {Ready[]} all
 * @param {string} line
 * @param {number} now
 * @returns {Macro[]}
 */
export function strong(all, line, now) {
  const words = plain(line);
  const n = [...words].length;
  if (n < 2 || n > 24) return [];
  const sure = (/** @type {Ready} */ r) =>
    r.shortcut.startsWith(words) || r.title.includes(words) || (/^[a-z0-9]+$/.test(words) && place(r.initials, words) === 0) ||
    (n >= 3 && r.text.startsWith(words) && r.text !== words);
  return match(all.filter(sure), line, now, 3);
}
