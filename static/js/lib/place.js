// @ts-check
// Where in the console an address leads.

/**
 * @param {string} href
 * @param {string} base
 * @returns {{path: string, here: string, ticket: boolean}} here is the query that stays while tickets are opened: the
 *   list, or what was looked for
 */
export function placeOf(href, base) {
  const url = new URL(href, base);
  const query = url.searchParams.get("q");
  const here = query ? "?q=" + encodeURIComponent(query) : "?list=" + encodeURIComponent(url.searchParams.get("list") || "unassigned");
  return { path: url.pathname, here, ticket: url.pathname !== "/tickets" };
}
