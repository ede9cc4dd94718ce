// @ts-check
// Lists whose items are dragged by a handle, with mouse, pen or finger. Keys are the owner's.

const SLIP = 4; // px that a press may move and still be a press
const EDGE = 60; // px from the window's edge where the page begins to scroll

/**
 * @param {HTMLElement} root
 * @param {string} items selector of what is dragged
 * @param {string} handles selector of what it is dragged by
 * @param {string} lists selector of the lists that take items, empty ones too
 * @param {(item: HTMLElement) => void} dropped told when an item has another place
 * @param {boolean} [stay] an item stays in its list
 */
export function sortable(root, items, handles, lists, dropped, stay = false) {
  root.addEventListener("pointerdown", (down) => {
    const handle = /** @type {HTMLElement | null} */ (/** @type {Element} */ (down.target).closest(handles));
    const item = /** @type {HTMLElement | null} */ (handle?.closest(items) ?? null);
    if (!handle || !item || down.button !== 0) return;
    const before = [item.parentElement, item.nextElementSibling];
    let dragging = false;
    handle.setPointerCapture(down.pointerId);
    const move = (/** @type {PointerEvent} */ e) => {
      if (!dragging && Math.abs(e.clientY - down.clientY) < SLIP) return;
      dragging = true;
      item.classList.add("dragged");
      if (e.clientY < EDGE || e.clientY > innerHeight - EDGE) item.scrollIntoView({ block: "center", behavior: "smooth" });
      place(stay ? /** @type {HTMLElement} */ (item.parentElement) : root, item, e, items, lists);
    };
    const end = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      item.classList.remove("dragged");
      if (dragging && (item.parentElement !== before[0] || item.nextElementSibling !== before[1])) dropped(item);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  });
}

/**
 * Puts an item where the pointer is: before or after the one below it, or into the list.
 * @param {HTMLElement} root
 * @param {HTMLElement} item
 * @param {PointerEvent} e
 * @param {string} items
 * @param {string} lists
 */
function place(root, item, e, items, lists) {
  for (const other of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(items))) {
    const { top, bottom, height } = other.getBoundingClientRect();
    if (other === item || e.clientY < top || e.clientY > bottom) continue;
    const after = e.clientY > top + height / 2;
    if (after ? other.nextElementSibling !== item : other.previousElementSibling !== item) other[after ? "after" : "before"](item);
    return;
  }
  for (const list of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(lists))) {
    const { top, bottom } = /** @type {HTMLElement} */ (list.parentElement).getBoundingClientRect();
    if (e.clientY < top || e.clientY > bottom || list === item.parentElement || list.querySelector(items)) continue;
    list.append(item);
    return;
  }
}
