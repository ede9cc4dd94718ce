// @ts-check
// What the list offers: quick replies that fit, filled for this ticket, or variables with their values.
import { favourites, match } from "./macro-match.js";
import { BLANK, VARIABLES, fill } from "./macro-text.js";
import { t } from "./text.js";

/** @typedef {import("./macro-match.js").Macro} Macro */
/** @typedef {import("./macro-match.js").Ready} Ready */
/** @typedef {import("./macro-list.js").Choice} Choice */
/** @typedef {import("./macro-text.js").Values} Values */

const SHOWN = 60;
const FAVOURITES = 5;

/**
 * @param {Ready[]} all
 * @param {string} query "" shows the usual ones, then all by their groups
 * @param {Values} values
 * @param {(macro: Macro) => void} run
 * @returns {Choice[]}
 */
export function macroChoices(all, query, values, run) {
  const now = Date.now();
  /** @param {Macro} m @param {string} under @param {string[]} marks */
  const choice = (m, under, marks) => {
    const whole = fill(m.text, values);
    return { title: m.title, mark: marks.filter(Boolean).join(" · "), text: whole, under, whole, files: m.files, run: () => run(m) };
  };
  const slash = (/** @type {Macro} */ m) => (m.shortcut ? "/" + m.shortcut : "");
  if (query.trim()) return match(all, query, now, SHOWN).map((m) => choice(m, "", [...m.group, slash(m)]));
  const place = (/** @type {Macro} */ m) => [t("replies.scope." + m.scope), ...m.group].join(" › ");
  return [
    ...favourites(all, now, FAVOURITES).map((m) => choice(m, t("replies.often"), [slash(m)])),
    ...match(all, "", now, SHOWN).map((m) => choice(m, place(m), [slash(m)])),
  ];
}

/**
 * @param {string} query
 * @param {Values} values
 * @param {(value: string) => void} run
 * @returns {Choice[]}
 */
export function variableChoices(query, values, run) {
  const label = (/** @type {string} */ name) => t("replies.variable." + name);
  return VARIABLES.filter((name) => `${name} ${label(name)}`.toLowerCase().includes(query.toLowerCase())).map((name) => {
    const whole = fill(`{{${name}}}`, values);
    return { title: label(name), mark: name, text: whole === BLANK ? t("replies.no_value") : whole, whole, run: () => run(whole) };
  });
}
