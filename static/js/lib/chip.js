// @ts-check
// What a file in the tray looks like: its name, how far it is, and what can be done with it.

/** @typedef {import("./tray.js").Item} Item */
/** @typedef {import("./tray.js").Options} Options */

/** @param {string} name @param {string} label @param {() => void} fn @returns {HTMLButtonElement} */
function chipButton(name, label, fn) {
  var b = document.createElement("button");
  b.type = "button";
  b.className = name;
  b.textContent = label;
  b.addEventListener("click", fn);
  return b;
}

/** Puts a chip into the list. @param {Options} o @param {string} name @param {{again: () => void, whole: () => void, remove: () => void}} on @returns {Item} */
export function makeChip(o, name, on) {
  var el = document.createElement(o.tag);
  el.className = "chip";
  var item = /** @type {Item} */ ({ state: "going", el: el });
  item.name = document.createElement("span");
  item.name.className = "cut";
  item.name.textContent = name;
  item.bar = document.createElement("progress");
  item.bar.max = 1;
  item.bar.value = 0;
  item.bar.setAttribute("aria-label", o.t(o.words.sending, { name: name }));
  item.note = document.createElement("span");
  item.note.className = "note";
  item.again = chipButton("again", o.t(o.words.again), on.again);
  item.again.setAttribute("aria-label", o.t(o.words.again) + ": " + name);
  item.whole = chipButton("whole", "", on.whole);
  item.again.hidden = item.whole.hidden = true;
  var x = chipButton("x", "×", on.remove);
  x.setAttribute("aria-label", o.t(o.words.remove, { name: name }));
  [item.name, item.bar, item.note, item.again, item.whole, x].forEach(function (part) { el.appendChild(part); });
  o.list.appendChild(el);
  return item;
}
