// @ts-check
// What the page offers at the moment, for the command palette: elements with keys, and the navigation.

/** @typedef {{text: string, hint: string, run: () => void}} Choice */

/** @param {HTMLElement} e */
const press = (e) => (e.matches("input") ? e.focus() : e.click());

/** @returns {Choice[]} */
export function commands() {
  const does = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-does]")]);
  const leads = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".rail a, .me .menu-box a")]);
  return [
    ...does
      .filter((e) => e.checkVisibility() && !e.closest("dialog"))
      .map((e) => ({ text: e.dataset.does ?? "", hint: (e.dataset.key ?? "").split(" ")[0].toUpperCase(), run: () => press(e) })),
    ...leads.map((e) => ({ text: e.querySelector(".name")?.textContent ?? e.textContent?.trim() ?? "", hint: "", run: () => press(e) })),
  ].filter((c, i, all) => c.text && all.findIndex((other) => other.text === c.text) === i);
}

/**
 * The first tickets of a fetched list, as choices.
 * @param {DocumentFragment} found
 * @param {(href: string) => void} open
 * @returns {Choice[]}
 */
export function ticketChoices(found, open) {
  const rows = /** @type {HTMLAnchorElement[]} */ ([...found.querySelectorAll(".row")]).slice(0, 12);
  return rows.map((row) => ({
    text: `#${row.dataset.number} ${row.querySelector(".row-who .cut")?.textContent} · ${row.querySelector(".row-text")?.textContent}`,
    hint: "",
    run: () => open(row.href),
  }));
}
