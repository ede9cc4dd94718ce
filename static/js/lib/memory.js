// @ts-check
// What this browser remembers of how somebody likes the console: widths, whether the panel is open.

/** @param {string} name @param {string} fallback */
export function recall(name, fallback) {
  try {
    return localStorage.getItem("huiyin." + name) ?? fallback;
  } catch {
    return fallback;
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem("huiyin." + name, value);
  } catch {
    // Storage is refused: it is only a convenience.
  }
}
