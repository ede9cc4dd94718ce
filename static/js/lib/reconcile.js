// @ts-check
// Brings a list up to date without touching what is the same, so that focus and scrolling stay where they are.

/**
 * @param {Element} list as it is
 * @param {Element} fresh as it should be; it is used up
 * @param {string} key the data attribute that names a row
 */
export function reconcile(list, fresh, key) {
  const old = new Map([...list.querySelectorAll(`:scope > [data-${key}]`)].map((e) => [e.getAttribute("data-" + key), e]));
  const wanted = [...fresh.children].map((e) => {
    const kept = old.get(e.getAttribute("data-" + key) ?? "");
    if (!kept) return e;
    if (kept.outerHTML !== e.outerHTML) become(kept, e);
    return kept;
  });
  for (const e of [...list.children]) if (!wanted.includes(e)) e.remove();
  wanted.forEach((e, i) => {
    if (list.children[i] !== e) list.insertBefore(e, list.children[i] ?? null);
  });
}

/** @param {Element} kept @param {Element} fresh */
function become(kept, fresh) {
  for (const { name } of [...kept.attributes]) if (!fresh.hasAttribute(name)) kept.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) if (kept.getAttribute(name) !== value) kept.setAttribute(name, value);
  kept.replaceChildren(...fresh.childNodes);
}
