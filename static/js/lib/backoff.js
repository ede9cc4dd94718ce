// @ts-check
// How long to wait before the next try.

const FIRST = 400;
const LONGEST = 15_000;

/**
 * Doubles with each try up to a limit; half of it is chance, so that a thousand clients do not come back at once.
 * @param {number} tries how many have failed in a row
 * @param {() => number} [random] 0 … 1
 */
export function backoff(tries, random = Math.random) {
  const full = Math.min(FIRST * 2 ** Math.min(tries, 10), LONGEST);
  return Math.round(full / 2 + (full / 2) * random());
}
